"""Every pair of states of every machine, tried in the database itself."""

from __future__ import annotations

from itertools import product

import psycopg
import pytest

from pipeline_defs.domain.kinds import KINDS, MACHINES
from pipeline_defs.domain.states import Machine
from pipeline_defs_tests.servers import TestDatabase

MOVES = [(m, a, b) for m in MACHINES for a, b in product(sorted(m.states), repeat=2)]


INSERT_UNIT = (
    "insert into app.units (org_id, id, kind, status, created_by) "
    "values ('acme', %(name)s, %(kind)s, %(state)s, 'tester')"
)
INSERTS = {
    "article_sections": "insert into app.article_sections "
    "(org_id, article_id, section_order, title, status) "
    "values ('acme', 'a', %(n)s, 't', %(state)s)",
    "lecture_assets": "insert into app.lecture_assets "
    "(org_id, lecture_id, partition, asset, status) values ('acme', 'l', %(name)s, 'x', %(state)s)",
    "generation_queue": "insert into app.generation_queue "
    "(org_id, id, status, priority, lane, score) values ('acme', 'l', %(state)s, 'LOW', 3, 20)",
    "generation_batches": "insert into app.generation_batches "
    "(org_id, id, status, total, created_by) values ('acme', %(name)s, %(state)s, 1, 'tester')",
    "calls": "insert into app.calls (org_id, campaign_id, call_order, phone, respondent, status) "
    "values ('acme', 'c', %(n)s, '+1202555' || lpad(%(n)s::text, 4, '0'), 'r', %(state)s)",
}


def row_of(machine: Machine) -> str:
    """Machines of units are named after their kind, others after their table."""
    if machine.name in KINDS:
        return f"app.units set status = %s where kind = '{machine.name}'"
    return f"app.{machine.name} set status = %s where true"


@pytest.fixture
def row_in_each_state(database: TestDatabase, admin: psycopg.Connection) -> psycopg.Connection:
    """A unit of each kind and a part of each, in whose states the test may write at will."""
    admin.execute(
        "insert into app.units (org_id, id, kind, status, created_by) "
        "values ('acme', 'a', 'articles', 'queued', 'tester'), "
        "('acme', 'l', 'lectures', 'queued', 'tester'), "
        "('acme', 'p', 'pages', 'queued', 'tester'), "
        "('acme', 'c', 'campaigns', 'queued', 'tester')"
    )
    admin.execute(
        "insert into app.lectures (org_id, id, topic, seconds, language, voice, music_tracks, "
        "images_per_segment) values ('acme', 'l', 't', 10, 'en', 'warm', 1, 1)"
    )
    admin.execute(
        "insert into app.campaigns (org_id, id, goal, language, consent, time_zone, do_not_call, "
        "calls_per_minute, retries, retry_after_minutes) "
        "values ('acme', 'c', 'g', 'en', 'c', 'UTC', '{}', 10, 1, 60)"
    )
    admin.execute(
        "insert into app.calls (org_id, campaign_id, call_order, phone, respondent) "
        "values ('acme', 'c', 1, '+12025550111', 'r')"
    )
    admin.execute(
        "insert into app.lecture_assets (org_id, lecture_id, partition, asset) "
        "values ('acme', 'l', 'l', 'lecture_video')"
    )
    admin.execute(
        "insert into app.articles (org_id, id, topic, sections_wanted) values ('acme', 'a', 't', 1)"
    )
    admin.execute(
        "insert into app.article_sections (org_id, article_id, section_order, title) "
        "values ('acme', 'a', 1, 't')"
    )
    admin.execute(  # its unit may be any: the state of a page would change that of its job
        "insert into app.generation_queue (org_id, id, priority, lane, score) "
        "values ('acme', 'a', 'LOW', 3, 20)"
    )
    admin.execute(
        "insert into app.generation_batches (org_id, id, total, created_by) "
        "values ('acme', 'b', 1, 'tester')"
    )
    return admin


def put(admin: psycopg.Connection, row: str, state: str) -> None:
    """Bring the row to a state, legal or not."""
    admin.execute("set session_replication_role = replica")  # triggers do not fire
    admin.execute(f"update {row}", [state])
    admin.execute("set session_replication_role = origin")


def test_the_database_allows_exactly_the_declared_moves(
    row_in_each_state: psycopg.Connection,
) -> None:
    wrong = []
    for machine, before, after in MOVES:
        row = row_of(machine)
        put(row_in_each_state, row, before)
        try:
            row_in_each_state.execute(f"update {row}", [after])
            moved = True
        except psycopg.errors.CheckViolation as refused:
            moved = refused.diag.constraint_name != "legal_transition"
        if moved != machine.allows(before, after):
            wrong.append((machine.name, before, after))
    assert not wrong
    assert len(MOVES) >= 5 * 5 + 6 * 6


def test_a_thing_is_created_in_its_first_state_only(row_in_each_state: psycopg.Connection) -> None:
    for number, (machine, state) in enumerate((m, s) for m in MACHINES for s in sorted(m.states)):
        insert = INSERTS.get(machine.name, INSERT_UNIT)
        parameters = {"n": number + 2, "name": f"x{number}", "kind": machine.name, "state": state}
        if state == machine.initial:
            with row_in_each_state.transaction(force_rollback=True):
                row_in_each_state.execute(insert, parameters)
            continue
        with pytest.raises(psycopg.errors.CheckViolation):
            row_in_each_state.execute(insert, parameters)


def test_a_state_that_is_not_declared_is_refused(row_in_each_state: psycopg.Connection) -> None:
    for table in ("units", "article_sections", "lecture_assets"):
        with pytest.raises(psycopg.errors.CheckViolation):
            row_in_each_state.execute(f"update app.{table} set status = 'done'")  # noqa: S608
