"""`pipeline up`, `down` and `status`."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Generator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import click

from pipeline_defs.cli.output import CommandError, Output, command, current_output, not_running
from pipeline_defs.cli.program import retyped, typed

if TYPE_CHECKING:
    from pipeline_defs.local.stack import Stack


class Stopped(Exception):
    """Ctrl-C, SIGTERM or SIGHUP arrived."""


@command()
@click.option("--detach", is_flag=True, help="Return when everything is ready.")
def up(*, detach: bool) -> None:
    """Start the whole stack, print the addresses, stay.

    Ctrl-C stops every process that was started. A stack that runs already is used as it is.
    """
    output = current_output()
    stack = _stack()
    with stop_signals():
        try:
            started = start(stack, output, follow=not detach)
            output.emit(_with_queue(stack.status()), lambda: addresses(stack))
            if not detach:
                stay(stack, output, started=started)
        except Stopped:
            _stop_after_signal(stack, output, ours=not detach)


@command()
@click.option("--remove-data", is_flag=True, help="Delete everything the stack has stored, too.")
def down(*, remove_data: bool) -> None:
    """Stop every process of the stack; data is kept."""
    stack = _stack()
    stopped = stack.stop()
    if remove_data:
        stack.remove_data()
    text = "Stopped." if stopped else "Nothing was running."
    text += " All data is removed." if remove_data else ""
    current_output().emit({"stopped": stopped, "data_removed": remove_data}, text)


@command()
def status() -> None:
    """Addresses, processes and queue of the running stack."""
    from pipeline_defs.cli.status_text import status_text
    from pipeline_defs.local.stack import StackNotRunningError

    try:
        found = _with_queue(_stack().status())
    except StackNotRunningError as error:
        raise not_running(retyped(str(error))) from error
    current_output().emit(found, lambda: status_text(found))


COMMANDS = (up, down, status)


def start(stack: Stack, output: Output, *, follow: bool) -> bool:
    """Start the stack with live progress; False when it was running already.

    With `follow` the stack ends with this process, however that ends.
    """
    from pipeline_defs.cli.progress import startup_progress
    from pipeline_defs.local.layout import ConfigurationError
    from pipeline_defs.local.stack import StackFailedError

    try:
        with startup_progress(quiet=output.json) as report:
            started = stack.start(report, follow=os.getpid() if follow else None)
    except ConfigurationError as error:
        raise CommandError(str(error), exit_code=2, code="CONFIGURATION") from error
    except StackFailedError as error:
        raise CommandError(str(error), code="NOT_READY") from error
    if not started:
        output.say("The stack is running already; using it.")
    return started


def stay(stack: Stack, output: Output, *, started: bool) -> None:
    """Block until a stop signal; then stop the stack if this process started it."""
    if started:
        output.say("Press Ctrl-C to stop everything.")
    else:
        output.say(f"Press Ctrl-C to leave; `{typed('down')}` stops the stack.")
    try:
        _wait_for_end(stack)
    except Stopped:
        _stop_after_signal(stack, output, ours=started)
    else:
        output.say("The stack was stopped.")


def _wait_for_end(stack: Stack) -> None:
    """Return when the stack was stopped in order; a killed supervisor comes back by itself."""
    last_seen = time.monotonic()
    while time.monotonic() - last_seen < 30:
        time.sleep(1)
        if stack.is_running():
            last_seen = time.monotonic()
        elif not stack.has_processes():
            return
    raise CommandError("The supervisor ended and did not come back: see the logs")


@contextmanager
def stop_signals() -> Generator[None]:
    """Within the block Ctrl-C, SIGTERM and SIGHUP raise `Stopped`, once."""
    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)

    def stop(*_: object) -> None:
        for number in numbers:  # a second Ctrl-C must not interrupt the clean-up
            signal.signal(number, signal.SIG_IGN)
        raise Stopped

    previous = {number: signal.signal(number, stop) for number in numbers}
    try:
        yield
    finally:
        for number, handler in previous.items():
            signal.signal(number, handler)


def addresses(stack: Stack) -> str:
    """Where things are, for the terminal."""
    found = stack.status()
    return (
        f"\nStudio and API  {found['gateway']['url']}\n"
        f"Dagster         {found['dagster']['url']}\n"
        f"API key         {found['api_key']}\n"
        f"Logs            {stack.layout.logs}\n"
    )


def _stop_after_signal(stack: Stack, output: Output, *, ours: bool) -> None:
    if ours:
        output.say("Stopping ...")
        stack.stop()
        output.say("Stopped.")


def _stack() -> Stack:
    from pipeline_defs.local.stack import Stack

    return Stack.here()


def _with_queue(found: dict[str, Any]) -> dict[str, Any]:
    """Add the queue, when the gateway answers."""
    from pipeline_defs.local import http_probe

    headers = {"Authorization": f"Bearer {found['api_key']}"}
    try:
        code, queue = http_probe.get(f"{found['gateway']['url']}/v1/queue", headers)
    except OSError:
        return found
    return found | {"queue": queue} if code == 200 else found
