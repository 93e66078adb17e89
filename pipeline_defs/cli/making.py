"""`pipeline rebuild`, `plan` and `lineage`: what a unit consists of, and making it again."""

from __future__ import annotations

import json
from typing import Any

import click

from pipeline_defs.cli.creating import wait_option
from pipeline_defs.cli.output import command, current_output
from pipeline_defs.cli.unit_argument import UnitArgument, UnitRef
from pipeline_defs.cli.units import ask, part_must_exist
from pipeline_defs.domain.kinds import KINDS

ASSETS = tuple(asset for kind in KINDS.values() for asset in kind.assets)
OPTIONS = {"assets": "--asset", "parts": "UNIT/NN", "fresh": "--fresh"}
part_argument = click.argument("unit", metavar="UNIT[/NN]", type=UnitArgument(parts=True))
asset_option = click.option(
    "--asset",
    "assets",
    type=click.Choice(ASSETS),
    metavar="ASSET",
    multiple=True,
    help="Only this one; may be repeated. "
    + "; ".join(f"{kind.name}: {', '.join(kind.assets)}" for kind in KINDS.values())
    + ".",
)
fresh_option = click.option(
    "--fresh", is_flag=True, help="Make and pay for it anew, even if it is up to date."
)


@command()
@part_argument
@asset_option
@fresh_option
@wait_option
def rebuild(*, unit: UnitRef, assets: tuple[str, ...], fresh: bool, wait: bool) -> None:
    """Make again what is stale, missing, failed or broken; with /NN that section or segment."""
    _check_assets(unit, assets)
    body: dict[str, Any] = {"fresh": fresh}
    if unit.part is not None:
        body["parts"] = [unit.part]
    if assets:
        body["assets"] = list(assets)
    ask(unit, "rebuild", body, OPTIONS, wait=wait)


@command()
@part_argument
@asset_option
@fresh_option
def plan(*, unit: UnitRef, assets: tuple[str, ...], fresh: bool) -> None:
    """Show what a rebuild would make, stage by stage, and at what cost, without making it."""
    from pipeline_defs.cli.client import open_api
    from pipeline_defs.cli.graph_text import plan_text

    _check_assets(unit, assets)
    wanted = {"parts": unit.part, "assets": ",".join(assets) or None, "fresh": fresh or None}
    with open_api() as api, part_must_exist(api, unit):
        found = api.get(f"{unit.path}/plan", wanted)
    current_output().emit(found, lambda: plan_text(found))


@command()
@click.argument("unit", metavar="UNIT", type=UnitArgument())
@click.option(
    "--open-lineage", is_flag=True, help="Print OpenLineage run events, one JSON object a line."
)
@click.option("--all", "whole", is_flag=True, help="Show each of many alike branches.")
def lineage(*, unit: UnitRef, open_lineage: bool, whole: bool) -> None:
    """Show where everything of a unit came from, as a tree: versions, cost, times, what is stale.

    Below each result stands what it was made from; what several were made from stands there once.
    """
    from pipeline_defs.cli.client import open_api
    from pipeline_defs.cli.lineage_text import lineage_text

    with open_api() as api:
        if open_lineage:
            found = api.get(f"{unit.path}/lineage/open-lineage")
            click.echo("\n".join(json.dumps(event) for event in found["events"]))
            return
        found = api.get(f"{unit.path}/lineage")
    current_output().emit(found, lambda: lineage_text(found, whole=whole))


COMMANDS = (rebuild, plan, lineage)


def _check_assets(unit: UnitRef, assets: tuple[str, ...]) -> None:
    wrong = [asset for asset in assets if asset not in unit.line.assets]
    if wrong:
        raise click.BadParameter(
            f"{wrong[0]} is no asset of {unit.line.with_article}: "
            f"choose from {', '.join(unit.line.assets)}.",
            param_hint="--asset",
        )
