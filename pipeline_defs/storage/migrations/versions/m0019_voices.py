"""Migration 0019_voices: the statements stand in sql/0019_voices.{up,down}.sql."""

from pipeline_defs.storage.migrations.statements import run

revision = "0019_voices"
down_revision = "0018_scripts"


def upgrade() -> None:
    """Apply it."""
    run("0019_voices.up.sql")


def downgrade() -> None:
    """Take it back."""
    run("0019_voices.down.sql")
