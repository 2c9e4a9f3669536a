"""What the pages of a contract's terms and settlement read, as one of its two parties sees it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, select

from remelt.platform.kernel.clock import BEIJING
from remelt.platform.market import queries as market
from remelt.platform.market.models import Contract
from remelt.platform.market.queries import Sold
from remelt.platform.settlement.books import balance
from remelt.platform.settlement.errors import NoSuchSettlement
from remelt.platform.settlement.finals.claiming import Standing, standing_of, words_of
from remelt.platform.settlement.finals.computing import final
from remelt.platform.settlement.finals.drafting import signed_terms, signers, terms_of
from remelt.platform.settlement.finals.gathering import (
    calls_of,
    gather,
    standing_assays,
    standing_weights,
)
from remelt.platform.settlement.finals.models import (
    ContractTerms,
    DebitNote,
    PriceCall,
    SettlementStatement,
    SettlementWord,
    SettlingAssay,
    SettlingWeight,
)
from remelt.platform.settlement.finals.statement import Waiting
from remelt.platform.settlement.finals.terms import Side, Terms, plain_terms
from remelt.platform.settlement.models import Settlement
from remelt.platform.settlement.rules import Balance


@dataclass(frozen=True, slots=True)
class TermsView:
    """A contract with its terms: those in force, and the newest draft where it waits."""

    sold: Sold
    side: Side
    terms: Terms
    signed: ContractTerms | None
    draft: ContractTerms | None
    draft_terms: Terms | None
    signed_by_us: bool


@dataclass(frozen=True, slots=True)
class DealView:
    """The settlement of a contract on signed terms, with everything it is worked from."""

    sold: Sold
    side: Side
    signed: ContractTerms
    terms: Terms
    weights: tuple[SettlingWeight, ...]
    assays: tuple[SettlingAssay, ...]
    hidden: tuple[str, ...]
    calls: tuple[PriceCall, ...]
    waiting: Waiting | None
    revisions: tuple[tuple[Settlement, SettlementStatement | None], ...]
    standing: Standing | None
    balance: Balance | None
    words: tuple[SettlementWord, ...]
    note: DebitNote | None

    @property
    def settlement(self) -> Settlement | None:
        """The settlement in force."""
        return self.revisions[-1][0] if self.revisions else None

    @property
    def statement(self) -> SettlementStatement | None:
        """How the settlement in force was worked; None where nothing is owed."""
        return self.revisions[-1][1] if self.revisions else None


@dataclass(frozen=True, slots=True)
class Owed:
    """A debit note, of which settlement and contract; owes: the organisation that asks owes it."""

    note: DebitNote
    contract_code: str
    settlement_code: str
    owes: bool


def debit_notes(session: Session, *, organisation_id: int) -> list[Owed]:
    """Return the debit notes of an organisation on either side, the newest first."""
    rows = session.exec(
        select(DebitNote, Settlement)
        .join(Settlement, col(Settlement.id) == col(DebitNote.settlement_id))
        .where(
            (col(Settlement.payer_id) == organisation_id)
            | (col(Settlement.payee_id) == organisation_id)
        )
        .order_by(col(DebitNote.id).desc())
    )
    return [
        Owed(note, row.subject_code, row.code, row.payee_id == organisation_id)
        for note, row in rows
    ]


def terms_view(session: Session, *, contract_code: str, organisation_id: int) -> TermsView:
    """Return a contract's terms to one of its parties. Raises `NoSuchContract`."""
    sold = market.contract(session, code=contract_code, organisation_id=organisation_id)
    contract = sold.contract
    signed = signed_terms(session, contract_id=contract.key)
    newest = session.exec(
        select(ContractTerms)
        .where(ContractTerms.contract_id == contract.key)
        .order_by(col(ContractTerms.revision).desc())
        .limit(1)
    ).one_or_none()
    waits = newest is not None and (signed is None or newest.key != signed.key)
    draft = newest if waits else None
    ours = draft is not None and organisation_id in signers(session, terms_id=draft.key)
    return TermsView(
        sold=sold,
        side=_side(contract, organisation_id),
        terms=terms_in_force(contract, signed=signed),
        signed=signed,
        draft=draft,
        draft_terms=None if draft is None else terms_of(draft),
        signed_by_us=ours,
    )


