"""Migration 0001_core: the statements stand in sql/0001_core.{up,down}.sql."""

from pipeline_defs.storage.migrations.statements import run

revision = "0001_core"
down_revision = None


def upgrade() -> None:
    """Apply it."""
    run("0001_core.up.sql")


def downgrade() -> None:
    """Take it back."""
    run("0001_core.down.sql")
