"""Large content: files in and out, parts of it, deletion; all in bounded memory."""

from __future__ import annotations

import asyncio
import hashlib
import os
import tracemalloc
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from pipeline_defs.domain.errors import PipelineError
from pipeline_defs.gateways import blob_folder, blob_objects
from pipeline_defs.gateways.blobs import BlobRef, BlobStore
from pipeline_defs_tests.gateways.scripted_server import Answer, Request, ScriptedServer

CONTENT = bytes(range(256)) * 40  # 10 240 bytes


@pytest.fixture(params=["file", "memory"])
def store(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> BlobStore:
    """With pieces of 1000 bytes, so that a small blob has many."""
    monkeypatch.setattr(blob_folder, "PIECE", 1000)
    monkeypatch.setattr(blob_objects, "PIECE", 1000)
    return BlobStore((tmp_path / "blobs").as_uri() if request.param == "file" else "memory:///")


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "film.mp4"
    path.write_bytes(CONTENT)
    return path


async def read(pieces: AsyncIterator[bytes]) -> bytes:
    return b"".join([piece async for piece in pieces])


async def test_a_file_is_stored_under_its_hash_and_comes_back_whole(
    store: BlobStore, source: Path, tmp_path: Path
) -> None:
    ref = await store.put_file(source, "video/mp4")
    assert ref == BlobRef.of(CONTENT, "video/mp4")
    assert await store.get(ref) == CONTENT
    back = tmp_path / "back.mp4"
    await store.fetch_to(ref, back)
    assert back.read_bytes() == CONTENT
    assert source.read_bytes() == CONTENT


async def test_a_file_that_is_not_there_is_no_matter_of_the_store(
    store: BlobStore, tmp_path: Path
) -> None:
    with pytest.raises(FileNotFoundError):
        await store.put_file(tmp_path / "none", "video/mp4")


@pytest.mark.parametrize(
    ("start", "end"), [(0, 10_240), (0, 1), (999, 1001), (5000, 5000), (10_239, 10_240)]
)
async def test_any_part_can_be_streamed(
    store: BlobStore, source: Path, start: int, end: int
) -> None:
    ref = await store.put_file(source, "video/mp4")
    pieces = [piece async for piece in store.stream(ref, start, end)]
    assert b"".join(pieces) == CONTENT[start:end]
    assert all(0 < len(piece) <= 1000 for piece in pieces)


@pytest.mark.parametrize(("start", "end"), [(-1, 5), (5, 4), (0, 10_241)])
async def test_a_part_that_is_none_is_a_mistake_of_the_caller(
    store: BlobStore, source: Path, start: int, end: int
) -> None:
    ref = await store.put_file(source, "video/mp4")
    with pytest.raises(ValueError, match="no part of"):
        await read(store.stream(ref, start, end))


async def test_an_empty_file_is_a_blob_too(store: BlobStore, tmp_path: Path) -> None:
    (tmp_path / "empty").touch()
    ref = await store.put_file(tmp_path / "empty", "text/plain")
    assert await read(store.stream(ref, 0, 0)) == b""
    await store.fetch_to(ref, tmp_path / "back")
    assert (tmp_path / "back").read_bytes() == b""


async def test_what_is_missing_is_said_and_no_file_appears(
    store: BlobStore, tmp_path: Path
) -> None:
    ref = BlobRef.of(b"never stored", "text/plain")
    with pytest.raises(PipelineError, match="BLOB_MISSING"):
        await read(store.stream(ref, 0, 3))
    with pytest.raises(PipelineError, match="BLOB_MISSING"):
        await store.fetch_to(ref, tmp_path / "back")
    assert not (tmp_path / "back").exists()
    assert not list(tmp_path.glob(".back*"))


async def test_deleting_is_done_once_and_again_without_harm(store: BlobStore, source: Path) -> None:
    ref = await store.put_file(source, "video/mp4")
    await store.delete(ref)
    assert not await store.exists(ref)
    await store.delete(ref)
    assert await store.put_file(source, "video/mp4") == ref
    assert await store.exists(ref)


async def test_changed_content_is_found_by_reading_all_of_it_and_healed_by_the_file(
    tmp_path: Path, source: Path
) -> None:
    folder = tmp_path / "blobs"
    store = BlobStore(folder.as_uri())
    ref = await store.put_file(source, "video/mp4")
    (folder / ref.path).write_bytes(CONTENT[:-1] + b"X")
    with pytest.raises(PipelineError, match="BLOB_CORRUPT"):
        await read(store.stream(ref, 0, ref.size))
    with pytest.raises(PipelineError, match="BLOB_CORRUPT"):
        await store.fetch_to(ref, tmp_path / "back")
    assert not (tmp_path / "back").exists()
    await store.put_file(source, "video/mp4")
    assert await store.get(ref) == CONTENT


async def test_cut_content_is_found_by_its_size_before_a_byte_is_sent(
    tmp_path: Path, source: Path
) -> None:
    folder = tmp_path / "blobs"
    store = BlobStore(folder.as_uri())
    ref = await store.put_file(source, "video/mp4")
    (folder / ref.path).write_bytes(CONTENT[:100])
    with pytest.raises(PipelineError, match="BLOB_CORRUPT"):
        await read(store.stream(ref, 0, 10))


async def test_files_stored_at_once_leave_one_blob_and_no_temporary_file(
    tmp_path: Path, source: Path
) -> None:
    folder = tmp_path / "blobs"
    store = BlobStore(folder.as_uri())
    refs = await asyncio.gather(*(store.put_file(source, "video/mp4") for _ in range(8)))
    assert [path for path in folder.rglob("*") if path.is_file()] == [folder / refs[0].path]


async def test_a_full_disk_leaves_nothing_behind_and_is_worth_another_try(
    tmp_path: Path, source: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    folder = tmp_path / "blobs"
    folder.mkdir()
    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", full)
        with pytest.raises(PipelineError) as caught:
            await BlobStore(folder.as_uri()).put_file(source, "video/mp4")
    assert (caught.value.code, caught.value.retryable) == ("BLOB_STORE", True)
    assert list(folder.iterdir()) == []


async def test_a_working_folder_that_is_gone_is_told_from_a_missing_blob(
    store: BlobStore, source: Path, tmp_path: Path
) -> None:
    ref = await store.put_file(source, "video/mp4")
    with pytest.raises(PipelineError) as caught:
        await store.fetch_to(ref, tmp_path / "gone" / "back")
    assert (caught.value.code, caught.value.retryable) == ("WORK_FILE", True)


async def test_a_large_film_never_lies_in_memory_as_a_whole(tmp_path: Path) -> None:
    store = BlobStore((tmp_path / "blobs").as_uri())
    film = tmp_path / "film"
    film.write_bytes(os.urandom(1_000_000) * 40)
    tracemalloc.start()
    try:
        ref = await store.put_file(film, "video/mp4")
        await store.fetch_to(ref, tmp_path / "back")
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 10_000_000
    assert hashlib.sha256((tmp_path / "back").read_bytes()).hexdigest() == ref.sha256


async def test_a_cloud_store_is_read_piece_by_piece(
    server: ScriptedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in {
        "AWS_ENDPOINT_URL": server.url,
        "AWS_ALLOW_HTTP": "true",
        "AWS_REGION": "eu-central-1",
        "AWS_ACCESS_KEY_ID": "id",
        "AWS_SECRET_ACCESS_KEY": "canary-secret",
    }.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(blob_objects, "PIECE", 4000)
    server.default = cloud
    ref = BlobRef.of(CONTENT, "video/mp4")
    assert await read(BlobStore("s3://bucket").stream(ref, 100, 10_100)) == CONTENT[100:10_100]
    ranges = [request.headers["range"] for request in server.requests if request.method == "GET"]
    assert ranges == ["bytes=100-4099", "bytes=4100-8099", "bytes=8100-10099"]


def cloud(request: Request) -> Answer:
    """An object store that holds `CONTENT` under every name."""
    headers = {"etag": '"1"', "last-modified": "Mon, 23 Nov 2026 12:00:00 GMT"}
    if request.method == "HEAD":
        return Answer(b"", 200, headers, claimed_length=len(CONTENT))
    first, _, last = request.headers["range"].removeprefix("bytes=").partition("-")
    part = CONTENT[int(first) : int(last) + 1]
    headers["content-range"] = f"bytes {first}-{last}/{len(CONTENT)}"
    return Answer(part, 206, headers)
