"""Entering what a settlement is worked from: loads, results, called prices. Each supersedes."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlmodel import Session, col, select

from remelt.platform.kernel.clock import BEIJING, Clock
from remelt.platform.kernel.codes import new_code
from remelt.platform.market.models import Contract
from remelt.platform.market.suspending import check_running
from remelt.platform.settlement.books import in_force
from remelt.platform.settlement.errors import PaidInTheFuture
from remelt.platform.settlement.finals.claiming import standing_of
from remelt.platform.settlement.finals.drafting import party_contract, signed_terms, terms_of
from remelt.platform.settlement.finals.errors import (
    AnalyteNotInTerms,
    AssayRevealed,
    CalledTooMuch,
    CallOutsideSession,
    CallOutsideWindow,
    NotYourCall,
    SettlingOver,
    TermsNotSigned,
)
from remelt.platform.settlement.finals.gathering import (
    calls_of,
    standing_assays,
    standing_weights,
)
from remelt.platform.settlement.finals.inputs import Weight, check_weight
from remelt.platform.settlement.finals.models import PriceCall, SettlingAssay, SettlingWeight
from remelt.platform.settlement.finals.settling import settle_signed
from remelt.platform.settlement.finals.terms import (
    CalledPrice,
    Side,
    Terms,
    clock_time,
    formula_of,
)
from remelt.platform.settlement.pricing.indices import load_book
from remelt.platform.settlement.pricing.syntax import quotes


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """One load as a party enters it; ticket: the number on its slip."""

    load: str
    ticket: str
    day: date
    gross_g: int
    tare_g: int
    deducted_g: int = 0
    photo_sha256: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """A laboratory's result for one content; umpire: of the umpire, as its report says."""

    analyte: str
    ppm: int
    umpire: bool = False
    laboratory: str = ""
    report_sha256: str | None = None


def enter_load(
    session: Session, *, clock: Clock, contract_code: str, organisation_id: int, person_id: int,
    load: Load,
) -> SettlingWeight:  # fmt: skip
    """Enter a load of one's own side; entered again it supersedes what stood.

    Raises `NoSuchContract`, `TermsNotSigned`, `SettlingOver`, `TareAboveGross`,
    `DeductedTooMuch` or `PaidInTheFuture`.
    """
    contract, side, _ = _open(
        session, clock, contract_code=contract_code, organisation_id=organisation_id
    )
    if load.day > _today(session, clock):
        raise PaidInTheFuture(field="day")
    row = keep_load(
        session, clock=clock, contract=contract, side=side, person_id=person_id, load=load
    )
    settle_signed(session, clock=clock, contract=contract)
    return row


def keep_load(
    session: Session, *, clock: Clock, contract: Contract, side: Side, person_id: int, load: Load,
    ours: bool = False,
) -> SettlingWeight:  # fmt: skip
    """Keep a load without settling. ours: it was weighed on a scale of this platform."""
    given = Weight(
        ticket=load.ticket, side=side, load=load.load, day=load.day, gross_g=load.gross_g,
        tare_g=load.tare_g, deducted_g=load.deducted_g,
    )  # fmt: skip
    check_weight(given)
    before = next(
        (
            row
            for row in standing_weights(session, contract_id=contract.key)
            if (row.side, row.load) == (side, load.load)
        ),
        None,
    )
    row = SettlingWeight(
        code=load.ticket if ours else new_code(), contract_id=contract.key, side=side,
        load=load.load, ticket=load.ticket, ours=ours, day=load.day, gross_g=load.gross_g,
        tare_g=load.tare_g, deducted_g=load.deducted_g, photo_sha256=load.photo_sha256,
        supersedes_id=None if before is None else before.key, person_id=person_id,
        entered_at=clock.now(session),
    )  # fmt: skip
    session.add(row)
    session.flush()
    return row


def void_load(
    session: Session, *, clock: Clock, ticket_code: str, person_id: int
) -> Contract | None:
    """Take a load out of its contract whose ticket of ours was voided, without settling.

    Returns the contract, None when the ticket is of none.
    """
    row = session.exec(
        select(SettlingWeight).where(
            SettlingWeight.code == ticket_code, col(SettlingWeight.ours).is_(True)
        )
    ).one_or_none()
    if row is None:
        return None
    contract = session.exec(
        select(Contract).where(Contract.id == row.contract_id).with_for_update()
    ).one()
    standing = {each.key for each in standing_weights(session, contract_id=contract.key)}
    if row.key not in standing:
        return contract
    kept = row.model_dump(exclude={"id"}) | {
        "code": new_code(), "voided": True, "supersedes_id": row.key, "person_id": person_id,
        "entered_at": clock.now(session),
    }  # fmt: skip
    session.add(SettlingWeight(**kept))
    session.flush()
    return contract


