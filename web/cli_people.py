"""`remelt operator`: let the first person in, who lets in the others."""

import argparse
import getpass
import sys

from remelt.platform.kernel.clock import SystemClock, day_of
from remelt.platform.kernel.files import FileStore
from remelt.platform.kernel.settings import BadSetting, Settings
from remelt.platform.parties.people import add_person, join
from remelt.platform.parties.permissions import OPERATOR
from remelt.platform.parties.registering import register_organisation
from remelt.web.cli_base import as_installed
from remelt.web.erasing import erase_person
from remelt.web.erasing_files import destroy_ended
from remelt.web.passwords import hash_password
from remelt.web.wiring import new_store


def add_people(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add `operator`."""
    operator = commands.add_parser("operator", help="add a person who operates the platform")
    operator.add_argument("login", help="what the person signs in with")
    operator.add_argument("--name", required=True, help="the person's name")
    operator.add_argument("--organisation", required=True, help="the operating organisation")
    operator.set_defaults(run=run_operator)
    people = commands.add_parser("people", help="what people may ask of the platform")
    under = people.add_subparsers(dest="people", required=True, metavar="WHAT")
    gone = under.add_parser("erase", help="erase a person from the ledger, or close them for now")
    gone.add_argument("code", help="the person's code, or that of a seller's card")
    gone.set_defaults(run=run_erase)


def run_operator(asked: argparse.Namespace, settings: Settings) -> int:
    """Ask for a password, then register the operating organisation with its first person."""
    chosen = as_installed(settings)
    password_hash = hash_password(_password(), login=asked.login)
    clock = SystemClock()
    store = new_store(chosen.url, clock=clock, home=chosen.home)
    try:
        with store.write() as session:
            organisation = register_organisation(
                session,
                clock=clock,
                name_zh=asked.organisation,
                name_en="",
                legal_form="enterprise",
                adcode=f"{chosen.province}0000",
            )
            person = add_person(
                session,
                clock=clock,
                login=asked.login,
                name=asked.name,
                password_hash=password_hash,
            )
            join(
                session,
                clock=clock,
                person_id=person.key,
                organisation_id=organisation.key,
                role=OPERATOR,
            )
    finally:
        store.close()
    print(f"{asked.login} operates this platform: sign in and let the others in")
    return 0


def run_erase(asked: argparse.Namespace, settings: Settings) -> int:
    """Erase a person everywhere, or restrict them until the law lets the records go."""
    chosen, clock = as_installed(settings), SystemClock()
    store = new_store(chosen.url, clock=clock, home=chosen.home)
    try:
        with store.write() as session:
            done = erase_person(
                session, clock=clock, code=asked.code, keep_days=chosen.retention_days
            )
        destroyed = destroy_ended(store, clock=clock, files=FileStore(chosen.home / "files"))
    finally:
        store.close()
    if done.until is not None:
        print(f"restricted until {day_of(done.until)}, when the records may go; erased then")
    else:
        print(
            f"erased: {done.values} values and their secret, {destroyed} papers; the log verifies"
            " as before"
        )
    return 0


def _password() -> str:
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\n")
    first = getpass.getpass("Password, ten characters or more: ")
    if first != getpass.getpass("Again: "):
        raise BadSetting("the two passwords differ: run the command again")
    return first
