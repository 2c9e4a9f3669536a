"""Only Alembic makes schemas, and what it does not model stands again after each upgrade."""

from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

from remelt.migrations import ddl, tables
from remelt.migrations.upgrade import current, newest, upgrade
from remelt.platform.kernel.store import Store


def _catalogue(connection: Connection) -> list[tuple[Any, ...]]:
    """Everything the database says of itself, triggers and search tables included."""
    if connection.dialect.name == "sqlite":
        listed = "SELECT type, name, tbl_name, sql FROM sqlite_master ORDER BY type, name"
        return [tuple(row) for row in connection.execute(text(listed))]
    statements = (
        "SELECT table_name, column_name, data_type, is_nullable, column_default "
        "FROM information_schema.columns WHERE table_schema = 'public' ORDER BY 1, 2",
        "SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint "
        "WHERE connamespace = 'public'::regnamespace ORDER BY 1, 2",
        "SELECT indexdef FROM pg_indexes WHERE schemaname = 'public' ORDER BY 1",
        "SELECT tgrelid::regclass::text, tgname, pg_get_triggerdef(oid) FROM pg_trigger "
        "WHERE NOT tgisinternal ORDER BY 1, 2",
    )
    return [tuple(row) for each in statements for row in connection.execute(text(each))]


def test_the_schema_is_what_the_tables_say(store: Store):
    assert current(store.engine) == newest()
    with store.engine.connect() as connection:
        context = MigrationContext.configure(
            connection, opts={"include_object": tables.is_ours, "compare_type": True}
        )
        assert compare_metadata(context, tables.metadata) == []


def test_upgrading_again_changes_nothing(store: Store):
    with store.engine.connect() as connection:
        before = _catalogue(connection)
    upgrade(store.engine, province=52)
    with store.engine.connect() as connection:
        assert _catalogue(connection) == before
        assert len(before) > 50


@pytest.mark.parametrize("table", ddl.INSERT_ONLY)
def test_insert_only_tables_refuse_change_and_deletion(store: Store, table: str):
    """A trigger with no row to fire on proves nothing, so the trigger itself is asked for."""
    with store.engine.connect() as connection:
        if connection.dialect.name == "sqlite":
            found = connection.execute(
                text("SELECT sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = :t"),
                {"t": table},
            ).scalars()
            verbs = {sql.split(" BEFORE ")[1].split()[0] for sql in found if " BEFORE " in sql}
        else:
            bits = connection.execute(
                text(
                    "SELECT tgtype FROM pg_trigger "
                    "WHERE tgrelid = CAST(:t AS regclass) AND NOT tgisinternal"
                ),
                {"t": table},
            ).scalars()
            verbs = {
                verb for bit in bits for mask, verb in ((8, "DELETE"), (16, "UPDATE")) if bit & mask
            }
    assert verbs == {"UPDATE", "DELETE"}


def test_a_choice_outside_the_list_is_refused_by_the_database(store: Store):
    statement = (
        "INSERT INTO job (code, kind, payload, state, created_at, run_at, attempt, "
        "max_attempts, progress, note) "
        "VALUES ('X', 'k', '{}', 'sleeping', :at, :at, 0, 1, 0, '')"
    )
    with pytest.raises(DBAPIError, match="state_known"), store.write() as session:
        session.connection().execute(text(statement), {"at": "2026-03-02 04:00:00"})