def enter_result(
    session: Session, *, clock: Clock, contract_code: str, organisation_id: int, person_id: int,
    result: Result,
) -> SettlingAssay:  # fmt: skip
    """Enter a result of one's own side, or what the umpire's report says.

    A party's result stays hidden from the other until both have entered theirs; from then on
    neither may change it. The umpire's counts once both parties enter the same.
    Raises `NoSuchContract`, `TermsNotSigned`, `SettlingOver`, `AnalyteNotInTerms` or
    `AssayRevealed`.
    """
    contract, side, terms = _open(
        session, clock, contract_code=contract_code, organisation_id=organisation_id
    )
    if result.analyte not in {clause.analyte for clause in terms.measured}:
        raise AnalyteNotInTerms(field="analyte", analyte=result.analyte[:20])
    rows = [
        row
        for row in standing_assays(session, contract_id=contract.key)
        if row.analyte == result.analyte
    ]
    spoken = "umpire" if result.umpire else side
    mine = [r for r in rows if r.by_organisation_id == organisation_id and r.side == spoken]
    _refuse_revealed(rows, mine=mine, analyte=result.analyte)
    row = SettlingAssay(
        code=new_code(), contract_id=contract.key, side=spoken, analyte=result.analyte,
        ppm=result.ppm, laboratory=result.laboratory[:60], report_sha256=result.report_sha256,
        supersedes_id=mine[0].key if mine else None, by_organisation_id=organisation_id,
        person_id=person_id, entered_at=clock.now(session),
    )  # fmt: skip
    session.add(row)
    session.flush()
    settle_signed(session, clock=clock, contract=contract)
    return row


def call_price(
    session: Session, *, clock: Clock, contract_code: str, organisation_id: int, person_id: int,
    mass_g: int,
) -> PriceCall:  # fmt: skip
    """Call today's quote for a part of the tonnage; what is called stands.

    Raises `NoSuchContract`, `TermsNotSigned`, `ContractSuspended`, `NotYourCall`,
    `CallOutsideWindow`, `CallOutsideSession` or `CalledTooMuch`.
    """
    contract, side, terms = _open(
        session, clock, contract_code=contract_code, organisation_id=organisation_id
    )
    check_running(contract)
    called = terms.called
    if called is None:
        raise TermsNotSigned(contract=contract.code)
    if called.by != side:
        raise NotYourCall(contract=contract.code)
    code = next(q.code for q in quotes(formula_of(terms.formula).price) if q.period is None)
    today = _today(session, clock)
    calendar = load_book(session, codes=[code], since=today)[code].calendar
    if not called.first <= today <= called.last or not calendar.trades(today):
        raise CallOutsideWindow(
            first=called.first.isoformat(), last=called.last.isoformat(), code=code
        )
    _check_session(called, now=clock.now(session).astimezone(BEIJING))
    left_g = called.mass_g - sum(call.mass_g for call in calls_of(session, contract.key))
    if not min(called.least_g, left_g) <= mass_g <= left_g or mass_g <= 0:
        raise CalledTooMuch(
            field="mass_kg", left_kg=left_g // 1000, least_kg=min(called.least_g, left_g) // 1000
        )
    row = PriceCall(
        code=new_code(), contract_id=contract.key, index_code=code, day=today, mass_g=mass_g,
        organisation_id=organisation_id, person_id=person_id, called_at=clock.now(session),
    )  # fmt: skip
    session.add(row)
    session.flush()
    settle_signed(session, clock=clock, contract=contract)
    return row


def _check_session(called: CalledPrice, *, now: datetime) -> None:
    """Refuse a call while the exchange is shut."""
    if not called.opens_min <= now.hour * 60 + now.minute < called.closes_min:
        raise CallOutsideSession(
            opens=clock_time(called.opens_min), closes=clock_time(called.closes_min)
        )


def _open(
    session: Session, clock: Clock, *, contract_code: str, organisation_id: int
) -> tuple[Contract, Side, Terms]:
    """Return a contract whose settlement may still be worked from what its parties enter."""
    contract, side = party_contract(
        session, contract_code=contract_code, organisation_id=organisation_id, lock=True
    )
    signed = signed_terms(session, contract_id=contract.key)
    if signed is None:
        raise TermsNotSigned(contract=contract.code)
    last = in_force(session, kind="contract", subject_code=contract.code)
    if last is not None and standing_of(session, last, now=clock.now(session)).over:
        raise SettlingOver(contract=contract.code)
    return contract, side, terms_of(signed)


def _refuse_revealed(rows: list[SettlingAssay], *, mine: list[SettlingAssay], analyte: str) -> None:
    if not mine or mine[0].side == "umpire":
        return
    others = [r for r in rows if r.side != "umpire" and r.key != mine[0].key]
    if others:
        raise AssayRevealed(field="analyte", analyte=analyte)


def _today(session: Session, clock: Clock) -> date:
    return clock.now(session).astimezone(BEIJING).date()
