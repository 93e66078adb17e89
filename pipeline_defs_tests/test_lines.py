"""Every line of the product is known wherever a line has to be named: nothing is forgotten."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

import pytest
from fastapi import FastAPI
from starlette.routing import Match

from pipeline_defs import policies
from pipeline_defs.definitions import defs
from pipeline_defs.domain.kinds import KINDS, Kind
from pipeline_defs.runtime.lines import LINES
from pipeline_defs.runtime.routes import HANDLERS
from pipeline_defs.settings import Settings
from pipeline_defs.web.app import create_app

DEFS = Path(__file__).parent.parent / "pipeline_defs" / "defs"
every_kind = pytest.mark.parametrize("kind", KINDS.values(), ids=list(KINDS))


@pytest.fixture(scope="module")
def app() -> FastAPI:
    return create_app(Settings())


def found(app: FastAPI, path: str) -> bool:
    """Whether somebody answers a GET of this address."""
    scope = {"type": "http", "method": "GET", "path": path}
    return any(route.matches(scope)[0] == Match.FULL for route in app.routes)


def test_a_kind_has_a_line_and_a_line_a_kind() -> None:
    assert LINES.keys() == KINDS.keys() == policies.RETIRE_AFTER_DAYS.keys()
    assert all(line.kind is KINDS[name] for name, line in LINES.items())


@every_kind
def test_it_is_created_and_cancelled_by_events(kind: Kind) -> None:
    assert {f"{kind.noun}/requested", f"{kind.noun}/cancel"} <= HANDLERS.keys()


@every_kind
def test_its_links_lead_somewhere(kind: Kind, app: FastAPI) -> None:
    own = f"{kind.noun}-20261127-k7m2qx9c"
    for address in (
        f"/v1/{kind.name}",
        f"/v1/{kind.name}/{own}",
        f"/v1/{kind.name}/{own}/cost",
        f"/v1/progress/{kind.name}/{own}",
        f"/studio/{kind.name}/{own}",
        kind.studio.partition("?")[0],
    ):
        assert found(app, address), address


@every_kind
def test_its_assets_are_defined_and_made_by_somebody(kind: Kind) -> None:
    defined = {key.to_user_string() for key in defs().resolve_all_asset_keys()}
    makers = LINES[kind.name].makers.keys()
    assert {*kind.assets, kind.main_asset, *kind.steps.values(), *makers} <= defined
    assert set(LINES[kind.name].parts) <= makers


def test_the_safety_net_behind_the_dispatcher_may_start_every_job_of_every_line() -> None:
    [sensor] = [one for one in defs().sensors or () if one.name == "due_work"]
    jobs = {job.name for job in sensor.jobs}
    for module in DEFS.glob("*/jobs.py"):
        named = import_module(f"pipeline_defs.defs.{module.parent.name}.jobs").JOBS
        assert {job.name for job in named} <= jobs, module
