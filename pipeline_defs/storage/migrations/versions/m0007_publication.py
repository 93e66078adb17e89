"""Migration 0007_publication: the statements stand in sql/0007_publication.{up,down}.sql."""

from pipeline_defs.storage.migrations.statements import run

revision = "0007_publication"
down_revision = "0006_flow"


def upgrade() -> None:
    """Apply it."""
    run("0007_publication.up.sql")


def downgrade() -> None:
    """Take it back."""
    run("0007_publication.down.sql")
