"""Migration 0007_claims: the statements stand in sql/0007_claims.{up,down}.sql."""

from pipeline_defs.storage.migrations.statements import run

revision = "0007_claims"
down_revision = "0006_flow"


def upgrade() -> None:
    """Apply it."""
    run("0007_claims.up.sql")


def downgrade() -> None:
    """Take it back."""
    run("0007_claims.down.sql")
