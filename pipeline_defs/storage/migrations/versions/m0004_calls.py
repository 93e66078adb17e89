"""Migration 0004_calls: the statements stand in sql/0004_calls.{up,down}.sql."""

from pipeline_defs.storage.migrations.statements import run

revision = "0004_calls"
down_revision = "0003_lectures"


def upgrade() -> None:
    """Apply it."""
    run("0004_calls.up.sql")


def downgrade() -> None:
    """Take it back."""
    run("0004_calls.down.sql")
