"""Gathering what is in force for a settlement: weights, results, calls and the prices they ask."""

from collections.abc import Collection, Iterable
from dataclasses import replace
from datetime import date, timedelta
from typing import Any, Final, TypeVar

from sqlmodel import Session, col, select

from remelt.platform.settlement.finals.inputs import Assay, Inputs, Weight
from remelt.platform.settlement.finals.models import PriceCall, SettlingAssay, SettlingWeight
from remelt.platform.settlement.finals.statement import Statement
from remelt.platform.settlement.finals.terms import Terms, formula_of
from remelt.platform.settlement.pricing.evaluating import Call
from remelt.platform.settlement.pricing.indices import load_book
from remelt.platform.settlement.pricing.quotes import Index
from remelt.platform.settlement.pricing.syntax import quotes

BEFORE: Final = timedelta(days=400)
R = TypeVar("R", SettlingWeight, SettlingAssay)


def gather(session: Session, *, contract_id: int, terms: Terms, today: date) -> Inputs:
    """Return everything in force that a contract's settlement is worked from.

    today: the Beijing day, by which the window for calling a price is over or not.
    """
    weights = standing_weights(session, contract_id=contract_id)
    codes = {quote.code for quote in quotes(formula_of(terms.formula).price)}
    first = min((row.day for row in weights), default=today)
    window = terms.called
    return Inputs(
        weights=tuple(map(weight_of, weights)),
        assays=agreed_assays(standing_assays(session, contract_id=contract_id)),
        calls=tuple(map(call_of, calls_of(session, contract_id))),
        book=load_book(session, codes=codes, since=first - BEFORE),
        window_over=window is not None and today > window.last,
    )


def standing_weights(session: Session, *, contract_id: int) -> list[SettlingWeight]:
    """Return the weights of a contract that nothing supersedes."""
    return weights_by_contract(session, contract_ids=[contract_id]).get(contract_id, [])


def weights_by_contract(
    session: Session, *, contract_ids: Collection[int]
) -> dict[int, list[SettlingWeight]]:
    """Return the weights that nothing supersedes, of those contracts that have some."""
    rows = session.exec(
        select(SettlingWeight)
        .where(col(SettlingWeight.contract_id).in_(list(contract_ids)))
        .order_by(col(SettlingWeight.id))
    ).all()
    found: dict[int, list[SettlingWeight]] = {}
    for row in _standing(rows):
        if not row.voided:
            found.setdefault(row.contract_id, []).append(row)
    return found


def standing_assays(session: Session, *, contract_id: int) -> list[SettlingAssay]:
    """Return the results of a contract that nothing supersedes."""
    rows = session.exec(
        select(SettlingAssay)
        .where(SettlingAssay.contract_id == contract_id)
        .order_by(col(SettlingAssay.id))
    ).all()
    return _standing(rows)


def calls_of(session: Session, contract_id: int) -> list[PriceCall]:
    """Return the parts of a contract whose price was called, in order."""
    return calls_by_contract(session, contract_ids=[contract_id]).get(contract_id, [])


def calls_by_contract(
    session: Session, *, contract_ids: Collection[int]
) -> dict[int, list[PriceCall]]:
    """Return what was called, in order, of those contracts of which something was."""
    rows = session.exec(
        select(PriceCall)
        .where(col(PriceCall.contract_id).in_(list(contract_ids)))
        .order_by(col(PriceCall.id))
    )
    found: dict[int, list[PriceCall]] = {}
    for row in rows:
        found.setdefault(row.contract_id, []).append(row)
    return found


def agreed_assays(rows: Iterable[SettlingAssay]) -> tuple[Assay, ...]:
    """Return the results that count: each party's own, and the umpire's once both say the same."""
    found: list[Assay] = []
    umpires: dict[str, list[SettlingAssay]] = {}
    for row in rows:
        if row.side == "umpire":
            umpires.setdefault(row.analyte, []).append(row)
        else:
            found.append(_assay(row))
    agreed = [
        min(said, key=lambda row: row.key)
        for said in umpires.values()
        if len(said) == 2 and said[0].ppm == said[1].ppm  # noqa: PLR2004 - both parties
    ]
    return (*found, *map(_assay, agreed))


def pruned(inputs: Inputs, *, of: Statement) -> Inputs:
    """Return inputs with no quotes but those that a statement was worked from."""
    asked: dict[str, set[date]] = {}
    for line in of.lines:
        for origin in line.origins:
            if origin.startswith("index:"):
                code, _, rest = origin.removeprefix("index:").partition("@")
                asked.setdefault(code, set()).add(date.fromisoformat(rest.partition("#")[0]))
    book = {code: _pruned(inputs.book[code], days=days) for code, days in asked.items()}
    return replace(inputs, book=book)


def _pruned(index: Index, *, days: set[date]) -> Index:
    """Keep the quotes of `days`; the calendar stays whole, for it says which days count."""
    return replace(index, quotes={day: index.quotes[day] for day in sorted(days)})


def _standing(rows: Iterable[R]) -> list[R]:
    kept: list[Any] = list(rows)
    superseded = {row.supersedes_id for row in kept}
    return [row for row in kept if row.id not in superseded]


def call_of(row: PriceCall) -> Call:
    """Return a called part as a settlement reads it."""
    return Call(row.index_code, row.day, row.mass_g)


def weight_of(row: SettlingWeight) -> Weight:
    """Return a load as a settlement reads it."""
    return Weight(
        ticket=row.code, side=row.side, load=row.load, day=row.day,  # type: ignore[arg-type]
        gross_g=row.gross_g, tare_g=row.tare_g, deducted_g=row.deducted_g,
    )  # fmt: skip


def _assay(row: SettlingAssay) -> Assay:
    return Assay(code=row.code, side=row.side, analyte=row.analyte, ppm=row.ppm)  # type: ignore[arg-type]
