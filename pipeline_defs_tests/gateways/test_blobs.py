from __future__ import annotations

import asyncio
import hashlib
import os
from pathlib import Path

import pytest

from pipeline_defs.domain.errors import PipelineError
from pipeline_defs.gateways.blob_objects import ObjectBlobs
from pipeline_defs.gateways.blobs import BlobRef, BlobStore
from pipeline_defs_tests.gateways.scripted_server import Answer, ScriptedServer


@pytest.fixture(params=["file", "memory"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> BlobStore:
    url = (tmp_path / "a folder" / "blobs").as_uri() if request.param == "file" else "memory:///"
    return BlobStore(url)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "blobs"


async def test_what_is_put_can_be_got_by_its_hash(store: BlobStore) -> None:
    ref = await store.put(b"hello", "text/plain")
    assert ref == BlobRef(hashlib.sha256(b"hello").hexdigest(), 5, "text/plain")
    assert await store.exists(ref)
    assert await store.get(ref) == b"hello"
    assert BlobRef(**ref.as_dict()) == ref


async def test_an_empty_blob_and_a_repeated_put_are_fine(store: BlobStore) -> None:
    first = await store.put(b"", "text/plain")
    assert await store.put(b"", "text/plain") == first
    assert await store.get(first) == b""


async def test_a_missing_blob_is_permanently_missing(store: BlobStore) -> None:
    ref = BlobRef.of(b"never stored", "text/plain")
    assert not await store.exists(ref)
    with pytest.raises(PipelineError, match="BLOB_MISSING"):
        await store.get(ref)


async def test_a_local_blob_lies_under_its_hash_and_no_temporary_file_stays(folder: Path) -> None:
    store = BlobStore(folder.as_uri())
    refs = await asyncio.gather(*(store.put(b"same", "text/plain") for _ in range(10)))
    sha = refs[0].sha256
    files = [path for path in folder.rglob("*") if path.is_file()]
    assert files == [folder / sha[:2] / sha[2:4] / sha]


async def test_a_corrupted_blob_is_refused_and_healed_by_putting_it_again(folder: Path) -> None:
    store = BlobStore(folder.as_uri())
    ref = await store.put(b"hello", "text/plain")
    (folder / ref.path).write_bytes(b"hellO")
    with pytest.raises(PipelineError, match="BLOB_CORRUPT"):
        await store.get(ref)
    await store.put(b"hello", "text/plain")
    assert await store.get(ref) == b"hello"


async def test_a_truncated_blob_does_not_count_as_there(folder: Path) -> None:
    store = BlobStore(folder.as_uri())
    ref = await store.put(b"hello", "text/plain")
    (folder / ref.path).write_bytes(b"")
    assert not await store.exists(ref)


async def test_a_failed_write_leaves_nothing_behind_and_is_worth_another_try(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A full disk shows at the sync: neither a name nor a temporary file may stay."""

    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    store = BlobStore(folder.as_uri())
    await store.put(b"before", "text/plain")
    kept = {path for path in folder.rglob("*") if path.is_file()}
    ref = BlobRef.of(b"after", "text/plain")
    (folder / ref.path).parent.mkdir(parents=True)
    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", full)
        with pytest.raises(PipelineError) as caught:
            await store.put(b"after", "text/plain")
    assert caught.value.code == "BLOB_STORE"
    assert caught.value.retryable
    assert {path for path in folder.rglob("*") if path.is_file()} == kept


@pytest.mark.parametrize("sha", ["", "../../etc/passwd", "A" * 64, "a" * 63])
def test_a_reference_that_is_no_hash_is_refused(sha: str) -> None:
    with pytest.raises(ValueError, match="SHA-256"):
        BlobRef(sha, 1, "text/plain")


def test_an_unknown_kind_of_store_names_the_variable() -> None:
    with pytest.raises(PipelineError, match="BLOB_URL"):
        BlobStore("ftp://host/x")


def test_the_cloud_stores_are_configuration(monkeypatch: pytest.MonkeyPatch) -> None:
    """They open without a connection; the first request would make one."""
    monkeypatch.setenv("AWS_REGION", "eu-central-1")
    for url in ("s3://bucket/some/prefix", "gs://bucket/prefix"):
        assert ObjectBlobs(url).opened() is not None


@pytest.mark.parametrize(
    ("status", "code"), [(403, "UNAUTHORIZED"), (404, "BLOB_MISSING"), (500, "BLOB_STORE")]
)
async def test_what_a_cloud_store_answers_is_classified(
    status: int, code: str, server: ScriptedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in {
        "AWS_ENDPOINT_URL": server.url,
        "AWS_ALLOW_HTTP": "true",
        "AWS_REGION": "eu-central-1",
        "AWS_ACCESS_KEY_ID": "id",
        "AWS_SECRET_ACCESS_KEY": "canary-secret",
    }.items():
        monkeypatch.setenv(name, value)
    server.default = lambda _: Answer(b"<Error/>", status)
    ref = BlobRef.of(b"hello", "text/plain")
    with pytest.raises(PipelineError) as caught:
        await BlobStore("s3://bucket/prefix").get(ref)
    assert caught.value.code == code
    assert "canary-secret" not in str(caught.value)
    assert server.requests[0].path.endswith(f"/prefix/{ref.path}")
