"""Migration 0003_lectures: the statements stand in sql/0003_lectures.{up,down}.sql."""

from pipeline_defs.storage.migrations.statements import run

revision = "0003_lectures"
down_revision = "0002_articles"


def upgrade() -> None:
    """Apply it."""
    run("0003_lectures.up.sql")


def downgrade() -> None:
    """Take it back."""
    run("0003_lectures.down.sql")
