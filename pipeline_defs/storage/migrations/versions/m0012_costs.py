"""Migration 0012_costs: the statements stand in sql/0012_costs.{up,down}.sql."""

from pipeline_defs.storage.migrations.statements import run

revision = "0012_costs"
down_revision = "0011_pausing"


def upgrade() -> None:
    """Apply it."""
    run("0012_costs.up.sql")


def downgrade() -> None:
    """Take it back."""
    run("0012_costs.down.sql")
