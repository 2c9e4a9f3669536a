"""Tolling and swaps: metal that a processor works for its owner, accounted in kg."""

from sqlmodel import Session, select

from remelt.platform.kernel import outbox
from remelt.platform.kernel.clock import Clock
from remelt.platform.parties import queries as parties
from remelt.platform.parties.models import Organisation
from remelt.platform.works.errors import (
    AccountNotOpen,
    MassNotGiven,
    NoSuchAccount,
    NotInCustody,
    NotOfAccount,
    TolledAlready,
)
from remelt.platform.works.events import TollingBooked
from remelt.platform.works.flow_models import TollingAccount, TollingEntry
from remelt.platform.works.places import Place, lots_here, place_of
from remelt.platform.works.toll_metal import is_dross_of, is_owed_already
from remelt.platform.works.tolling_terms import RUNS, lock_account, owed_of
from remelt.traceability import ledger
from remelt.traceability.corrections.believed import moment_of
from remelt.traceability.door.book import lock_lots
from remelt.traceability.ledger import SiteRef
from remelt.traceability.models import Lot


def send_in(
    session: Session,
    *,
    clock: Clock,
    code: str,
    organisation_id: int,
    person_id: int,
    lot_code: str,
) -> Lot:
    """Send a lot to the processor, as the owner. Title and footprint stay with it.

    On a dross account only dross of an own heat goes. Raises `NoSuchAccount`, `AccountNotOpen`,
    `NotInCustody`, `NotOfAccount` and what the ledger refuses.
    """
    account = _open_account(session, code=code, owner_id=organisation_id)
    place = place_of(session, site_id=account.owner_site_id, person_id=person_id, needs=_ANYTHING)
    lot = lots_here(session, place, [lot_code], owner=place.organisation)[lot_code]
    _check_of(session, account, lot)
    _move(session, clock, place, account.site_id, lot_code, kind="ship", to=place.organisation)
    return lot


def take_in(
    session: Session,
    *,
    clock: Clock,
    code: str,
    organisation_id: int,
    person_id: int,
    lot_code: str,
    mass_g: int,
) -> TollingEntry:
    """Book a lot of the owner in as weighed here, as the processor: mass x agreed yield is owed.

    Own metal stays the owner's, and is owed once: neither under a second account nor again as
    what was made of it. With `equivalent` and `swap` the title passes now. Raises
    `NoSuchAccount`, `AccountNotOpen`, `MassNotGiven`, `NotOfAccount`, `NotInCustody`,
    `TolledAlready` and what the ledger refuses.
    """
    account = _open_account(session, code=code, processor_id=organisation_id)
    owed_g = owed_of(account, mass_g=mass_g)
    if owed_g <= 0:
        raise MassNotGiven(field="mass_kg")
    place = place_of(session, site_id=account.site_id, person_id=person_id, needs=RUNS)
    lot = lock_lots(session, [lot_code])[lot_code]
    if lot.owner != _firm(session, account.owner_id).code or _booked(session, account, lot_code):
        raise NotInCustody(lot_code=lot_code)
    _check_of(session, account, lot)
    if is_owed_already(session, lot):
        raise TolledAlready(field="lot", lot_code=lot_code)
    if lot.status == "in_transit":
        _move(
            session, clock, place, account.site_id, lot_code, kind="receive",
            to=place.organisation,
        )  # fmt: skip
    lots_here(session, place, [lot_code])
    if lot.mass_g != mass_g:
        ledger.weigh(
            session,
            clock=clock,
            lot_code=lot_code,
            mass_g=mass_g,
            ticket_ref=account.code,
            scale_division_g=place.division_g,
            site=place.ref,
            actor=place.actor,
        )
    if account.terms != "own_metal":
        _pass(session, clock, place, account, lot_code, owner=place.organisation)
    return _book(session, clock, place, account, lot, kind="received", owed_g=owed_g)


def give_back(
    session: Session,
    *,
    clock: Clock,
    code: str,
    organisation_id: int,
    person_id: int,
    lot_code: str,
) -> TollingEntry:
    """Return a lot to the owner, as the processor: its mass is owed no longer.

    Own metal goes back as it is; a lot of the processor's own passes its title first, with the
    vectors it carries: the claims of a lot are its owner's, each once. On a dross account only
    what was made of the owner's metal goes back, for it stays run-around. Raises
    `NoSuchAccount`, `AccountNotOpen`, `NotInCustody`, `NotOfAccount` and what the ledger refuses.
    """
    account = _open_account(session, code=code, processor_id=organisation_id)
    place = place_of(session, site_id=account.site_id, person_id=person_id, needs=RUNS)
    lot = lots_here(session, place, [lot_code])[lot_code]
    owner = _firm(session, account.owner_id).code
    mine = lot.owner == place.organisation
    if lot.metal != account.metal or not (mine or lot.owner == owner):
        raise NotOfAccount(field="lot", lot_code=lot_code)
    if mine and account.material == "dross":
        raise NotOfAccount(field="lot", lot_code=lot_code)
    if mine:
        _pass(session, clock, place, account, lot_code, owner=owner)
    entry = _book(session, clock, place, account, lot, kind="returned", owed_g=-lot.mass_g)
    _move(
        session, clock, place, account.owner_site_id, lot_code, kind="ship", to=place.organisation
    )
    return entry


