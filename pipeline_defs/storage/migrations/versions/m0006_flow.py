"""Migration 0006_flow: the statements stand in sql/0006_flow.{up,down}.sql."""

from pipeline_defs.storage.migrations.statements import run

revision = "0006_flow"
down_revision = "0005_pages"


def upgrade() -> None:
    """Apply it."""
    run("0006_flow.up.sql")


def downgrade() -> None:
    """Take it back."""
    run("0006_flow.down.sql")
