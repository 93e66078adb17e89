"""`pipeline demo`: the whole stack, and one finished work of every line that exists."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from pipeline_defs.cli.output import Output, command, current_output
from pipeline_defs.cli.program import typed
from pipeline_defs.cli.stack import Stopped, start, stay, stop_signals

if TYPE_CHECKING:
    from pipeline_defs.local.stack import Stack


@command()
@click.option("--stay", "staying", is_flag=True, help="Stay in the foreground until Ctrl-C.")
@click.option("--fresh", is_flag=True, help="Make everything anew, even what is there already.")
def demo(*, staying: bool, fresh: bool) -> None:
    """Start the stack if it is not running, make a demo of every line, show the results.

    With --stay, Ctrl-C stops every process that was started; without it they go on running. What an
    earlier demo has finished is shown again and not made again, unless --fresh is given.
    """
    from pipeline_defs.local.stack import Stack

    output = current_output()
    stack = Stack.here()
    started = succeeded = False
    with stop_signals():
        try:
            started = start(stack, output, follow=staying)
            succeeded = _make_and_report(stack, output, fresh=fresh)
            if staying:
                stay(stack, output, started=started)
        except Stopped:
            _leave(stack, output, stop=staying and started)
    if not succeeded:
        raise SystemExit(1)


COMMANDS = (demo,)


def _make_and_report(stack: Stack, output: Output, *, fresh: bool) -> bool:
    from pipeline_defs.cli.client import open_api
    from pipeline_defs.cli.demo_lines import DEMOS, make_demos
    from pipeline_defs.cli.demo_report import report_text
    from pipeline_defs.settings import get_settings

    get_settings.cache_clear()  # the stack has written its addresses only now
    found = stack.status()
    with open_api() as api:
        results = make_demos(api, output, DEMOS, fresh=fresh)
        document: dict[str, Any] = {
            **found,
            "api_docs": api.absolute("/openapi.json"),
            "studio": api.absolute("/studio"),
            "results": results,
        }
    output.emit(document, lambda: report_text(document))
    return all(result["status"] == "completed" for result in results)


def _leave(stack: Stack, output: Output, *, stop: bool) -> None:
    if stop:
        output.say("Stopping ...")
        stack.stop()
        output.say("Stopped.")
    elif stack.is_running():
        output.say(f"The stack and the work go on: `{typed('list')}`, `{typed('down')}`.")
