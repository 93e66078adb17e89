"""Encoders end with their work, their deadline or their worker, and open nothing else."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

import psutil
import pytest

from pipeline_defs import policies
from pipeline_defs.domain.errors import Permanent, Transient
from pipeline_defs.media import folders
from pipeline_defs.media.ffmpeg import run_ffmpeg, workspace
from pipeline_defs_tests.media import specimens
from pipeline_defs_tests.media.endless_encoding import ENDLESS

MODULE = "pipeline_defs_tests.media.endless_encoding"
NOWHERE = ("-f", "null", "-")
RAW = ("-f", "rawvideo", "-pix_fmt", "gray", "-s", "64x64", "-i", "pipe:0")


def encoders(of: int | None = None) -> list[psutil.Process]:
    """Living descendants of a process that are, or are about to become, an encoder."""
    return [child for child in psutil.Process(of).children(recursive=True) if is_encoder(child)]


def is_encoder(process: psutil.Process) -> bool:
    try:
        return is_alive(process) and any("ffmpeg" in word for word in process.cmdline())
    except (psutil.NoSuchProcess, psutil.ZombieProcess):
        return False


def is_alive(process: psutil.Process) -> bool:
    try:
        return process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def running(found: list[psutil.Process]) -> list[psutil.Process]:
    """Those of them that have become ffmpeg itself."""
    return [process for process in found if "ffmpeg" in "".join(process.cmdline()[:1])]


async def wait_for_encoder() -> psutil.Process:
    for _ in range(500):
        if found := running(encoders()):
            return found[0]
        await asyncio.sleep(0.02)
    raise AssertionError("no encoder started")


@pytest.fixture
def worker(request: pytest.FixtureRequest) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-m", MODULE, str(request.param)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    yield process
    process.kill()
    process.communicate()


async def test_a_failure_names_its_reason_and_no_place_of_this_machine(tmp_path: Path) -> None:
    (tmp_path / "source.mp4").write_bytes(b"no video at all")
    with pytest.raises(Permanent) as failed:
        await run_ffmpeg(
            ["-f", "mp4", "-i", str(tmp_path / "source.mp4"), *NOWHERE], folder=tmp_path, deadline=9
        )
    assert failed.value.code == "ENCODER_FAILED"
    assert "Invalid data" in failed.value.message
    assert "/" not in failed.value.message


async def test_at_its_deadline_an_encoder_is_killed(tmp_path: Path) -> None:
    with pytest.raises(Transient) as failed:
        await run_ffmpeg(ENDLESS, folder=tmp_path, deadline=0.4)
    assert failed.value.code == "ENCODER_TIMEOUT"
    assert encoders() == []


async def test_a_cancelled_encoding_leaves_no_process(tmp_path: Path) -> None:
    work = asyncio.create_task(run_ffmpeg(ENDLESS, folder=tmp_path, deadline=60, heavy=True))
    await wait_for_encoder()
    work.cancel()
    with pytest.raises(asyncio.CancelledError):
        await work
    assert encoders() == []


async def test_an_encoder_killed_by_somebody_else_is_worth_another_try(tmp_path: Path) -> None:
    work = asyncio.create_task(run_ffmpeg(ENDLESS, folder=tmp_path, deadline=60))
    (await wait_for_encoder()).kill()
    with pytest.raises(Transient) as failed:
        await work
    assert failed.value.code == "ENCODER_STOPPED"


@pytest.mark.parametrize("worker", ["signal", "lifeline"], indirect=True)
def test_kill_9_of_a_worker_takes_its_encoder_along(worker: subprocess.Popen[str]) -> None:
    """Fault 53. Both ways: by the kernel's signal, and by the pipe used where there is none."""
    assert worker.stdout is not None
    folder = Path(worker.stdout.readline().strip())
    started = time.monotonic()
    while not (found := running(encoders(worker.pid))):
        assert time.monotonic() - started < 20
        time.sleep(0.05)
    worker.kill()
    worker.wait()
    gone_by = time.monotonic() + 2
    while any(map(is_alive, found)) and time.monotonic() < gone_by:
        time.sleep(0.02)
    assert not any(map(is_alive, found))
    assert folder.exists()
    os.utime(folder, (0, 0))  # as if it had been made long ago

    async def work_again() -> None:
        async with workspace():
            assert not folder.exists()

    asyncio.run(work_again())


