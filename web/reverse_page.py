"""A buyer's natural sellers as its pages show them: cards of the yard beside their meters."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from remelt.platform.kernel.clock import BEIJING, month_of
from remelt.platform.settlement.reverse import queries
from remelt.platform.settlement.reverse.counting import meters
from remelt.platform.settlement.reverse.models import NaturalSeller, SellerConsent, TieCode
from remelt.platform.settlement.reverse.queries import InvoiceLine, PurchaseLine
from remelt.platform.settlement.reverse.rates import tax_rules
from remelt.platform.settlement.reverse.rules import Meter, TaxRules
from remelt.platform.settlement.reverse.sellers import by_digest, consent_of, consenting
from remelt.platform.settlement.reverse.splitting import Flag, flags
from remelt.platform.settlement.reverse.tying import handed
from remelt.platform.yard.models import SellerCard
from remelt.platform.yard.sellers import identified_sellers, seller_card

COARSE_FEN = 100_000


@dataclass(frozen=True, slots=True)
class Gauge:
    """A meter as a buyer may see it: its state, a share, and what is left in whole thousands.

    The sum itself stays unseen: less the buyer's own invoices it would tell what others bought.
    """

    state: str
    share_bp: int
    left_fen: int


@dataclass(frozen=True, slots=True)
class SellerRow:
    """One seller on a buyer's list."""

    card: SellerCard
    seller: NaturalSeller
    gauge: Gauge
    consented: bool
    open_count: int
    open_fen: int


@dataclass(frozen=True, slots=True)
class SellerView:
    """One seller with all that a buyer has about the person.

    handed: the code that this buyer handed over, which the seller has not used yet.
    """

    card: SellerCard
    seller: NaturalSeller | None
    gauge: Gauge | None
    consent: SellerConsent | None
    purchases: list[PurchaseLine]
    invoices: list[InvoiceLine]
    handed: TieCode | None


@dataclass(frozen=True, slots=True)
class NamedFlag:
    """A sign of splitting, with the cards that the buyer knows the sellers by."""

    flag: Flag
    cards: tuple[SellerCard, ...]


def gauge(meter: Meter) -> Gauge:
    """Return what a buyer may see of a meter."""
    share = meter.share_bp // 100 * 100
    return Gauge(meter.state, share, meter.left_fen // COARSE_FEN * COARSE_FEN)


def rules_at(session: Session, now: datetime) -> TaxRules:
    """Return the tax rules of the Beijing day of a moment."""
    return tax_rules(session, on=now.astimezone(BEIJING).date())


def seller_rows(
    session: Session, *, organisation_id: int, now: datetime, rules: TaxRules
) -> list[SellerRow]:
    """Return the identified sellers of a buyer with their meters."""
    cards = {card.id_digest or "": card for card in
             identified_sellers(session, organisation_id=organisation_id)}  # fmt: skip
    known = queries.sellers_of(session, digests=cards)
    ids = [seller.key for seller in known.values()]
    counted = meters(session, seller_ids=ids, month=month_of(now), rules=rules)
    consented = consenting(session, buyer_id=organisation_id)
    waiting: dict[int, list[PurchaseLine]] = {}
    for line in queries.purchases(session, buyer_id=organisation_id, limit=2_000):
        if line.invoice is None and line.amount_fen > 0:
            waiting.setdefault(line.seller_id, []).append(line)
    return [
        SellerRow(
            card=cards[digest],
            seller=seller,
            gauge=gauge(counted[seller.key]),
            consented=seller.key in consented,
            open_count=len(waiting.get(seller.key, [])),
            open_fen=sum(line.amount_fen for line in waiting.get(seller.key, [])),
        )
        for digest, seller in known.items()
    ]


def seller_view(session: Session, *, organisation_id: int, code: str, now: datetime) -> SellerView:
    """Return one seller of a buyer. Raises `NoSuchSeller`."""
    card = seller_card(session, organisation_id=organisation_id, code=code)
    seller = by_digest(session, digest=card.id_digest)
    if seller is None:
        return SellerView(card, None, None, None, [], [], None)
    counted = meters(
        session, seller_ids=[seller.key], month=month_of(now), rules=rules_at(session, now)
    )
    return SellerView(
        card=card,
        seller=seller,
        gauge=gauge(counted[seller.key]),
        consent=consent_of(session, seller_id=seller.key, buyer_id=organisation_id),
        purchases=queries.purchases(session, buyer_id=organisation_id, seller_id=seller.key),
        invoices=queries.invoices(session, buyer_id=organisation_id, seller_id=seller.key),
        handed=handed(session, seller_id=seller.key, buyer_id=organisation_id, now=now),
    )


def named_flags(
    session: Session, rows: list[SellerRow], *, organisation_id: int, now: datetime, rules: TaxRules
) -> list[NamedFlag]:
    """Return the signs of splitting among a buyer's own sellers."""
    cards = {row.seller.key: row.card for row in rows}
    found = flags(session, month=month_of(now), rules=rules, buyer_id=organisation_id)
    return [
        NamedFlag(flag, tuple(cards[each] for each in flag.seller_ids if each in cards))
        for flag in found
    ]


def gauges_of(session: Session, cards: Sequence[SellerCard], *, now: datetime) -> dict[str, Gauge]:
    """Return what the clerk at the gate may see of meters, by the code of the seller's card."""
    digests = {card.id_digest: card.code for card in cards if card.id_digest is not None}
    known = queries.sellers_of(session, digests=digests)
    counted = meters(
        session,
        seller_ids=[seller.key for seller in known.values()],
        month=month_of(now),
        rules=rules_at(session, now),
    )
    return {digests[digest]: gauge(counted[seller.key]) for digest, seller in known.items()}
