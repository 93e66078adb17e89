"""Waiting for a batch before the user's eyes."""

from __future__ import annotations

import time
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from pipeline_defs.cli.client import Api
from pipeline_defs.cli.output import CommandError, Output
from pipeline_defs.cli.page_text import duration
from pipeline_defs.cli.program import typed

POLL = 0.5


def wait_for_batch(api: Api, batch_id: str, output: Output) -> dict[str, Any]:
    """Show progress until the batch has ended; the batch as it is then."""
    console = Console(stderr=output.json, highlight=False)
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}", markup=False),
        BarColumn(bar_width=30),
        TextColumn("{task.percentage:>3.0f} %"),
        TimeElapsedColumn(),
    )
    quiet = output.json or not console.is_terminal
    try:
        with Progress(*columns, console=console, transient=True, disable=quiet) as progress:
            bar = progress.add_task(batch_id, total=100)
            while True:
                batch = api.get(f"/v1/batches/{batch_id}")
                if batch["status"] != "processing":
                    return batch
                progress.update(bar, completed=batch["percentage"], description=_words(batch))
                time.sleep(POLL)
    except KeyboardInterrupt:
        raise CommandError(
            f"No longer watching; the work goes on: `{typed(f'pages batch {batch_id} --wait')}`",
            code="INTERRUPTED",
        ) from None


def _words(batch: dict[str, Any]) -> str:
    ended = batch["completed"] + batch["failed"] + batch["cancelled"]
    return f"{ended} of {batch['total']} pages {duration(batch['eta_seconds'])}".strip()
