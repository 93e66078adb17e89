"""The length of a lecture on the command line."""

from __future__ import annotations

import re
from typing import Any

import click

from pipeline_defs import policies

NUMBER = re.compile(r"(\d{1,4}(?:\.\d{0,20})?|\.\d{1,20})(?:/(\d{1,4}))?", re.ASCII)
TOLERANCE = 1  # second: so 1.667 means 100 seconds
MOST = policies.LECTURE_MAX_SECONDS // 60
STEP = policies.SEGMENT_SECONDS
HELP = f"Length: {STEP} seconds to {MOST} minutes, in steps of {STEP} seconds: 0.5, 1, 1.5; or 1/6."


class Minutes(click.ParamType[float]):
    """Parses minutes as a number or a fraction, in whole segments."""

    name = "minutes"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> float:
        """The minutes; usage error for what is no possible length."""
        seconds = _seconds(str(value).strip())
        if seconds is None:
            self.fail(
                f"{value!r} is no possible length: give minutes in steps of {STEP} seconds, up to "
                f"{MOST}, such as 0.5, 1, 1.5 or 1/6.",
                param,
                ctx,
            )
        return seconds / 60


def _seconds(text: str) -> int | None:
    found = NUMBER.fullmatch(text)
    if found is None or (found[2] is not None and int(found[2]) == 0):
        return None
    seconds = 60 * float(found[1]) / int(found[2] or 1)
    nearest = round(seconds / STEP) * STEP
    near = nearest >= STEP and abs(seconds - nearest) <= TOLERANCE
    return nearest if near and seconds <= policies.LECTURE_MAX_SECONDS else None
