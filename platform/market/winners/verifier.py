"""The certificate of an award checked by itself: no solver, only the sale and whole fractions.

winners: keys of bids. score_fen: what they come to. Prices for lots, for a gram of a buyer's
capacity and for a buyer's mark, as (name, [numerator, denominator]): because every bid that may win
scores at most what its lots, mass and mark are priced at, no award scores above bound_fen.
"""

from collections import Counter
from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from remelt.platform.market.winners.problem import Bid, Sale, barred, score_fen


def check(sale: Sale, certificate: Mapping[str, Any]) -> list[str]:
    """Return every fault of a certificate; empty when it proves what it says."""
    bids = {bid.key: bid for bid in sale.bids}
    winners = certificate["winners"]
    if len(set(winners)) < len(winners) or not set(winners) <= set(bids):
        return ["a winner is unknown or named twice"]
    won, out = [bids[key] for key in winners], barred(sale)
    return [*_award(sale, won, out, certificate["score_fen"]), *_bound(sale, out, certificate)]


def _award(sale: Sale, won: list[Bid], out: frozenset[str], said_fen: int) -> list[str]:
    mass = {lot.key: lot.mass_g for lot in sale.lots}
    lots = Counter(lot for bid in won for lot in bid.lots)
    marks = Counter((bid.buyer, bid.exclusive) for bid in won if bid.exclusive)
    taken = {who.key: sum(mass[x] for b in won if b.buyer == who.key for x in b.lots)
             for who in sale.buyers}  # fmt: skip
    faults = [f"{bid.key} may not win" for bid in won if bid.key in out]
    faults += [f"{name} goes twice" for name, times in (lots | marks).items() if times > 1]
    faults += [f"{who.key} takes too much" for who in sale.buyers
               if who.capacity_g is not None and taken[who.key] > who.capacity_g]  # fmt: skip
    return faults + ["another score"] * (said_fen != sum(score_fen(sale, bid) for bid in won))


def _bound(sale: Sale, out: frozenset[str], certificate: Mapping[str, Any]) -> list[str]:
    names = ("lot_prices", "capacity_prices", "mark_prices")
    lots, grams, marks = ({_key(k): Fraction(*v) for k, v in certificate[n]} for n in names)
    if any(price < 0 for each in (lots, grams, marks) for price in each.values()):
        return ["a price is below zero"]
    room = {who.key: who.capacity_g for who in sale.buyers}
    if any(room.get(who) is None for who in grams) or not set(lots) <= {x.key for x in sale.lots}:
        return ["a price is of nothing that is short"]
    mass = {lot.key: lot.mass_g for lot in sale.lots}
    faults = [
        f"{bid.key} is not priced out" for bid in sale.bids if bid.key not in out
        and score_fen(sale, bid) > sum(lots.get(x, 0) for x in bid.lots)
        + grams.get(bid.buyer, 0) * sum(mass[x] for x in bid.lots)
        + (marks.get((bid.buyer, bid.exclusive), 0) if bid.exclusive else 0)
    ]  # fmt: skip
    total = sum(lots.values()) + sum(marks.values())
    total += sum(price * (room[who] or 0) for who, price in grams.items())
    return faults + ["the bound is not proven"] * (certificate["bound_fen"] < total)


def _key(name: Any) -> Any:
    return tuple(name) if isinstance(name, list) else name
