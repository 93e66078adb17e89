"""Migration 0017_backfills: the statements stand in sql/0017_backfills.{up,down}.sql."""

from pipeline_defs.storage.migrations.statements import run

revision = "0017_backfills"
down_revision = "0016_operations"


def upgrade() -> None:
    """Apply it."""
    run("0017_backfills.up.sql")


def downgrade() -> None:
    """Take it back."""
    run("0017_backfills.down.sql")
