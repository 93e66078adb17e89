"""Migration 0009_transitions: the statements stand in sql/0009_transitions.{up,down}.sql."""

from pipeline_defs.storage.migrations.statements import run

revision = "0009_transitions"
down_revision = "0008_page_links"


def upgrade() -> None:
    """Apply it."""
    run("0009_transitions.up.sql")


def downgrade() -> None:
    """Take it back."""
    run("0009_transitions.down.sql")
