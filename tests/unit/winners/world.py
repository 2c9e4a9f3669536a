"""Small sales: something valid to begin with; a test bends one thing."""

import random
from typing import Any

from remelt.platform.market.winners.problem import Bid, Buyer, Lot, Sale

T = 1_000_000


def a_bid(key: str, lots: str, price_fen: int, **changes: Any) -> Bid:
    """An offer of buyer B1 for lots named by single letters."""
    said: dict[str, Any] = {"buyer": "B1", **changes}
    return Bid(key=key, lots=frozenset(lots), price_fen=price_fen, **said)


def a_sale(*bids: Bid, lots: str = "AB", **changes: Any) -> Sale:
    """Lots of ten tonnes each, named by letters; buyers as the bids name them, without limit."""
    said: dict[str, Any] = {
        "lots": tuple(Lot(key=name, mass_g=10 * T) for name in lots),
        "buyers": tuple(Buyer(key=name) for name in sorted({bid.buyer for bid in bids})),
        "bids": bids,
    }
    return Sale(**(said | changes))


def drawn(seed: int, *, bids: int = 13) -> Sale:
    """Five lots, three buyers with limits, packages, marks, reserves, carbon and wrought lots."""
    draw = random.Random(seed)
    lots = tuple(
        Lot(key=name, mass_g=draw.randint(3_000, 20_000) * 1_000,
            reserve_fen=draw.choice((0, 0, 150_000)))
        for name in "ABCDE"
    )  # fmt: skip
    mass = {lot.key: lot.mass_g for lot in lots}
    buyers = tuple(
        Buyer(key=f"B{n}", capacity_g=draw.choice((None, draw.randint(15, 45) * T)))
        for n in range(3)
    )
    made = []
    for number in range(bids):
        held = draw.sample("ABCDE", draw.choice((1, 1, 1, 2, 3)))
        made.append(
            Bid(
                key=f"b{number}",
                buyer=f"B{draw.randrange(3)}",
                lots=frozenset(held),
                price_fen=sum(mass[x] for x in held) * draw.randint(80, 120) // 5_000,
                freight_fen=draw.randint(0, 20_000),
                co2e_g=draw.randint(0, 900_000),
                wrought=draw.random() < 0.5,
                fit=draw.random() < 0.8,
                exclusive=draw.choice(("", "", "x")),
            )
        )
    return Sale(lots=lots, buyers=buyers, bids=tuple(made), carbon_fen_per_t=9_000,
                preserve_permille={"A": 30, "C": 30})  # fmt: skip
