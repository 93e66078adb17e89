"""`pipeline cost` over all units: beside bills, by organization, as a file."""

from __future__ import annotations

import csv
import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from pipeline_defs_tests.cli.conftest import GatewayThread, Pipeline
from pipeline_defs_tests.web.writing import spend


@pytest.fixture(autouse=True)
def paid(served: GatewayThread) -> str:
    """An article for which 0.75 USD were paid today."""
    article = served.do(served.world.article())
    served.do(served.world.transact(lambda tx: spend(tx, article, "write", 0.75)))
    served.do(served.world.client().post(f"/v1/articles/{article}/cancel"))  # no worker takes it
    return article


def test_bills_stand_beside_our_figures(pipeline: Pipeline, served: GatewayThread) -> None:
    today = datetime.now(UTC).date()
    bill = {"provider": "local", "day": today, "cost_usd": 123}
    served.do(served.world.transact(lambda tx: tx.run("bills.put", **bill)))
    (item,) = json.loads(pipeline("cost", "--bills", "--days", "1", "--json").stdout)["items"]
    assert (item["provider"], item["theirs_usd"]) == ("local", 123)
    assert item["ours_usd"] >= 0.75
    shown = pipeline("cost", "--bills", "--days", "1")
    assert shown.exit_code == 0, shown.output
    (row,) = (line for line in shown.stdout.splitlines() if line.startswith(f"{today}"))
    assert "(not over)" in row
    assert "$123.00" in row


def test_bills_of_everybody_are_the_operators_to_see(
    pipeline: Pipeline, served: GatewayThread, environment: pytest.MonkeyPatch
) -> None:
    environment.setenv("DEVELOPMENT_API_KEY", served.world.keys["other"])
    assert "the operator's sees them" in pipeline("cost", "--bills").stdout
    assert "default" not in pipeline("cost", "--organizations").stdout


def test_costs_are_shown_by_organization(pipeline: Pipeline) -> None:
    shown = pipeline("cost", "--organizations", "--days", "1")
    assert shown.exit_code == 0, shown.output
    assert any(line.split()[0] == "default" for line in shown.stdout.splitlines()[2:])
    items = json.loads(pipeline("cost", "--organizations", "--json").stdout)["items"]
    assert [item["organization"] for item in items if item["cost_usd"] >= 0.75] == ["default"]


def test_costs_are_written_to_a_file(pipeline: Pipeline, paid: str, tmp_path: Path) -> None:
    result = pipeline("cost", "--csv", str(tmp_path), "--by", "unit,model", "--days", "1", "--json")
    assert result.exit_code == 0, result.output
    file = Path(json.loads(result.stdout)["file"])
    assert (file.parent, file.suffix) == (tmp_path, ".csv")
    rows = list(csv.DictReader(file.read_text().splitlines()))
    (row,) = (row for row in rows if row["unit"] == paid)
    assert (row["organization"], row["model"], row["calls"]) == ("default", "a local model", "1")
    assert float(row["cost_usd"]) == 0.75


def test_only_one_view_of_costs_is_asked_for_at_once(pipeline: Pipeline) -> None:
    for options in (("--bills", "--organizations"), ("--bills", "--csv", "x")):
        result = pipeline("cost", *options)
        assert (result.exit_code, "Give one of" in result.stderr) == (2, True)
