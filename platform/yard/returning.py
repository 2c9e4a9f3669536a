"""Metal that goes back: refused at the gate, after unloading, or from a customer."""

from dataclasses import asdict, dataclass
from typing import Any

from sqlmodel import Session, col, select

from remelt.platform.kernel import outbox
from remelt.platform.kernel.clock import Clock
from remelt.platform.kernel.codes import new_code
from remelt.platform.market.queries import open_contract
from remelt.platform.parties import queries as parties
from remelt.platform.parties.models import Organisation, Site
from remelt.platform.yard.bays import at_scale, site_ref
from remelt.platform.yard.errors import (
    BurdenNotYours,
    BurdenStated,
    LotNotHere,
    NoSuchReturn,
    NotReturnable,
)
from remelt.platform.yard.events import LotReturned, ReturnAgreed
from remelt.platform.yard.return_models import BEARERS, LotReturn
from remelt.traceability import ledger
from remelt.traceability.actions.returning import check_cause
from remelt.traceability.door.book import lock_lots
from remelt.traceability.models import Lot


@dataclass(frozen=True, slots=True, kw_only=True)
class Cause:
    """Why, and who bears the way: `here`, `there` or the `carrier`; co2e_g None: not known."""

    cause: str
    note: str = ""
    freight_by: str = "there"
    co2e_by: str = "there"
    co2e_g: int | None = None


def return_lot(
    session: Session,
    *,
    clock: Clock,
    site_id: int,
    person_id: int,
    lot_code: str,
    why: Cause,
    to_site: str | None = None,
) -> LotReturn:
    """Send a lot back with its history: no new origin, no new mass, no new code.

    A lot of another firm is refused at the gate and goes back to where it lies in the books. An
    own lot is returned after unloading: to_site names the site of the firm that gets its title
    back. The way back burdens the lot when its owner bears it. A contract by which a refused lot
    was to come here ends with the cause; the other party agrees who bears the way. What that party
    bears of it is missing by name until it states the figure: who sends back does not. Raises
    `UnknownCause`, `NoSuchLot`, `LotNotHere`, `NotReturnable`, `BurdenNotYours`, `NoSuchSite` and
    what the ledger refuses.
    """
    check_why(why)
    _check_figure(why)
    site = parties.site_by_id(session, site_id=site_id)
    firm = parties.organisation_by_id(session, organisation_id=site.organisation_id)
    lot = lock_lots(session, [lot_code])[lot_code]
    own = lot.owner == firm.code
    there = _back_to(session, lot, site=site, to_site=to_site, own=own)
    other = parties.organisation_by_id(session, organisation_id=there.organisation_id)
    person = parties.person_by_id(session, person_id=person_id)
    actor = f"person:{person.code}"
    row = LotReturn(
        code=new_code(),
        kind="unloaded" if own else "refused",
        lot_code=lot_code,
        mass_g=lot.mass_g,
        site_id=site_id,
        to_site_id=there.key,
        event_hash="",
        person_id=person_id,
        at=clock.now(session),
        **_said(why),
    )
    if own:
        ledger.transfer(
            session,
            clock=clock,
            lot_code=lot_code,
            owner=other.code,
            contract_ref=f"return:{row.code}",
            actor=actor,
        )
    bearers = {"here": firm.code, "there": other.code, "carrier": "carrier"}
    sent = ledger.send_back(
        session,
        clock=clock,
        lot_code=lot_code,
        cause=why.cause,
        note=why.note,
        freight_by=bearers[why.freight_by],
        co2e_by=bearers[why.co2e_by],
        co2e_g=why.co2e_g,
        custodian=other.code,
        site=site_ref(site),
        actor=actor,
    )
    row.event_hash = sent.hash
    return _keep(session, row)