async def test_an_encoder_sees_nothing_of_the_workers_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PIPELINE_SECRET_FOR_TEST", "do not tell")
    work = asyncio.create_task(run_ffmpeg(ENDLESS, folder=tmp_path, deadline=60))
    assert (await wait_for_encoder()).environ() == {}
    work.cancel()
    with pytest.raises(asyncio.CancelledError):
        await work


async def test_playlists_open_no_address_and_no_file(tmp_path: Path) -> None:
    """Fault 72, for inputs whose format would allow it; the callers allow no such format."""
    asked: list[bytes] = []

    async def listen(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked.append(await reader.read(100))
        writer.close()

    server = await asyncio.start_server(listen, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    address = f"http://127.0.0.1:{port}/part.ts".encode()
    canary = tmp_path / "elsewhere" / "canary.mp4"
    canary.parent.mkdir()
    specimens.video(canary, seconds=0.2)
    lists = {
        "hls": specimens.PLAYLIST % address,
        "concat": specimens.CONCAT % address,
        "mp4": specimens.PLAYLIST % address,
        "mp3": specimens.CONCAT % str(canary).encode(),
    }
    async with server:
        for kind, content in lists.items():
            (tmp_path / "list").write_bytes(content)
            with pytest.raises(Permanent, match="ENCODER_FAILED"):
                await run_ffmpeg(["-f", kind, "-i", "list", *NOWHERE], folder=tmp_path, deadline=9)
        (tmp_path / "list").write_bytes(specimens.CONCAT % str(canary).encode())
        with pytest.raises(Permanent, match="ENCODER_FAILED"):
            await run_ffmpeg(
                ["-f", "concat", "-safe", "1", "-i", "list", *NOWHERE], folder=tmp_path, deadline=9
            )
    assert asked == []


async def test_an_encoder_cannot_fill_the_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(policies, "ENCODER_FILE_BYTES", 100_000)
    endless = ["-f", "lavfi", "-i", "color=s=640x360", "-c:v", "rawvideo", "-f", "avi", "out.avi"]
    with pytest.raises(Permanent, match="ENCODER_FAILED"):
        await run_ffmpeg(endless, folder=tmp_path, deadline=20)
    assert (tmp_path / "out.avi").stat().st_size <= 100_000


async def test_what_is_fed_is_encoded_to_the_last_frame(tmp_path: Path) -> None:
    def feed(pipe: BinaryIO) -> None:
        for _ in range(70):
            pipe.write(bytes(64 * 64))

    report = await run_ffmpeg([*RAW, *NOWHERE], folder=tmp_path, deadline=20, feed=feed)
    assert "frame=   70" in report


async def test_a_failure_to_feed_is_not_swallowed(tmp_path: Path) -> None:
    def feed(pipe: BinaryIO) -> None:
        raise ArithmeticError("the frames could not be drawn")

    with pytest.raises(ArithmeticError):
        await run_ffmpeg([*RAW, *NOWHERE], folder=tmp_path, deadline=20, feed=feed)


async def test_a_feeder_of_a_failed_encoder_comes_to_an_end(tmp_path: Path) -> None:
    def feed(pipe: BinaryIO) -> None:
        while True:
            pipe.write(bytes(1 << 20))

    with pytest.raises(Permanent, match="ENCODER_FAILED"):
        await run_ffmpeg(
            ["-f", "rawvideo", "-i", "pipe:0", *NOWHERE], folder=tmp_path, deadline=20, feed=feed
        )


async def test_a_workspace_is_removed_whatever_happens() -> None:
    made: list[Path] = []

    async def fail() -> None:
        async with workspace() as folder:
            made.append(folder)
            (folder / "inside").mkdir()
            (folder / "inside" / "file").write_bytes(b"x")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await fail()
    assert not made[0].exists()


async def test_the_workspace_of_a_living_process_is_left_alone() -> None:
    async with workspace() as first:
        os.utime(first, (0, 0))
        async with workspace():
            assert first.exists()


def test_a_folder_of_somebody_else_is_not_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(folders.tempfile, "gettempdir", lambda: str(tmp_path))
    (tmp_path / "target").mkdir()
    (tmp_path / f"pipeline-media-{os.getuid()}").symlink_to(tmp_path / "target")
    with pytest.raises(PermissionError):
        folders.own_folder("media")
