"""Migration 0022_unit_edits: the statements stand in sql/0022_unit_edits.{up,down}.sql."""

from pipeline_defs.storage.migrations.statements import run

revision = "0022_unit_edits"
down_revision = "0021_refused_parts"


def upgrade() -> None:
    """Apply it."""
    run("0022_unit_edits.up.sql")


def downgrade() -> None:
    """Take it back."""
    run("0022_unit_edits.down.sql")
