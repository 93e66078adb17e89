"""Migration 0021_refused_parts: the statements stand in sql/0021_refused_parts.{up,down}.sql."""

from pipeline_defs.storage.migrations.statements import run

revision = "0021_refused_parts"
down_revision = "0020_page_retention"


def upgrade() -> None:
    """Apply it."""
    run("0021_refused_parts.up.sql")


def downgrade() -> None:
    """Take it back."""
    run("0021_refused_parts.down.sql")
