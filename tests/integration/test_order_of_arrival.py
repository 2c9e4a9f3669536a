"""Weights, results and quotes arrive in any order, some of them wrong at first: one final amount.

On a real database, each arrival in a transaction of its own. REMELT_PROPERTIES: how many orders.
"""

import os
from collections.abc import Sequence
from datetime import UTC, datetime
from itertools import count

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some
from sqlmodel import Session, col, func, select

from remelt.platform.kernel.clock import SimulatedClock
from remelt.platform.kernel.store import Store
from remelt.platform.settlement.books import balance, in_force
from remelt.platform.settlement.checking import drifts
from remelt.platform.settlement.finals.models import SettlementStatement
from remelt.platform.settlement.finals.recomputing import recomputed
from remelt.platform.settlement.finals.settling import resettle
from remelt.platform.settlement.finals.terms import canonical_json
from remelt.platform.settlement.ledger.models import MoneyAccount, MoneyBook, MoneyPosting
from remelt.platform.settlement.ledger.reading import unbalanced
from remelt.platform.settlement.models import Settlement
from tests.deals import DAYS, Deal, Step, a_deal, index_smm
from tests.finals import QP, wheel_terms
from tests.parties import Party, a_party

LONG = int(os.environ.get("REMELT_PROPERTIES", "0"))  # orders of the long form
VALUE_FEN, PAYABLE_G = 158_149_952, 89_585_100
AFTER = datetime(2026, 3, 10, 4, 0, tzinfo=UTC)
NUMBERS = count(1)
Chain = list[Step]


@pytest.fixture
def clock() -> SimulatedClock:
    """The day after the last quote."""
    return SimulatedClock(AFTER)


@pytest.fixture
def parties(store: Store, clock: SimulatedClock) -> tuple[Party, Party]:
    """A hub that sells and a smelter that buys."""
    with store.write() as session:
        seller = a_party(session, clock=clock, role="hub", login="hub")
        return seller, a_party(session, clock=clock, role="smelter", login="smelter")


def chains(deal: Deal) -> list[Chain]:
    """What arrives: chains come in any order, a correction after what it corrects."""
    loads: list[Chain] = [
        [lambda s, w=side, n=n: deal.load(s, w, n)]  # type: ignore[misc]
        for side in ("seller", "buyer")
        for n in (1, 3)
    ]
    corrected: list[Chain] = [
        [
            lambda s, w=side: deal.load(s, w, 2, gross_g=48_000_000, ticket="wrong"),  # type: ignore[misc]
            lambda s, w=side: deal.load(s, w, 2),  # type: ignore[misc]
        ]
        for side in ("seller", "buyer")
    ]
    results: list[Chain] = [
        [lambda s, p=ppm: deal.result(s, "buyer", "moisture", p) for ppm in (19_000, 12_000)],  # type: ignore[misc]
        [lambda s: deal.result(s, "buyer", "impurity", 23_500)],
        [lambda s: deal.result(s, "seller", "Fe", 2_100)],
        [lambda s: deal.result(s, "buyer", "Fe", 3_100)],
        [lambda s: deal.result(s, "umpire", "Fe", 2_700)],
    ]
    quotes: list[Chain] = [
        [lambda s, d=day, v=value: deal.quote(s, d, v)]  # type: ignore[misc]
        for day, value in zip(DAYS[1:], QP[1:], strict=True)
    ]
    slip: Chain = [
        lambda s, v=value: deal.quote(s, DAYS[0], v)  # type: ignore[misc]
        for value in (24_080, QP[0])
    ]
    nights: Chain = [lambda s: resettle(s, clock=deal.clock, codes=[])] * 2
    return [*loads, *corrected, *results, *quotes, slip, nights]


def in_order(order: Sequence[int], chains: list[Chain]) -> list[Step]:
    """Take the next of each chain that is named."""
    ways = [iter(chain) for chain in chains]
    return [next(ways[n]) for n in order]


LENGTHS = [1] * 4 + [2] * 2 + [2, 1, 1, 1, 1] + [1] * 4 + [2, 2]
ORDER = some.permutations([n for n, length in enumerate(LENGTHS) for _ in range(length)])


