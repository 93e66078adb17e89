"""Output and errors of all commands: text for people, one JSON document with `--json`.

`--json` is accepted before and after the name of a command.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NoReturn

import click

from pipeline_defs.cli.program import NAME, program

NOT_RUNNING = 3


@dataclass(slots=True)
class Output:
    """How the command at hand talks."""

    json: bool = False

    def emit(self, data: Any, text: str | Callable[[], str]) -> None:
        """The result: `data` with `--json`, else the text."""
        if self.json:
            click.echo(json.dumps(data, indent=2, default=str))
        else:
            click.echo(text if isinstance(text, str) else text())

    def say(self, text: str) -> None:
        """A remark on the way; with `--json` it goes to standard error."""
        click.echo(text, err=self.json)


class CommandError(click.ClickException):
    """A failure that the user can act on."""

    def __init__(self, message: str, exit_code: int = 1, code: str = "FAILED") -> None:
        super().__init__(message)
        self.exit_code = exit_code  # pyright: ignore[reportAttributeAccessIssue]  (as click does)
        self.code = code


def not_running(message: str) -> CommandError:
    """The error for commands that need a running stack."""
    return CommandError(message, NOT_RUNNING, "STACK_NOT_RUNNING")


def current_output() -> Output:
    """The output of the command that runs now."""
    return click.get_current_context().find_root().ensure_object(Output)


def _json_option() -> click.Option:
    def remember(context: click.Context, _parameter: click.Parameter, value: bool) -> None:
        if value:
            context.find_root().ensure_object(Output).json = True

    return click.Option(
        ["--json"],
        is_flag=True,
        expose_value=False,
        is_eager=True,
        callback=remember,
        help="Print one JSON document.",
    )


class JsonCommand(click.Command):
    """A command with `--json`."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.params.append(_json_option())


class JsonGroup(click.Group):
    """A group with `--json`, which also prints errors as JSON when it was given."""

    command_class = JsonCommand

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.params.append(_json_option())

    def make_context(
        self,
        info_name: str | None,
        args: list[str],
        parent: click.Context | None = None,
        **extra: Any,
    ) -> click.Context:
        """A context whose usage lines name the program as it can be typed."""
        name = program() if parent is None and info_name == NAME else info_name
        return super().make_context(name, args, parent, **extra)

    def invoke(self, ctx: click.Context) -> Any:
        """Run; an error becomes `{"error": {"code", "message"}}` on standard output."""
        try:
            return super().invoke(ctx)
        except click.ClickException as error:
            output = ctx.find_root().ensure_object(Output)
            if output.json and ctx.find_root() is ctx:
                _fail_as_json(ctx, error)
            raise


def _fail_as_json(context: click.Context, error: click.ClickException) -> NoReturn:
    usage = isinstance(error, click.UsageError)
    code = "USAGE" if usage else getattr(error, "code", "FAILED")
    click.echo(json.dumps({"error": {"code": code, "message": error.format_message()}}, indent=2))
    context.exit(error.exit_code)


def command(name: str | None = None, **options: Any) -> Callable[[Callable[..., Any]], JsonCommand]:
    """Declare a command of the product."""
    return click.command(name, cls=JsonCommand, **options)


def group(name: str | None = None, **options: Any) -> Callable[[Callable[..., Any]], JsonGroup]:
    """Declare a group of commands."""
    return click.group(name, cls=JsonGroup, **options)
