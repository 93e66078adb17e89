"""What commands that create a unit share: the options, and how its creation is told."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

import click

from pipeline_defs.cli.output import current_output
from pipeline_defs.cli.program import typed
from pipeline_defs.cli.unit_argument import UnitRef
from pipeline_defs.domain.kinds import Kind
from pipeline_defs.domain.languages import LANGUAGES

if TYPE_CHECKING:
    from pipeline_defs.cli.client import Api

EXAMPLES = {  # kind -> a command that makes one
    "articles": 'article new "TOPIC" --wait',
    "lectures": 'lecture new "TOPIC" --minutes 1 --wait',
    "pages": "pages import FILE --wait",
    "campaigns": "campaign new FILE --wait",
}
language_option = click.option(
    "--language", type=click.Choice(tuple(LANGUAGES)), help="Language of the text."
)
key_option = click.option(
    "--idempotency-key", help="The same key again returns the same unit and makes nothing."
)
wait_option = click.option("--wait", is_flag=True, help="Show progress until it is finished.")


def create(
    kind: Kind,
    body: dict[str, Any],
    *,
    options: dict[str, str],
    title: str,
    key: str | None,
    wait: bool,
) -> None:
    """Create a unit and say so, or wait for what becomes of it.

    `options` maps fields of the request to what the user typed them as.
    """
    from pipeline_defs.cli.client import open_api
    from pipeline_defs.cli.outcome import report_waited

    output = current_output()
    with open_api() as api:
        key = uuid.uuid4().hex if key is None else key
        accepted = api.send("POST", f"/v1/{kind.name}", body, options=options, idempotency_key=key)
        if not wait:
            output.emit(accepted, lambda: _accepted_text(accepted, api))
            return
        output.say(accepted["id"])
        report_waited(api, UnitRef(accepted["kind"], accepted["id"]), output, title=title)


def _accepted_text(accepted: dict[str, Any], api: Api) -> str:
    own = accepted["id"]
    return (
        f"{own}\n"
        f"Studio   {api.absolute(accepted['links']['studio'])}\n"
        f"Follow   {typed(f'show {own} --wait')}"
    )