def receive_return(
    session: Session, *, clock: Clock, code: str, organisation_id: int, person_id: int
) -> LotReturn:
    """Receive a lot that came back, at the site it came from. Raises `NoSuchReturn`."""
    row, there = _on_the_way(session, code=code, organisation_id=organisation_id)
    firm = parties.organisation_by_id(session, organisation_id=organisation_id)
    person = parties.person_by_id(session, person_id=person_id)
    ledger.move(
        session,
        clock=clock,
        lot_codes=[row.lot_code],
        kind="receive",
        to_site=site_ref(there),
        custodian=firm.code,
        actor=f"person:{person.code}",
    )
    row.arrived_at = clock.now(session)
    session.add(row)
    return row


def agree_bearers(
    session: Session,
    *,
    clock: Clock,
    code: str,
    organisation_id: int,
    person_id: int,
    co2e_g: int | None = None,
) -> LotReturn:
    """Agree, as the party that did not write the return, who bears freight and CO2e of the way.

    co2e_g: of the way back, where this party bears it: it burdens the lot, and what was made of it
    since. It may follow later; till then it is missing by name. Said twice it stays as it was
    first. Raises `NoSuchReturn`, `BurdenNotYours` when the other side or the carrier bears it,
    `BurdenStated` for another figure than was stated.
    """
    row = session.exec(
        select(LotReturn)
        .join(Site, col(Site.id) == col(LotReturn.to_site_id))
        .where(LotReturn.code == code, Site.organisation_id == organisation_id)
        .with_for_update(of=LotReturn)
    ).one_or_none()
    if row is None:
        raise NoSuchReturn(return_code=code[:20])
    if row.agreed_at is None:
        now = clock.now(session)
        row.sqlmodel_update({"agreed_at": now, "agreed_by": person_id})
        session.add(row)
        outbox.record(session, ReturnAgreed(at=now, return_code=row.code, lot_code=row.lot_code))
    if co2e_g is not None:
        _state(session, row, clock=clock, co2e_g=co2e_g, person_id=person_id)
    return row


def _state(session: Session, row: LotReturn, *, clock: Clock, co2e_g: int, person_id: int) -> None:
    """Lay what the way back burdens its bearer with on the lot, once."""
    if row.co2e_by != "there":
        raise BurdenNotYours(field="co2e_kg")
    if row.co2e_g is not None:
        if row.co2e_g != co2e_g:
            raise BurdenStated(field="co2e_kg", co2e_g=row.co2e_g)
        return
    there = parties.site_by_id(session, site_id=row.to_site_id or 0)
    ledger.bear_way_back(
        session,
        clock=clock,
        event_hash=row.event_hash,
        co2e_g=co2e_g,
        site=site_ref(there),
        actor=f"person:{parties.person_by_id(session, person_id=person_id).code}",
    )
    row.sqlmodel_update({"co2e_g": co2e_g})
    session.add(row)


def take_back(
    session: Session,
    *,
    clock: Clock,
    site_id: int,
    person_id: int,
    lot_code: str,
    mass_g: int,
    customer: str,
    why: Cause,
) -> LotReturn:
    """Take back what a customer outside of the platform returns, under its own code.

    It comes back with the vectors that it left with: melted again it is no new scrap. Only the
    firm that sent it out takes it back; the way burdens the lot where the firm bears it. Raises
    `UnknownCause`, `NoSuchLot`, `NotReturnable`, `BurdenNotYours` and what the ledger refuses.
    """
    check_why(why)
    _check_figure(why)
    site = parties.site_by_id(session, site_id=site_id)
    firm = parties.organisation_by_id(session, organisation_id=site.organisation_id)
    lot = lock_lots(session, [lot_code])[lot_code]
    if lot.owner != firm.code:
        raise NotReturnable(field="lot_code", lot_code=lot_code)
    person = parties.person_by_id(session, person_id=person_id)
    bearers = {"here": firm.code, "there": customer, "carrier": "carrier"}
    taken = ledger.take_back(
        session,
        clock=clock,
        lot_code=lot_code,
        mass_g=mass_g,
        cause=why.cause,
        note=why.note,
        freight_by=bearers[why.freight_by],
        co2e_by=bearers[why.co2e_by],
        co2e_g=why.co2e_g,
        custodian=firm.code,
        site=site_ref(site),
        actor=f"person:{person.code}",
    )
    now = clock.now(session)
    row = LotReturn(
        code=new_code(),
        kind="customer",
        lot_code=lot_code,
        mass_g=mass_g,
        site_id=site_id,
        customer=customer.strip(),
        event_hash=taken.hash,
        person_id=person_id,
        at=now,
        arrived_at=now,
        **_said(why),
    )
    return _keep(session, row)


