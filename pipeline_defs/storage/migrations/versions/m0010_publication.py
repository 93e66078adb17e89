"""Migration 0010_publication: the statements stand in sql/0010_publication.{up,down}.sql."""

from pipeline_defs.storage.migrations.statements import run

revision = "0010_publication"
down_revision = "0009_transitions"


def upgrade() -> None:
    """Apply it."""
    run("0010_publication.up.sql")


def downgrade() -> None:
    """Take it back."""
    run("0010_publication.down.sql")
