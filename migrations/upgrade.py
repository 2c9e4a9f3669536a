"""Bring a database to the newest revision."""

from importlib.resources import files

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine

from remelt.migrations import ddl


def config() -> Config:
    """Return Alembic's configuration for the revisions inside the package."""
    made = Config()
    made.set_main_option("script_location", str(files("remelt.migrations")))
    return made


def upgrade(engine: Engine, *, province: int, revision: str = "head") -> None:
    """Migrate to `revision` in one transaction, then re-apply triggers and search tables."""
    with engine.connect() as connection:
        if connection.dialect.name == "sqlite":
            connection.exec_driver_sql(
                "PRAGMA foreign_keys=OFF"
            )  # table rebuilds need it; checked below
            connection.rollback()
        with connection.begin():
            _run(connection, revision)
            ddl.apply(connection, province=province)
            _check_references(connection)
        if connection.dialect.name == "sqlite":
            connection.exec_driver_sql("PRAGMA foreign_keys=ON")
            connection.rollback()


def current(engine: Engine) -> str | None:
    """Return the revision that the database is at."""
    with engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def newest() -> str | None:
    """Return the newest revision that this package knows."""
    return ScriptDirectory.from_config(config()).get_current_head()


def _run(connection: Connection, revision: str) -> None:
    settings = config()
    settings.attributes["connection"] = connection
    command.upgrade(settings, revision)


def _check_references(connection: Connection) -> None:
    if connection.dialect.name != "sqlite":
        return
    broken = connection.exec_driver_sql("PRAGMA foreign_key_check").fetchall()
    if broken:
        raise RuntimeError(f"rows point at nothing after the upgrade: {broken[:3]}")
