"""Migration 0013_retention: the statements stand in sql/0013_retention.{up,down}.sql."""

from pipeline_defs.storage.migrations.statements import run

revision = "0013_retention"
down_revision = "0012_costs"


def upgrade() -> None:
    """Apply it."""
    run("0013_retention.up.sql")


def downgrade() -> None:
    """Take it back."""
    run("0013_retention.down.sql")
