"""What is to be made of a unit, for people."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pipeline_defs.cli.tables import line, render, usd

if TYPE_CHECKING:
    from rich.text import Text


def plan_text(plan: dict[str, Any]) -> str:
    """What is to be made, stage by stage, at what cost; why, where a file is broken; what to do if
    nothing is."""
    lines = [line(stage["description"]) for stage in plan["stages"]]
    if plan["total"]:
        lines.insert(0, line(f"Will make {plan['summary']}.", style="bold"))
        lines.append(line(_cost(plan)))
    else:
        lines.append(line(f"Nothing to do. {fresh_option(plan['advice'])}"))
    return render(*lines, *broken_lines(plan["broken"]))


def _cost(plan: dict[str, Any]) -> str:
    text = f"Costs at most about {usd(plan['cost_usd'])}, by what the same things cost before."
    count = plan["unpriced"]
    if count:
        text += f" {count} of {plan['total']} were never made before: their price is not known."
    return text


def broken_lines(broken: list[dict[str, Any]]) -> list[Text]:
    """Files that are missing or changed."""
    return [
        line(
            f"segment {result['part']}" if result["part"] else "lecture",
            result["asset"],
            f"{result['message']} ({result['code']})",
            style="red",
        )
        for result in broken
    ]


def fresh_option(advice: str | None) -> str:
    """The API's advice in the words of the command line."""
    return (advice or "").replace("`fresh`", "`--fresh`")
