"""Migration 0018_scripts: the statements stand in sql/0018_scripts.{up,down}.sql."""

from pipeline_defs.storage.migrations.statements import run

revision = "0018_scripts"
down_revision = "0017_backfills"


def upgrade() -> None:
    """Apply it."""
    run("0018_scripts.up.sql")


def downgrade() -> None:
    """Take it back."""
    run("0018_scripts.down.sql")
