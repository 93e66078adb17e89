"""Migration 0008_page_links: the statements stand in sql/0008_page_links.{up,down}.sql."""

from pipeline_defs.storage.migrations.statements import run

revision = "0008_page_links"
down_revision = "0007_claims"


def upgrade() -> None:
    """Apply it."""
    run("0008_page_links.up.sql")


def downgrade() -> None:
    """Take it back."""
    run("0008_page_links.down.sql")
