"""The rules of a combined sale, without a database: what may be opened, offered, decided."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from remelt.platform.market.combined.errors import (
    NothingOffered,
    NotInSale,
    OnlyTogether,
    SaleOver,
    TooFewLots,
)
from remelt.platform.market.combined.models import CombinedSale
from remelt.platform.market.drafts import LONGEST, SHORTEST, check_price
from remelt.platform.market.errors import BadTimes, UnknownWord
from remelt.platform.market.winners.problem import Bid, Lot, Sale
from remelt.platform.market.winners.problem import Buyer as Taker

LEAST_LOTS: Final = 2
MOST_LOTS: Final = 500
MOST_PACKAGE: Final = 20
MOST_OFFERS: Final = 500
MOST_MARK: Final = 8
TONNE_G: Final = 1_000_000
WHOLE_BP: Final = 10_000
METRES_PER_KM: Final = 1_000
CREDIBLE_FEN_PER_TKM: Final = 100_000


@dataclass(frozen=True, slots=True, kw_only=True)
class SaleTerms:
    """What a seller says of a combined sale; see `CombinedSale`."""

    title: str
    closes_at: datetime
    freight_fen_per_tkm: int = 0
    co2e_g_per_tkm: int = 0
    carbon_fen_per_t: int = 0
    preserve_permille: int = 30
    whole: bool = False


def check_terms(terms: SaleTerms, *, lots: int, now: datetime) -> None:
    """Refuse terms that no sale can have."""
    most_lots = MOST_PACKAGE if terms.whole else MOST_LOTS
    if not LEAST_LOTS <= lots <= most_lots:
        raise TooFewLots(field="lots", least=LEAST_LOTS, most=most_lots)
    if not now + SHORTEST <= terms.closes_at <= now + LONGEST:
        raise BadTimes(field="closes_at")
    if len(terms.title) > 120 or "\0" in terms.title:  # noqa: PLR2004 - the column
        raise UnknownWord(field="title", value=terms.title[:40])
    bounds = {
        "freight_fen_per_tkm": CREDIBLE_FEN_PER_TKM,
        "co2e_g_per_tkm": TONNE_G,
        "carbon_fen_per_t": 100 * TONNE_G,
        "preserve_permille": 1_000,
    }
    for field, most in bounds.items():
        if not 0 <= getattr(terms, field) <= most:
            raise UnknownWord(field=field, value=str(getattr(terms, field))[:40])


def is_over(sale: CombinedSale, *, now: datetime) -> bool:
    """Tell whether the sale takes no offers at `now`."""
    return sale.withdrawn_at is not None or sale.closed_at is not None or now >= sale.closes_at


def state_of(sale: CombinedSale, *, now: datetime) -> str:
    """Return the state: open, deciding, stuck, decided, ended (without an award) or withdrawn."""
    if sale.withdrawn_at is not None:
        return "withdrawn"
    if sale.decided_at is not None:
        return "ended" if sale.result is None else "decided"
    if sale.stuck_at is not None:
        return "stuck"
    return "deciding" if is_over(sale, now=now) else "open"


def check_taking(sale: CombinedSale, *, now: datetime) -> None:
    """Refuse an offer after the end."""
    if is_over(sale, now=now):
        raise SaleOver(sale=sale.code)


def check_lines(
    prices: Sequence[tuple[str, int]], *, known: Mapping[str, int], whole: bool = False
) -> None:
    """Refuse lots not in the sale or named twice, a part of a bundle, and prices nobody pays."""
    if not 1 <= len(prices) <= MOST_PACKAGE:
        raise NothingOffered(field="lines", most=MOST_PACKAGE)
    named = [code for code, _price in prices]
    for code in named:
        if code not in known or named.count(code) > 1:
            raise NotInSale(field="lines", lot=code[:20])
    if whole and len(named) < len(known):
        raise OnlyTogether(field="lines", lots=len(known))
    for _code, price in prices:
        check_price(price, field="price_fen_per_t")


def check_mark(mark: str) -> str:
    """Return a mark as it is kept: up to 8 letters and digits, in capitals."""
    told = mark.strip().upper()
    if len(told) > MOST_MARK or not (told == "" or told.isalnum()):
        raise UnknownWord(field="mark", value=told[:40])
    return told


@dataclass(frozen=True, slots=True, kw_only=True)
class GoodLot:
    """A lot that can be sold. key: its lot code."""

    key: str
    mass_g: int
    reserve_fen_per_t: int
    preserved: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class StandingOffer:
    """An offer that stood at the close. road_m: from each lot to where it goes, by lot."""

    seq: int
    bidder_id: int
    prices: Mapping[str, int]
    road_m: Mapping[str, int]
    wrought: bool
    mark: str
    capacity_g: int | None


def problem_of(
    sale: CombinedSale, *, lots: Sequence[GoodLot], offers: Sequence[StandingOffer]
) -> Sale:
    """Return the sale to decide: lots by code, buyers B1, B2 in order of offers, offers by number.

    Prices and reserves count net of tax and are rounded down alike, so that an offer at the
    reserve reaches it; what a way costs is rounded up. Offers for a lot that fell out of the sale
    have fallen with it.
    """
    goods = {lot.key: lot for lot in lots}
    able = [
        each for each in sorted(offers, key=lambda x: x.seq) if goods.keys() >= set(each.prices)
    ]
    names = {who: f"B{n}" for n, who in enumerate(dict.fromkeys(x.bidder_id for x in able), 1)}
    room = {names[each.bidder_id]: each.capacity_g for each in able}
    return Sale(
        lots=tuple(
            Lot(key=lot.key, mass_g=lot.mass_g,
                reserve_fen=_net_fen(sale, lot, lot.reserve_fen_per_t))
            for lot in lots
        ),
        buyers=tuple(Taker(key=name, capacity_g=room[name]) for name in names.values()),
        bids=tuple(_bid(sale, each, goods, names[each.bidder_id]) for each in able),
        carbon_fen_per_t=sale.carbon_fen_per_t,
        preserve_permille={lot.key: sale.preserve_permille for lot in lots if lot.preserved},
    )  # fmt: skip


def _net_fen(sale: CombinedSale, lot: GoodLot, price_fen_per_t: int) -> int:
    """Return what a lot comes to at a price, net of the sale's tax."""
    tax = WHOLE_BP + (sale.vat_rate_bp if sale.tax_included else 0)
    return lot.mass_g * price_fen_per_t * WHOLE_BP // (TONNE_G * tax)


def _bid(sale: CombinedSale, offer: StandingOffer, goods: Mapping[str, GoodLot], buyer: str) -> Bid:
    way = [(goods[key].mass_g * offer.road_m[key]) for key in offer.prices]
    per_tkm = TONNE_G * METRES_PER_KM
    return Bid(
        key=f"O{offer.seq}",
        buyer=buyer,
        lots=frozenset(offer.prices),
        price_fen=sum(_net_fen(sale, goods[key], price) for key, price in offer.prices.items()),
        freight_fen=sum(-(-each * sale.freight_fen_per_tkm // per_tkm) for each in way),
        co2e_g=sum(-(-each * sale.co2e_g_per_tkm // per_tkm) for each in way),
        wrought=offer.wrought,
        exclusive=offer.mark,
    )
