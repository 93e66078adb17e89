"""Live progress of a start: a table that updates in a terminal, plain lines elsewhere."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager

from rich.console import Console
from rich.live import Live
from rich.table import Table

Report = Callable[[str, str, str], None]


@contextmanager
def startup_progress(*, quiet: bool) -> Generator[Report]:
    """A function that takes (service, state, detail) and shows it, on standard error when quiet."""
    console = Console(stderr=quiet, highlight=False)
    if quiet or not console.is_terminal:
        yield _plain_lines(console)
        return
    began = time.monotonic()
    rows: dict[str, tuple[str, str]] = {}
    with Live(console=console, refresh_per_second=8, transient=False) as live:

        def report(service: str, state: str, detail: str) -> None:
            seconds = f"{time.monotonic() - began:5.1f} s"
            if rows.get(service, ("", ""))[0] != "ready":
                rows[service] = (state, seconds if state == "ready" else detail)
            live.update(_table(rows))

        yield report


def _plain_lines(console: Console) -> Report:
    ready: set[str] = set()
    began = time.monotonic()

    def report(service: str, state: str, _detail: str) -> None:
        if state == "ready" and service not in ready:
            ready.add(service)
            console.print(f"{service} ready after {time.monotonic() - began:.1f} s")
            sys.stdout.flush()

    return report


def _table(rows: dict[str, tuple[str, str]]) -> Table:
    table = Table(box=None, show_header=False, pad_edge=False)
    for service, (state, detail) in rows.items():
        mark = "[green]✓[/green]" if state == "ready" else "[yellow]…[/yellow]"
        short = detail.splitlines()[0][:80] if detail else ""
        table.add_row(mark, service, f"[dim]{short}[/dim]")
    return table
