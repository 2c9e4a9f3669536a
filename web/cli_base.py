"""Commands of the installation: init, migrate, serve."""

import argparse
from dataclasses import replace

from sqlmodel import Session, select

from remelt.migrations.upgrade import current, newest, upgrade
from remelt.platform.catalogue.loading import load_package_data
from remelt.platform.kernel.clock import SystemClock
from remelt.platform.kernel.installation import install, installed
from remelt.platform.kernel.settings import BadSetting, Settings
from remelt.platform.logistics.solving import prepare_solver
from remelt.traceability.models import Lot
from remelt.web.home import prepare_home, session_key
from remelt.web.serving import serve
from remelt.web.transparency import log_signer
from remelt.web.wiring import new_store


def add_base(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add `init`, `migrate` and `serve`."""
    init = commands.add_parser("init", help="make the folder, the keys and the database")
    init.add_argument("--base-url", help="the address that tags will carry, for ever")
    init.set_defaults(run=run_init)
    migrate = commands.add_parser("migrate", help="bring the database to this version")
    migrate.set_defaults(run=run_migrate)
    server = commands.add_parser("serve", help="serve the pages, the API and the jobs")
    server.set_defaults(run=run_serve)


def run_init(asked: argparse.Namespace, settings: Settings) -> int:
    """Make everything an installation needs; twice is once."""
    chosen = replace(settings, base_url=(asked.base_url or settings.base_url).rstrip("/"))
    prepare(chosen)
    prepare_solver()
    print(f"ready in {chosen.home}: start it with `remelt serve`")
    return 0


def run_migrate(_asked: argparse.Namespace, settings: Settings) -> int:
    """Upgrade the schema, load this version's reference data, tell from where to where."""
    store = new_store(settings.url, clock=SystemClock())
    before = current(store.engine)
    upgrade(store.engine, province=settings.province)
    with store.write() as session:
        load_package_data(session)
    print(f"database: {before or 'empty'} -> {current(store.engine)}")
    store.close()
    return 0


def run_serve(_asked: argparse.Namespace, settings: Settings) -> int:
    """Serve, once the database is at this version and the tag address is the installed one."""
    serve(as_installed(settings))
    return 0


def prepare(settings: Settings) -> None:
    """Make the home, migrate, load the package's reference data, fix the tag address."""
    prepare_home(settings.home)
    session_key(settings.home)
    log_signer(settings)
    clock = SystemClock()
    store = new_store(settings.url, clock=clock)
    upgrade(store.engine, province=settings.province)
    with store.write() as session:
        load_package_data(session)
        install(
            session,
            clock=clock,
            base_url=settings.base_url,
            province=settings.province,
            tags_out=tags_out(session),
        )
    store.close()


def tags_out(session: Session) -> bool:
    """Tell whether a lot, and so a tag, exists."""
    return session.exec(select(Lot.id).limit(1)).first() is not None


def as_installed(settings: Settings) -> Settings:
    """Return the settings with the installed tag address. Raises `BadSetting` before `init`."""
    if not settings.database_url and not (settings.home / "remelt.db").exists():
        raise BadSetting("nothing is installed here yet: run `remelt init`")
    store = new_store(settings.url, clock=SystemClock())
    try:
        if current(store.engine) != newest():
            raise BadSetting(
                "the database is not at this version: run `remelt init`, or `remelt migrate`"
            )
        with store.read() as session:
            row = installed(session)
    finally:
        store.close()
    if row is None:
        raise BadSetting("nothing is installed here yet: run `remelt init`")
    return replace(settings, base_url=row.base_url)
