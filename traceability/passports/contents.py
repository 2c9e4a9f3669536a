"""What a passport says of a lot's recycled content: what it holds, or what the books gave it.

Metal is told by its own content or by credits, never by both. What is mass balance or book and
claim has given its origins to the account it was melted under, so it has what its claims in force
give it and nothing besides.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlmodel import Session, col, select

from remelt.traceability.corrections.pasts import FAR
from remelt.traceability.credits.models import LotClaim, LotClaimEnd
from remelt.traceability.models import Edge, LedgerEvent, Lot
from remelt.traceability.passports.disclosure import is_product, public, share_for_a_tonne
from remelt.traceability.rules.allot import Vector
from remelt.traceability.rules.custody import BALANCED, BOOKED, PHYSICAL, WORDING
from remelt.traceability.rules.shares import PRODUCT, product_content
from remelt.traceability.rules.states import State

FORMULAS = dict.fromkeys(PHYSICAL, PRODUCT) | {
    BALANCED: "mass-balance-attributed",
    BOOKED: "book-and-claim-certificate",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """A recycled content as it may be told: by which formula, in which words, which two numbers.

    classes: the denominator by origin; None where the numerator is of the books, which know none.
    """

    formula: str
    wording: str
    numerator: int
    denominator: int
    classes: Vector | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """Grams that a claim gave the lot, and between which two events it was in force.

    taken: what was taken out of the lot after the claim, as (event, grams): it goes without.
    """

    mass_g: int
    since: int
    until: int
    taken: tuple[tuple[int, int], ...]


def content(state: State, *, role: str, given: Sequence[Given], at: int = FAR) -> Content:
    """Return the recycled content that may be told of a lot as it was before the event `at`."""
    told = public(state, role=role)
    physical = state.custody in PHYSICAL
    numerator, denominator = product_content(told)
    if not physical:
        numerator = min(state.mass_g, sum(_left_g(each, state, at) for each in given))
        if not is_product(state, role=role):
            numerator = share_for_a_tonne(numerator, state.mass_g)
    return Content(
        formula=FORMULAS[state.custody],
        wording=WORDING[state.custody],
        numerator=numerator,
        denominator=denominator,
        classes=told.classes if physical else None,
    )


def given_to(session: Session, lot: Lot) -> tuple[Given, ...]:
    """Return what claims have ever given a lot, the ended ones too."""
    statement = (
        select(LotClaim, LotClaimEnd.id, LedgerEvent.id)
        .join(LotClaimEnd, col(LotClaimEnd.claim_id) == col(LotClaim.id), isouter=True)
        .join(LedgerEvent, col(LedgerEvent.hash) == col(LotClaimEnd.event_hash), isouter=True)
        .where(LotClaim.lot_id == lot.key)
    )
    claims = session.exec(statement).all()
    if not claims:
        return ()
    pieces = select(Edge.event_key, Edge.mass_g).where(Edge.parent_id == lot.key)
    taken = [(key, mass_g) for key, mass_g in session.exec(pieces)]
    return tuple(
        Given(
            mass_g=claim.mass_g,
            since=claim.event_key,
            until=FAR if end is None else by or FAR - 1,  # its event is stored as the session ends
            taken=tuple(each for each in taken if each[0] > claim.event_key),
        )
        for claim, end, by in claims
    )


def _left_g(given: Given, state: State, at: int) -> int:
    """Return what is left of a claim before `at`: pieces have taken their part of it along."""
    if not given.since < at <= given.until:
        return 0
    taken_g = sum(mass_g for key, mass_g in given.taken if key < at)
    whole_g = state.mass_g + taken_g
    return given.mass_g * state.mass_g // whole_g if whole_g else 0
