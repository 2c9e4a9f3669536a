"""Signs that one seller's sales are split over several: a shared card, phone, place, plate.

A sign is no proof: families share a phone and neighbours a truck. It is shown with what speaks for
it to the buyer's compliance person and the operator; nothing is refused because of it.
"""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlmodel import Session, col, select

from remelt.platform.settlement.reverse.counting import meters
from remelt.platform.settlement.reverse.models import NaturalSeller, SellerTrait
from remelt.platform.settlement.reverse.rules import WHOLE_BP, TaxRules

STRONG: Final = frozenset({"bank_card", "phone"})


@dataclass(frozen=True, slots=True)
class Flag:
    """Several sellers who share one trait.

    strong: a bank card or phone is seldom shared by strangers, a plate or address often. share_bp:
    what was invoiced for all of them together, at least, in 1/10,000 of one person's ceiling.
    buyers: how many buyers met them so.
    """

    kind: str
    seller_ids: tuple[int, ...]
    buyers: int
    at_least_fen: int
    share_bp: int
    strong: bool
    last_seen: datetime


def flags(
    session: Session, *, month: str, rules: TaxRules, buyer_id: int | None = None
) -> list[Flag]:
    """Return the traits that several sellers share, the weightiest first.

    buyer_id: only what this buyer has met itself; None for the operator, who sees all buyers.
    """
    statement = (
        select(SellerTrait)
        .join(NaturalSeller, col(NaturalSeller.id) == col(SellerTrait.natural_seller_id))
        .where(col(NaturalSeller.kept_until).is_(None))
        .order_by(col(SellerTrait.id))
    )
    if buyer_id is not None:
        statement = statement.where(SellerTrait.buyer_id == buyer_id)
    met: dict[tuple[str, str], list[SellerTrait]] = defaultdict(list)
    for row in session.exec(statement):
        met[row.kind, row.digest].append(row)
    shared = [rows for rows in met.values() if len({row.natural_seller_id for row in rows}) > 1]
    ids = {row.natural_seller_id for rows in shared for row in rows}
    known = meters(session, seller_ids=ids, month=month, rules=rules)
    counted = {each: known[each].at_least_fen for each in ids}
    found = [_flag(rows, counted=counted, ceiling_fen=rules.ceiling_fen) for rows in shared]
    return sorted(found, key=lambda flag: (not flag.strong, -flag.at_least_fen, flag.seller_ids))


def _flag(rows: Collection[SellerTrait], *, counted: dict[int, int], ceiling_fen: int) -> Flag:
    ids = tuple(sorted({row.natural_seller_id for row in rows}))
    sum_fen = sum(counted[each] for each in ids)
    kind = next(iter(rows)).kind
    return Flag(
        kind=kind,
        seller_ids=ids,
        buyers=len({row.buyer_id for row in rows}),
        at_least_fen=sum_fen,
        share_bp=sum_fen * WHOLE_BP // ceiling_fen,
        strong=kind in STRONG,
        last_seen=max(row.seen_at for row in rows),
    )
