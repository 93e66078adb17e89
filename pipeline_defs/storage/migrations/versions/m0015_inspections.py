"""Migration 0015_inspections: the statements stand in sql/0015_inspections.{up,down}.sql."""

from pipeline_defs.storage.migrations.statements import run

revision = "0015_inspections"
down_revision = "0012_costs"


def upgrade() -> None:
    """Apply it."""
    run("0015_inspections.up.sql")


def downgrade() -> None:
    """Take it back."""
    run("0015_inspections.down.sql")