def check_why(why: Cause) -> None:
    """Refuse a cause or bearer that is none. Raises `UnknownCause`, `NotReturnable`."""
    check_cause(why.cause)
    if not {why.freight_by, why.co2e_by} <= set(BEARERS):
        raise NotReturnable(field="freight_by", lot_code="")


def _check_figure(why: Cause) -> None:
    """Refuse a figure for what the other party bears: it is theirs to state."""
    if why.co2e_by == "there" and why.co2e_g is not None:
        raise BurdenNotYours(field="co2e_kg")


def _back_to(session: Session, lot: Lot, *, site: Site, to_site: str | None, own: bool) -> Site:
    """Return the site that a lot goes back to: where its owner sold it, or where one says."""
    going = select(LotReturn.id).where(
        LotReturn.lot_code == lot.code, col(LotReturn.arrived_at).is_(None)
    )
    if session.exec(going).first() is not None:
        raise NotReturnable(field="lot_code", lot_code=lot.code)
    if not own:
        return _home(session, lot, site=site)
    if not at_scale(lot, site=site) or not to_site:
        raise NotReturnable(field="to_site", lot_code=lot.code)
    there = parties.site(session, code=to_site)
    if there.organisation_id == site.organisation_id:
        raise NotReturnable(field="to_site", lot_code=lot.code)
    return there


def _home(session: Session, lot: Lot, *, site: Site) -> Site:
    """Return where a lot of another firm came from that is on its way here, or stands here."""
    here = at_scale(lot, site=site)
    contract = open_contract(session, lot_code=lot.code)
    if contract is not None and contract.deliver_to_site_id == site.id:
        if not here and lot.status != "in_transit":
            raise LotNotHere(field="lot_code", lot_code=lot.code)
        return parties.site_by_id(session, site_id=contract.from_site_id)
    owner = session.exec(select(Organisation).where(Organisation.code == lot.owner)).one_or_none()
    if owner is None or not here:
        raise LotNotHere(field="lot_code", lot_code=lot.code)
    every = parties.sites_of(session, organisation_id=owner.key)
    if not every:
        raise NotReturnable(field="to_site", lot_code=lot.code)
    return every[0]


def _on_the_way(session: Session, *, code: str, organisation_id: int) -> tuple[LotReturn, Site]:
    found = session.exec(
        select(LotReturn, Site)
        .join(Site, col(Site.id) == col(LotReturn.to_site_id))
        .where(
            LotReturn.code == code,
            Site.organisation_id == organisation_id,
            col(LotReturn.arrived_at).is_(None),
        )
        .with_for_update(of=LotReturn)
    ).one_or_none()
    if found is None:
        raise NoSuchReturn(return_code=code[:20])
    return found[0], found[1]


def _said(why: Cause) -> dict[str, Any]:
    return asdict(why) | {"note": why.note.strip()}


def _keep(session: Session, row: LotReturn) -> LotReturn:
    session.add(row)
    outbox.record(
        session,
        LotReturned(
            at=row.at,
            return_code=row.code,
            kind=row.kind,
            lot_code=row.lot_code,
            cause=row.cause,
            site_id=row.site_id,
            person_id=row.person_id,
        ),
    )
    session.flush()
    return row
