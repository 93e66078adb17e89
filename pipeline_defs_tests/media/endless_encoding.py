"""A process that encodes until it is killed. Argument: what ties both, `signal` or `lifeline`."""

from __future__ import annotations

import asyncio
import sys

from pipeline_defs.media import encoder_process
from pipeline_defs.media.ffmpeg import run_ffmpeg, workspace

ENDLESS = ("-re", "-f", "lavfi", "-i", "color=s=64x64", "-f", "null", "-")


async def main(tie: str) -> None:
    encoder_process._HAS_DEATH_SIGNAL = tie == "signal" and sys.platform == "linux"
    async with workspace() as folder:
        print(folder, flush=True)  # noqa: T201
        await run_ffmpeg(ENDLESS, folder=folder, deadline=60, heavy=True)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