def terms_in_force(contract: Contract, *, signed: ContractTerms | None) -> Terms:
    """Return the terms of a contract: those that both signed, else the award's own."""
    if signed is not None:
        return terms_of(signed)
    return plain_terms(
        price_fen_per_t=contract.price_fen_per_t,
        tax_included=contract.tax_included,
        vat_rate_bp=contract.vat_rate_bp,
    )


def deal_view(
    session: Session, *, contract_code: str, organisation_id: int, now: datetime
) -> DealView | None:
    """Return the settlement of a contract to one of its parties, None without signed terms.

    The other side's result of a content is left out, and named in `hidden`, until both are in.
    Raises `NoSuchContract`.
    """
    sold = market.contract(session, code=contract_code, organisation_id=organisation_id)
    contract = sold.contract
    signed = signed_terms(session, contract_id=contract.key)
    if signed is None:
        return None
    terms, today = terms_of(signed), now.astimezone(BEIJING).date()
    found = final(terms, gather(session, contract_id=contract.key, terms=terms, today=today))
    revisions = _revisions(session, contract)
    last = revisions[-1][0] if revisions else None
    side = _side(contract, organisation_id)
    shown, hidden = open_results(
        standing_assays(session, contract_id=contract.key), side=side, terms=terms
    )
    return DealView(
        sold=sold,
        side=side,
        signed=signed,
        terms=terms,
        weights=tuple(standing_weights(session, contract_id=contract.key)),
        assays=shown,
        hidden=hidden,
        calls=tuple(calls_of(session, contract.key)),
        waiting=found if isinstance(found, Waiting) else None,
        revisions=revisions,
        standing=None if last is None else standing_of(session, last, now=now),
        balance=None if last is None else balance(session, last),
        words=() if last is None else tuple(words_of(session, settlement_id=last.key)),
        note=None if last is None else _note(session, last),
    )


def revision_of(view: DealView, *, revision: int) -> tuple[Settlement, SettlementStatement]:
    """Return one revision with how it was worked. Raises `NoSuchSettlement`."""
    for row, why in view.revisions:
        if row.revision == revision and why is not None:
            return row, why
    raise NoSuchSettlement(contract_code=view.sold.contract.code)


def open_results(
    rows: Sequence[SettlingAssay], *, side: Side, terms: Terms
) -> tuple[tuple[SettlingAssay, ...], tuple[str, ...]]:
    """Return the results that a side may see, and the contents whose other result is sealed.

    Sealed is what both sides give, until both have; the result that alone decides is open.
    """
    alone = {clause.analyte for clause in terms.measured if clause.decided != "exchange"}
    sides: dict[str, set[str]] = {}
    for row in rows:
        sides.setdefault(row.analyte, set()).add(row.side)
    shown = [
        row
        for row in rows
        if row.side == side or side in sides[row.analyte] or row.analyte in alone
    ]
    hidden = {row.analyte for row in rows if row.side != "umpire"} - {
        row.analyte for row in shown if row.side != "umpire"
    }
    return tuple(shown), tuple(sorted(hidden))


def _side(contract: Contract, organisation_id: int) -> Side:
    return "seller" if contract.seller_id == organisation_id else "buyer"


def _revisions(
    session: Session, contract: Contract
) -> tuple[tuple[Settlement, SettlementStatement | None], ...]:
    rows = session.exec(
        select(Settlement, SettlementStatement)
        .outerjoin(
            SettlementStatement, col(SettlementStatement.settlement_id) == col(Settlement.id)
        )
        .where(Settlement.kind == "contract", Settlement.subject_code == contract.code)
        .order_by(col(Settlement.revision))
    )
    return tuple((row[0], row[1]) for row in rows)


def _note(session: Session, settlement: Settlement) -> DebitNote | None:
    return session.exec(
        select(DebitNote).where(DebitNote.settlement_id == settlement.key)
    ).one_or_none()
