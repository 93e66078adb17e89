"""Migration ${up_revision}: the statements stand in sql/${up_revision}.{up,down}.sql."""

from pipeline_defs.storage.migrations.statements import run

revision = ${repr(up_revision)}
down_revision = ${repr(down_revision)}


def upgrade() -> None:
    """Apply it."""
    run("${up_revision}.up.sql")


def downgrade() -> None:
    """Take it back."""
    run("${up_revision}.down.sql")
