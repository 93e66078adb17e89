"""Alembic's entry: runs revisions on the connection that `migrate` hands over."""

from alembic import context

connection = context.config.attributes["connection"]
context.configure(
    connection=connection, version_table="schema_revision", transaction_per_migration=False
)
with context.begin_transaction():
    context.run_migrations()
