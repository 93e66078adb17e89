"""Migration 0005_pages: the statements stand in sql/0005_pages.{up,down}.sql."""

from pipeline_defs.storage.migrations.statements import run

revision = "0005_pages"
down_revision = "0004_calls"


def upgrade() -> None:
    """Apply it."""
    run("0005_pages.up.sql")


def downgrade() -> None:
    """Take it back."""
    run("0005_pages.down.sql")