def final_of(session: Session, deal: Deal) -> tuple[Settlement, SettlementStatement]:
    """The settlement in force and how it was worked."""
    found = in_force(session, kind="contract", subject_code=deal.contract.code)
    assert found is not None
    why = select(SettlementStatement).where(SettlementStatement.settlement_id == found.key)
    return found, session.exec(why).one()


def figures(why: SettlementStatement) -> list[list[object]]:
    """The lines of a statement without the codes of their inputs."""
    return [line[:4] for line in why.statement["lines"]]


def test_the_order_of_arrival_never_changes_the_final_amount(store, clock, parties):
    seen: list[list[list[object]]] = []

    @settings(
        max_examples=LONG or 3, deadline=None, derandomize=not LONG, database=None,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    )  # fmt: skip
    @given(order=ORDER)
    def any_order(order: list[int]) -> None:
        deal = arrive(store, clock, parties, order=order)
        with store.read() as session:
            last, why = final_of(session, deal)
            left = balance(session, last)
        assert (last.amount_fen, last.payable_g, why.stage) == (VALUE_FEN, PAYABLE_G, "final")
        assert (left.amount_fen, left.open_fen) == (VALUE_FEN, VALUE_FEN)
        assert recomputed(orjson.dumps(why.record)) == canonical_json(why.statement)
        seen.append([line for line in figures(why) if not str(line[0]).startswith("index:")])
        assert seen[-1] == seen[0]
        assert entered(store, deal) == ENTERED
        assert entered(store, deal, whole=True) == {
            key: len(seen) * amount for key, amount in WHOLE.items()
        }

    any_order()
    with store.read() as session:
        assert unbalanced(session) == list(drifts(session)) == []


# whose book, which account -> what it stands at, for the contract and for all contracts alike
ENTERED = {
    ("platform", "umpire"): -120_000,
    ("platform", "escrow"): 1_385_200,
    ("buyer", "payable"): -VALUE_FEN,
    ("seller", "receivable"): VALUE_FEN,
    ("seller", "fees_due"): -1_385_200,
}
WHOLE = ENTERED | {
    ("buyer", "purchases"): 139_955_710,
    ("buyer", "tax_input"): 18_194_242,
    ("seller", "sales"): -139_955_710,
    ("seller", "tax_output"): -18_194_242,
    ("seller", "fees"): 1_385_200,
    ("platform", "platform_fee"): -1_265_200,
}


def entered(store: Store, deal: Deal, *, whole: bool = False) -> dict[tuple[str, str], int]:
    """What each account stands at that is kept for the contract, or every account of its kind."""
    names = {
        deal.seller.organisation.key: "seller", deal.buyer.organisation.key: "buyer",
        None: "platform",
    }  # fmt: skip
    amount = func.sum(MoneyPosting.amount_minor)
    statement = (
        select(MoneyBook.organisation_id, MoneyAccount.kind, amount)
        .join(MoneyAccount, col(MoneyAccount.book_id) == col(MoneyBook.id))
        .join(MoneyPosting, col(MoneyPosting.account_id) == col(MoneyAccount.id))
        .group_by(col(MoneyBook.organisation_id), col(MoneyAccount.kind))
    )
    if not whole:
        statement = statement.where(MoneyAccount.subject == deal.contract.code)
    with store.read() as session:
        rows = session.exec(statement).all()
    return {(names[owner], kind): int(fen) for owner, kind, fen in rows if fen}


def arrive(
    store: Store, clock: SimulatedClock, parties: tuple[Party, Party], *, order: Sequence[int]
) -> Deal:
    """A new contract on an index of its own, to which everything arrives in this order."""
    code = f"SMM_{next(NUMBERS)}"
    seller, buyer = parties
    terms = wheel_terms(formula=wheel_terms().formula.replace("SMM_A00", code))
    with store.write() as session:
        index_smm(session, clock=clock, person_id=buyer.person.key, code=code)
        deal = a_deal(
            session, clock=clock, seller=seller, buyer=buyer, terms=terms, index=code
        )  # fmt: skip
    for step in in_order(order, chains(deal)):
        with store.write() as session:
            step(session)
    return deal
