"""Running ffmpeg: limited, supervised, and never opening more than the files it is given.

Callers name the format of every input (`-f` before `-i`): for data of others a guess could be a
playlist, which opens further files and addresses. Protocols other than files are refused anyway.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
import time
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from pipeline_defs import policies
from pipeline_defs.media import folders
from pipeline_defs.media.encoder_process import run_supervised
from pipeline_defs.media.feeding import Feed
from pipeline_defs.media.slots import encoder_slot


async def run_ffmpeg(
    arguments: Sequence[str],
    *,
    folder: Path,
    deadline: float,
    feed: Feed | None = None,
    heavy: bool = False,
) -> str:
    """Run ffmpeg in `folder` and return what it reported.

    `feed` writes its standard input, in a thread of its own. A `heavy` job waits for one of the
    machine's encoder slots first; `deadline`, in seconds, counts from then on. However this ends,
    no process is left. Raises `Transient` ENCODER_TIMEOUT, ENCODER_STOPPED (from outside) and
    `Permanent` ENCODER_FAILED.
    """
    async with encoder_slot() if heavy else contextlib.nullcontext():
        return await run_supervised([executable(), *_confined(arguments)], folder, deadline, feed)


@asynccontextmanager
async def workspace() -> AsyncGenerator[Path]:
    """A temporary folder, removed at the end; what killed processes left goes too."""
    parent = folders.own_folder("media")
    _remove_leftovers(parent)
    folder = Path(tempfile.mkdtemp(dir=parent))
    held = folders.lock(folder)
    try:
        yield folder
    finally:
        shutil.rmtree(folder)
        if held is not None:
            os.close(held)


def executable() -> str:
    """The ffmpeg that comes with the environment."""
    from imageio_ffmpeg import get_ffmpeg_exe

    return get_ffmpeg_exe()


def _confined(arguments: Sequence[str]) -> list[str]:
    """The arguments, every input of which may open nothing but files and pipes."""
    found = ["-hide_banner", "-nostdin", "-nostats", "-y"]
    found += ["-filter_threads", "1", "-filter_complex_threads", "1"]
    for argument in arguments:
        if argument == "-i":
            found += ["-protocol_whitelist", "file,pipe", "-threads", "1"]
        found.append(argument)
    return found


def _remove_leftovers(parent: Path) -> None:
    """Remove folders that no living process holds; very new ones may be about to be locked."""
    for folder in parent.iterdir():
        with contextlib.suppress(FileNotFoundError, NotADirectoryError):
            if time.time() - folder.stat().st_mtime < policies.WORKSPACE_GRACE:
                continue
            if (held := folders.lock(folder)) is not None:
                shutil.rmtree(folder, ignore_errors=True)
                os.close(held)