def take_home(
    session: Session,
    *,
    clock: Clock,
    code: str,
    organisation_id: int,
    person_id: int,
    lot_code: str,
) -> Lot:
    """Receive a returned lot at one's own site, as the owner.

    Raises `NoSuchAccount`, `NotInCustody`.
    """
    account = lock_account(session, code=code, organisation_id=organisation_id)
    place = place_of(session, site_id=account.owner_site_id, person_id=person_id, needs=_ANYTHING)
    on_the_way = _booked(session, account, lot_code, kind="returned")
    lot = lock_lots(session, [lot_code])[lot_code] if on_the_way else None
    if lot is None or lot.owner != place.organisation or lot.status != "in_transit":
        raise NotInCustody(lot_code=lot_code[:20])
    _move(
        session, clock, place, account.owner_site_id, lot_code, kind="receive",
        to=place.organisation,
    )  # fmt: skip
    return lot


_ANYTHING = ("collect", "purchase_point", "hub", "smelt", "process", "trade")


def _open_account(
    session: Session, *, code: str, owner_id: int | None = None, processor_id: int | None = None
) -> TollingAccount:
    account = lock_account(session, code=code, organisation_id=owner_id or processor_id or 0)
    if owner_id not in {None, account.owner_id} or processor_id not in {
        None,
        account.processor_id,
    }:
        raise NoSuchAccount(account_code=code[:20])
    if account.accepted_at is None or account.ended_at is not None:
        raise AccountNotOpen(account_code=code)
    return account


def _check_of(session: Session, account: TollingAccount, lot: Lot) -> None:
    """Refuse another metal, and on a dross account what is no dross of the owner's heats."""
    if lot.metal != account.metal:
        raise NotOfAccount(field="lot", lot_code=lot.code)
    if account.material == "dross" and not is_dross_of(session, lot, owner_id=account.owner_id):
        raise NotOfAccount(field="lot", lot_code=lot.code)


def _booked(
    session: Session, account: TollingAccount, lot_code: str, *, kind: str = "received"
) -> bool:
    statement = select(TollingEntry.id).where(
        TollingEntry.account_id == account.key,
        TollingEntry.lot_code == lot_code,
        TollingEntry.kind == kind,
    )
    return session.exec(statement).first() is not None


def _firm(session: Session, organisation_id: int) -> Organisation:
    return parties.organisation_by_id(session, organisation_id=organisation_id)


def _pass(
    session: Session,
    clock: Clock,
    place: Place,
    account: TollingAccount,
    lot_code: str,
    *,
    owner: str,
) -> None:
    ledger.transfer(
        session,
        clock=clock,
        lot_code=lot_code,
        owner=owner,
        contract_ref=f"tolling:{account.code}",
        actor=place.actor,
    )


def _move(
    session: Session,
    clock: Clock,
    place: Place,
    site_id: int,
    lot_code: str,
    *,
    kind: str,
    to: str,
) -> None:
    site = parties.site_by_id(session, site_id=site_id)
    ledger.move(
        session,
        clock=clock,
        lot_codes=[lot_code],
        kind=kind,  # type: ignore[arg-type]  # ship or receive
        to_site=SiteRef(code=site.code, adcode=site.adcode),
        custodian=to,
        actor=place.actor,
    )


def _book(
    session: Session,
    clock: Clock,
    place: Place,
    account: TollingAccount,
    lot: Lot,
    *,
    kind: str,
    owed_g: int,
) -> TollingEntry:
    entry = TollingEntry(
        account_id=account.key,
        kind=kind,
        lot_code=lot.code,
        event_key=moment_of(session, lot).event_key,
        person_id=place.person_id,
        at=clock.now(session),
    )
    session.add(entry)
    outbox.record(
        session,
        TollingBooked(
            at=entry.at,
            account_code=account.code,
            kind=entry.kind,
            lot_code=lot.code,
            owed_g=owed_g,
        ),
    )
    session.flush()
    return entry
