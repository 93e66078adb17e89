"""Migration 0011_pausing: the statements stand in sql/0011_pausing.{up,down}.sql."""

from pipeline_defs.storage.migrations.statements import run

revision = "0011_pausing"
down_revision = "0010_publication"


def upgrade() -> None:
    """Apply it."""
    run("0011_pausing.up.sql")


def downgrade() -> None:
    """Take it back."""
    run("0011_pausing.down.sql")
