"""Text for the terminal: tables, money, and foreign text without control characters."""

from __future__ import annotations

import io
import re
import shutil
import sys
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

from rich import box
from rich.console import Console, RenderableType
from rich.table import Table
from rich.text import Text

WIDE = 10_000  # where nobody watches, a row is one line, however long
# all control characters but tab and line feed: a title must not be able to steer the terminal
CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
EMPTY_LINES = re.compile(r"\n{3,}")
STYLES = {
    "completed": "green",
    "generating": "yellow",
    "researching": "yellow",
    "writing": "yellow",
    "working": "yellow",
    "incomplete": "yellow",
    "stale": "yellow",
    "skipped": "yellow",
    "ready": "green",
    "FAILED": "red",
    "failed": "red",
    "cancelled": "magenta",
}


def render(*parts: RenderableType) -> str:
    """The parts below each other, as wide as the terminal; never two empty lines."""
    watched = sys.stdout.isatty()
    width = shutil.get_terminal_size().columns if watched else WIDE
    file = io.StringIO()
    console = Console(file=file, width=width, force_terminal=watched, highlight=False)
    for part in parts:
        console.print(part, soft_wrap=isinstance(part, Text))
    lines = "\n".join(line.rstrip() for line in file.getvalue().rstrip().splitlines())
    return EMPTY_LINES.sub("\n\n", lines)


def table(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> Table:
    """A table. A column whose name begins with `>` is of numbers; a status is coloured."""
    made = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False)
    for column in columns:
        number = column.startswith(">")
        made.add_column(
            column.removeprefix(">"), justify="right" if number else "left", no_wrap=number
        )
    for row in rows:
        made.add_row(*(cell(value) for value in row))
    return made


def cell(value: object) -> Text:
    """A value of a table."""
    text = "" if value is None else one_line(str(value))
    return Text(text, style=STYLES.get(text, ""))


def line(*parts: object, style: str = "") -> Text:
    """A line of text; its parts are separated by dots."""
    return Text(" · ".join(one_line(str(part)) for part in parts if part), style=style)


def plain(text: str) -> str:
    """`text` without characters that steer a terminal."""
    return CONTROL.sub("", text)


def one_line(text: str) -> str:
    """The same on one line."""
    return " ".join(plain(text).split())


def counted(number: int, noun: str) -> str:
    """`1 word`, `2 words`."""
    return f"{number} {noun}{'' if number == 1 else 's'}"


def usd(amount: float) -> str:
    """Money, with as many digits as small sums need."""
    size = abs(amount)
    text = f"${size:.2f}" if size >= 1 or amount == 0 else f"${size:.4f}"
    return f"-{text}" if amount < 0 else text


def moment(at: str) -> str:
    """A moment in UTC."""
    return f"{datetime.fromisoformat(at).astimezone(UTC):%Y-%m-%d %H:%M}"
