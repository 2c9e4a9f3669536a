"""Alembic environment: one connection, given by the caller."""

from alembic import context

from remelt.migrations import tables

connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=tables.metadata,
    render_as_batch=connection.dialect.name == "sqlite",
    include_object=tables.is_ours,
    transaction_per_migration=False,
)
with context.begin_transaction():
    context.run_migrations()
