"""Waiting for a unit before the user's eyes: a bar in a terminal, a line per message elsewhere."""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.text import Text

from pipeline_defs.cli.client import Api
from pipeline_defs.cli.following import Update, follow
from pipeline_defs.cli.output import CommandError, Output
from pipeline_defs.cli.program import typed
from pipeline_defs.cli.tables import one_line
from pipeline_defs.cli.unit_argument import UnitRef

MARKS = {
    "started": ("…", "dim"),
    "finished": ("✓", "green"),
    "skipped": ("-", "dim"),
    "retrying": ("↻", "yellow"),
    "failed": ("✗", "red"),
    "cancelled": ("✗", "magenta"),
}
Show = Callable[[Update], None]


def wait_for(
    api: Api, unit: UnitRef, output: Output, *, title: str, from_now: bool = False
) -> dict[str, Any]:
    """Show progress until the unit is final; the unit as it is then.

    `from_now` leaves out what happened before, in an earlier generation of the unit.
    """
    try:
        with _display(output, title) as show:
            for update in follow(api, unit, from_now=from_now):
                show(update)
    except KeyboardInterrupt:
        raise CommandError(
            f"No longer watching; the work goes on: `{typed(f'show {unit.id} --wait')}`",
            code="INTERRUPTED",
        ) from None
    return api.get(unit.path)


@contextmanager
def _display(output: Output, title: str) -> Generator[Show]:
    console = Console(stderr=output.json, highlight=False)
    if output.json or not console.is_terminal:
        yield _lines(console)
        return
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}", markup=False),
        BarColumn(bar_width=30),
        TextColumn("{task.percentage:>3.0f} %"),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=console, transient=True) as progress:
        bar = progress.add_task(_short(title), total=100)

        def show(update: Update) -> None:
            if update.percentage is not None or update.status == "completed":
                percentage = 100 if update.status == "completed" else update.percentage
                progress.update(bar, completed=percentage)
            if update.message:
                if update.outcome == "started":  # the present stage stands beside the bar
                    progress.update(bar, description=_short(update.message))
                else:
                    progress.console.print(_marked(update))

        yield show


def _lines(console: Console) -> Show:
    percentage = 0

    def show(update: Update) -> None:
        nonlocal percentage
        if update.percentage is not None:
            percentage = update.percentage
        if update.status == "completed":
            percentage = 100
        if update.message:
            text = Text(f"{percentage:3d} %  ").append_text(_marked(update))
            console.print(text, soft_wrap=True)
            console.file.flush()

    return show


def _marked(update: Update) -> Text:
    mark, style = MARKS.get(update.outcome or "", ("·", ""))
    return Text.assemble((f"{mark} ", style), one_line(update.message or ""))


def _short(text: str) -> str:
    line = one_line(text)
    return line if len(line) <= 48 else f"{line[:47]}…"
