"""`pipeline doctor` says in plain words what is wrong and what to do."""

from __future__ import annotations

import datetime
from pathlib import Path

import psycopg
import pytest
import redis
from psycopg.types.json import Jsonb
from pydantic import SecretStr

from pipeline_defs.domain.reconciliation import Finding
from pipeline_defs.local import ports
from pipeline_defs.local.doctor import finding as told
from pipeline_defs.local.doctor import machine, providers, services
from pipeline_defs.local.layout import write_private
from pipeline_defs.local.record import StackRecord
from pipeline_defs.local.stack import Stack
from pipeline_defs.settings import Settings
from pipeline_defs_tests.servers import PostgresForTests, TestDatabase, ValkeyForTests


@pytest.fixture
def idle(tmp_path: Path) -> Stack:
    return Stack(tmp_path)


def settings(state: Path, **values: str) -> Settings:
    secret = {name: SecretStr(value) for name, value in values.items()}
    return Settings(_env_file=None, pipeline_state=state, **secret)  # type: ignore[call-arg]


def by_check(findings: list[told.Finding]) -> dict[str, told.Finding]:
    return {finding.check: finding for finding in findings}


def test_it_says_that_nothing_runs_and_how_to_start(idle: Stack) -> None:
    found = by_check(list(services._processes(idle)))["stack"]
    assert (found.level, found.advice) == ("warn", "Start it: pipeline up")


def test_a_secret_others_can_read_is_a_failure_with_the_command_that_mends_it(
    idle: Stack,
) -> None:
    (idle.state / "stack.env").write_text("X=1")
    (idle.state / "stack.env").chmod(0o644)
    found = by_check(list(machine.checks(idle)))["state directory"]
    assert found.level == "fail"
    assert found.advice == f"chmod 600 {idle.state / 'stack.env'}"


def test_a_port_of_somebody_else_is_only_a_warning(
    idle: Stack, valkey_server: ValkeyForTests
) -> None:
    record = StackRecord(ports={"gateway": valkey_server.server.port})
    write_private(idle.layout.record, record.model_dump_json())
    found = by_check(list(machine.checks(idle)))["ports"]
    assert found.level == "warn"
    assert f"gateway {valkey_server.server.port}" in found.message


def test_the_application_and_the_owner_are_told_apart(idle: Stack, database: TestDatabase) -> None:
    right = settings(idle.state, database_url=database.app_url)
    assert by_check(list(services._database(right)))["database role"].level == "ok"
    wrong = settings(idle.state, database_url=database.superuser_url)
    found = by_check(list(services._database(wrong)))["database role"]
    assert found.level == "fail"
    assert "can bypass row-level security" in found.message


@pytest.mark.parametrize(
    ("finding", "faults", "level", "words"),
    [
        (None, {}, "ok", "nothing was lost"),
        (Finding("units_forgotten", found=2, repaired=2), {}, "ok", "units in work that nobody"),
        (Finding("units_overdue", found=4), {}, "warn", "due for dispatch for long: 4"),
        (None, {"permits": {"code": "X"}}, "warn", "could not look at permits"),
    ],
)
def test_what_the_reconciler_left_for_a_person_is_told(
    idle: Stack,
    database: TestDatabase,
    finding: Finding | None,
    faults: dict[str, object],
    level: str,
    words: str,
) -> None:
    mine = settings(idle.state, database_url=database.app_url)
    assert "reconciliation" not in by_check(list(services._database(mine)))
    findings = [finding.as_dict()] if finding else []
    with psycopg.connect(database.superuser_url) as connection:
        connection.execute(
            "insert into app.reconciliations (run_id, scope, began_at, findings, faults) "
            "values ('r', 'quick', now(), %s, %s)",
            [Jsonb(findings), Jsonb(faults)],
        )
    found = by_check(list(services._database(mine)))["reconciliation"]
    assert found.level == level
    assert words in found.message


def test_migrations_that_were_not_run_are_a_failure(
    idle: Stack, database: TestDatabase, postgres_server: PostgresForTests
) -> None:
    current = settings(idle.state, database_admin_url=database.admin_url)
    assert services._migrations(current).level == "ok"
    empty = postgres_server.create_database("template1")
    url = postgres_server.url("pipeline_owner", empty)
    found = services._migrations(settings(idle.state, database_admin_url=url))
    postgres_server.drop_database(empty)
    assert (found.level, found.message[:8]) == ("fail", "at base,")


def test_a_database_that_is_away_is_a_failure_without_a_password_in_it(idle: Stack) -> None:
    url = f"postgresql://somebody:hidden@127.0.0.1:{ports.ephemeral()}/app"
    found = by_check(list(services._database(settings(idle.state, database_url=url))))["database"]
    assert found.level == "fail"
    assert "hidden" not in found.message


def test_redis_without_persistence_is_a_warning(idle: Stack, valkey_server: ValkeyForTests) -> None:
    mine = settings(idle.state, redis_url=valkey_server.url)
    assert services._redis(mine).level == "ok"
    with redis.Redis.from_url(valkey_server.url) as client:
        client.config_set("appendonly", "no")
        try:
            found = services._redis(mine)
        finally:
            client.config_set("appendonly", "yes")
    assert (found.level, "append-only" in found.message) == ("warn", True)


def test_a_blob_folder_that_cannot_be_written_is_a_failure(idle: Stack) -> None:
    (idle.state / "blobs").write_text("a file where the folder should be")
    found = services._blobs(settings(idle.state))
    assert found.level == "fail"
    assert "BLOB_URL" in found.advice


@pytest.mark.parametrize("has_key", [True, False])
def test_a_model_past_its_shutdown_is_named_where_its_provider_is_asked(
    idle: Stack, has_key: bool
) -> None:
    source = Settings.model_fields["providers_file"].default.read_text()
    key = source.split("[models.", 1)[1].split("]", 1)[0]
    yesterday = datetime.datetime.now(datetime.UTC).date() - datetime.timedelta(days=1)
    header = f"[models.{key}]\n"
    lines = source.split(header, 1)[1].split("[models.", 1)[0].splitlines()
    kept = [line for line in lines if not line.startswith("shutdown")]
    changed = source.replace(
        header + "\n".join(lines), header + f"shutdown = {yesterday}\n" + "\n".join(kept)
    )
    path = idle.state / "providers.toml"
    path.write_text(changed)
    keys = {f"{name}_api_key": "key" for name in ("openai", "openrouter", "perplexity")}
    mine = Settings(
        _env_file=None,  # type: ignore[call-arg]
        pipeline_state=idle.state,
        providers_file=path,
        **(keys if has_key else {}),
    )
    findings = list(providers.checks(mine, running=False))
    aged = [f for f in findings if f.check.startswith("model ")]
    assert any(f"was shut down on {yesterday}" in f.message for f in aged) == has_key, findings
    assert {f.level for f in aged} <= {"warn"}
