"""Migration 0020_page_retention: the statements stand in sql/0020_page_retention.{up,down}.sql."""

from pipeline_defs.storage.migrations.statements import run

revision = "0020_page_retention"
down_revision = "0019_voices"


def upgrade() -> None:
    """Apply it."""
    run("0020_page_retention.up.sql")


def downgrade() -> None:
    """Take it back."""
    run("0020_page_retention.down.sql")
