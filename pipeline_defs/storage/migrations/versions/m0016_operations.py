"""Migration 0016_operations: the statements stand in sql/0016_operations.{up,down}.sql."""

from pipeline_defs.storage.migrations.statements import run

revision = "0016_operations"
down_revision = "0015_inspections"


def upgrade() -> None:
    """Apply it."""
    run("0016_operations.up.sql")


def downgrade() -> None:
    """Take it back."""
    run("0016_operations.down.sql")
