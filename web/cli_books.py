"""`remelt books`: whether the book of money balances and says what the settlements say."""

import argparse

from remelt.platform.kernel.clock import SystemClock
from remelt.platform.kernel.settings import Settings
from remelt.platform.settlement.checking import counts, drifts
from remelt.web.cli_base import as_installed
from remelt.web.wiring import new_store


def add_books(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add `books`."""
    books = commands.add_parser(
        "books", help="check that every entry balances and that payables are what is owed"
    )
    books.set_defaults(run=run_books)


def run_books(_asked: argparse.Namespace, settings: Settings) -> int:
    """Say each thing that does not agree; 1 when there is one."""
    chosen = as_installed(settings)
    store = new_store(chosen.url, clock=SystemClock(), home=chosen.home)
    try:
        with store.read() as session:
            found = list(drifts(session))
            entries, lines = counts(session)
    finally:
        store.close()
    for each in found:
        print(f"{each.what} {each.of} book {each.book_fen} fen, owed {each.owed_fen} fen")
    print(
        f"{entries} entries, {lines} lines: {'all agree' if not found else f'{len(found)} differ'}"
    )
    return 1 if found else 0
