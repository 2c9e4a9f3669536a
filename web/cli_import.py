"""Commands that take a firm's own files in: `import tickets`."""

import argparse
import sys
from pathlib import Path

from sqlmodel import Session

from remelt.platform.kernel.clock import SystemClock
from remelt.platform.kernel.errors import Refusal
from remelt.platform.kernel.settings import Settings
from remelt.platform.kernel.sheets.columns import MASS_UNITS, PRICE_UNITS
from remelt.platform.kernel.store import Store
from remelt.platform.parties import queries as parties
from remelt.platform.parties.errors import NoSuchPerson
from remelt.platform.yard.importing import Preview, dry_run, import_tickets, parse
from remelt.platform.yard.words import METHODS
from remelt.web.cli_base import as_installed
from remelt.web.messages import MESSAGES
from remelt.web.wiring import new_store

MOST_TOLD = 50


def add_import(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add `import tickets`."""
    room = commands.add_parser("import", help="take a firm's own files in")
    actions = room.add_subparsers(dest="action", required=True, metavar="WHAT")
    tickets = actions.add_parser(
        "tickets", help="a weighbridge program's CSV or XLSX becomes gate tickets"
    )
    tickets.add_argument("file", type=Path, metavar="FILE")
    tickets.add_argument("--site", required=True, help="code of the site whose scale it was")
    tickets.add_argument("--login", required=True, help="login of the person who takes it in")
    tickets.add_argument("--mass-unit", choices=sorted(MASS_UNITS), help="where headings say none")
    tickets.add_argument("--price-unit", choices=sorted(PRICE_UNITS), help="yuan per this unit")
    tickets.add_argument("--paid-by", choices=METHODS, help="where the file does not say")
    tickets.add_argument("--dry-run", action="store_true", help="say what would be, write nothing")
    tickets.set_defaults(run=run_tickets)


def run_tickets(asked: argparse.Namespace, settings: Settings) -> int:
    """Take one file in; name every bad cell and change nothing then."""
    try:
        content = asked.file.read_bytes()
    except OSError as reason:
        print(f"remelt: {asked.file}: {reason.strerror}", file=sys.stderr)
        return 2
    store = new_store(as_installed(settings).url, clock=SystemClock(), home=settings.home)
    try:
        return _take_in(store, asked, content)
    finally:
        store.close()


def _take_in(store: Store, asked: argparse.Namespace, content: bytes) -> int:
    clock = SystemClock()
    parsed = parse(
        content, filename=asked.file.name, mass_unit=asked.mass_unit, price_unit=asked.price_unit
    )
    with store.read() as session:
        site = parties.site(session, code=asked.site)
        preview = dry_run(
            session, clock=clock, site_id=site.key, parsed=parsed, paid_by=asked.paid_by
        )
    _tell(preview)
    if asked.dry_run:
        return 2 if preview.problems else 0
    with store.write() as session:
        person = parties.person_by_login(session, login=asked.login)
        if person is None or not _belongs(session, person.key, site.organisation_id):
            raise NoSuchPerson(person_code=asked.login[:20])
        done = import_tickets(
            session,
            clock=clock,
            site_id=site.key,
            person_id=person.key,
            parsed=parsed,
            paid_by=asked.paid_by,
        )
    print(f"wrote {len(done.tickets)} tickets; {done.known} rows were there already")
    return 0


def _belongs(session: Session, person_id: int, organisation_id: int) -> bool:
    lines = parties.memberships(session, person_id=person_id, organisation_id=organisation_id)
    return bool(lines)


def _tell(preview: Preview) -> None:
    for problem in preview.problems[:MOST_TOLD]:
        print(f"{problem.cell} {problem.heading}: {_sentence(problem.refusal)}", file=sys.stderr)
    if len(preview.problems) > MOST_TOLD:
        print(f"... only the first {MOST_TOLD} are told", file=sys.stderr)
    for row in preview.parsed.left_out:
        print(f"row {row.row} is left out: {row.why}")
    if preview.parsed.unused:
        print(f"columns not used: {', '.join(preview.parsed.unused)}")
    print(
        f"{len(preview.tickets)} tickets, {preview.net_g / 1_000_000:.3f} t, "
        f"CNY {preview.amount_fen // 100:,}.{preview.amount_fen % 100:02d}"
    )


def _sentence(refusal: Refusal) -> str:
    text = MESSAGES.get(refusal.code, refusal.code)
    return text % refusal.facts if refusal.facts else text
