"""Brings the application's schema to a revision under a lock and fills the table of legal moves."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, create_engine, text
from sqlalchemy.pool import NullPool

from pipeline_defs.domain.kinds import MACHINES

MIGRATIONS = Path(__file__).parent / "migrations"
LOCK = 7_046_301  # any number of our own; two migrating processes wait for each other


def migrate(admin_url: str, revision: str = "head") -> str:
    """Migrate up or down to `revision` ("head", "base" or an id) and return the one now in place.

    `admin_url` is a libpq URL of the role that owns the schema. Concurrent callers queue.
    """
    engine = create_engine(_driver_url(admin_url), poolclass=NullPool)
    try:
        with engine.begin() as connection:
            connection.execute(text("select pg_advisory_xact_lock(:lock)"), {"lock": LOCK})
            config = _config(connection)
            current = current_revision(connection)
            target = head() if revision == "head" else revision
            if _is_before(target, current):
                command.downgrade(config, target)
            elif target != current:
                command.upgrade(config, target)
            if target != "base":
                _fill_transitions(connection)
                connection.execute(text("grant select on schema_revision to pipeline_app"))
        return target
    finally:
        engine.dispose()


def head() -> str:
    """The newest revision the code knows."""
    found = ScriptDirectory(str(MIGRATIONS)).get_current_head()
    if found is None:
        raise RuntimeError(f"no migrations in {MIGRATIONS}")
    return found


def current_revision(connection: Connection) -> str:
    """The revision in place: "base" in an empty database."""
    exists = connection.scalar(text("select to_regclass('schema_revision') is not null"))
    if not exists:
        return "base"
    return connection.scalar(text("select version_num from schema_revision")) or "base"


def _is_before(target: str, current: str) -> bool:
    order = ["base", *sorted(_revisions())]
    return order.index(target) < order.index(current)


def _revisions() -> list[str]:
    return [s.revision for s in ScriptDirectory(str(MIGRATIONS)).walk_revisions()]


def _config(connection: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["connection"] = connection
    return config


def _fill_transitions(connection: Connection) -> None:
    rows = [
        {"machine": machine, "before": before, "after": after}
        for declared in MACHINES
        for machine, before, after in declared.rows()
    ]
    connection.execute(text("delete from app.transitions"))
    connection.execute(text("insert into app.transitions values (:machine, :before, :after)"), rows)


def _driver_url(url: str) -> str:
    return url.replace("postgresql://", "postgresql+psycopg://", 1)
