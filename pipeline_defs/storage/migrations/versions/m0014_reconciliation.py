"""Migration 0014_reconciliation: the statements stand in sql/0014_reconciliation.{up,down}.sql."""

from pipeline_defs.storage.migrations.statements import run

revision = "0014_reconciliation"
down_revision = "0013_retention"


def upgrade() -> None:
    """Apply it."""
    run("0014_reconciliation.up.sql")


def downgrade() -> None:
    """Take it back."""
    run("0014_reconciliation.down.sql")
