"""Migration 0002_articles: the statements stand in sql/0002_articles.{up,down}.sql."""

from pipeline_defs.storage.migrations.statements import run

revision = "0002_articles"
down_revision = "0001_core"


def upgrade() -> None:
    """Apply it."""
    run("0002_articles.up.sql")


def downgrade() -> None:
    """Take it back."""
    run("0002_articles.down.sql")
