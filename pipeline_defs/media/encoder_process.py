"""One encoder process from its start to its end: tethered, timed, and collected in every case."""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
import signal
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import Sequence
from pathlib import Path

from pipeline_defs import policies
from pipeline_defs.domain.errors import Permanent, PipelineError, Transient
from pipeline_defs.media.feeding import Feed, Feeding

_TETHER = Path(__file__).with_name("tether.py")
_HAS_DEATH_SIGNAL = sys.platform == "linux"
_STOPPED_FROM_OUTSIDE = (signal.SIGKILL, signal.SIGTERM, signal.SIGINT, signal.SIGHUP)
_UNNAMED = re.compile(r"^\[[^\]]*\] *")  # "[mp3 @ 0x55d0] ", which differs from run to run
_PATH = re.compile(r"(?:file:)?/[^\s'\":]+")
_EMPTY_WORDS = ("Conversion failed!", "Error opening input file", "Error opening output file")


async def run_supervised(
    command: Sequence[str], folder: Path, deadline: float, feed: Feed | None
) -> str:
    """Run an encoder's command in `folder` and return what it reported; see `run_ffmpeg`."""
    with contextlib.ExitStack() as opened:
        lifeline = None if _HAS_DEATH_SIGNAL else _Lifeline(opened)
        if feed is None:
            process = await _started(command, folder, DEVNULL, lifeline)
            return await _outcome(process, deadline, folder)
        with Feeding(feed) as feeding:
            process = await _started(command, folder, feeding.reading_end, lifeline)
            feeding.begin()
            return await _outcome(process, deadline, folder)


async def _started(
    command: Sequence[str], folder: Path, source: int, lifeline: _Lifeline | None
) -> Process:
    limits = (
        *(policies.ENCODER_CPU_SECONDS, policies.ENCODER_FILE_BYTES),
        *(policies.ENCODER_MEMORY_BYTES, policies.ENCODER_NICENESS),
    )
    inherited = () if lifeline is None else (lifeline.reading_end,)
    tether = (str(_TETHER), str(os.getpid()), str(inherited[0] if inherited else -1))
    return await asyncio.create_subprocess_exec(
        *(sys.executable, "-I", "-S", *tether, *map(str, limits), *command),
        stdin=source,
        stdout=DEVNULL,
        stderr=PIPE,
        cwd=folder,
        start_new_session=True,
        pass_fds=inherited,
    )


class _Lifeline:
    """A pipe that closes with this process, where the kernel does not watch over its children."""

    def __init__(self, opened: contextlib.ExitStack) -> None:
        self.reading_end, writing_end = os.pipe()
        opened.callback(os.close, self.reading_end)
        opened.callback(os.close, writing_end)


async def _outcome(process: Process, deadline: float, folder: Path) -> str:
    try:
        async with asyncio.timeout(deadline):
            report = await _report(process)
            code = await process.wait()
    except TimeoutError as error:
        raise Transient(
            "ENCODER_TIMEOUT", f"encoding took longer than {deadline:g} seconds"
        ) from error
    finally:
        if process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            await asyncio.shield(_reaped(process))
    if code != 0:
        raise _failure(code, report, folder)
    return report


async def _report(process: Process) -> str:
    """All it writes, of which the end is kept when it is too much."""
    kept = b""
    while process.stderr and (block := await process.stderr.read(65_536)):
        kept = (kept + block)[-policies.ENCODER_REPORT_BYTES :]
    return kept.decode("utf-8", "replace")


async def _reaped(process: Process) -> None:
    await _report(process)  # a pipe nobody reads would keep the process from being collected
    await process.wait()


def _failure(code: int, report: str, folder: Path) -> PipelineError:
    if -code in _STOPPED_FROM_OUTSIDE or "received signal" in report:
        return Transient("ENCODER_STOPPED", "the encoder was stopped from outside")
    if code < 0:
        reason = f"ended by {signal.Signals(-code).name}, as when it exceeds its limits"
    else:
        reason = _reason(report, folder)
    return Permanent(
        "ENCODER_FAILED",
        f"the encoder failed: {reason}",
        advice="The media it was given is likely damaged: make it again.",
    )


def _reason(report: str, folder: Path) -> str:
    """The last line that says something, without places of this machine."""
    for line in reversed(report.splitlines()):
        text = _PATH.sub("…", _UNNAMED.sub("", line).replace(f"{folder}/", "")).strip()
        if text and not text.startswith(_EMPTY_WORDS):
            return text[:300]
    return "it gave no reason"
