"""The certificate of an award, checked by itself: no solver, nothing of the market, one file.

    python verifier.py award.json

The file holds the sale (lots, buyers by number, every offer) and the certificate. winners: keys of
offers. score_fen: what they come to. Prices for lots, for a gram of a buyer's capacity and for a
buyer's mark, as [name, [numerator, denominator]]: because every offer that may win scores at most
what its lots, mass and mark are priced at, no award whatever scores above bound_fen.
"""

import json
import sys
from collections import Counter
from collections.abc import Mapping
from fractions import Fraction
from pathlib import Path
from typing import Any

Said = Mapping[str, Any]


def check(sale: Said, said: Said) -> list[str]:
    """Return every fault of a certificate; empty when it proves what it says."""
    bids = {bid["key"]: bid for bid in sale["bids"]}
    winners, out = said["winners"], barred(sale)
    if len(set(winners)) < len(winners) or not set(winners) <= set(bids):
        return ["a winner is unknown or named twice"]
    won = [bids[key] for key in winners]
    goes = Counter(lot for bid in won for lot in bid["lots"])
    goes += Counter(f"{bid['buyer']}/{bid['exclusive']}" for bid in won if bid["exclusive"])
    faults = [f"{bid['key']} may not win" for bid in won if bid["key"] in out]
    faults += [f"{name} goes twice" for name, times in goes.items() if times > 1]
    faults += [f"{who['key']} takes too much" for who in sale["buyers"]
               if who["capacity_g"] is not None and who["capacity_g"]
               < sum(_mass(sale, bid) for bid in won if bid["buyer"] == who["key"])]  # fmt: skip
    if said["score_fen"] != sum(score(sale, bid) for bid in won):
        faults.append("another score")
    return faults + _bound(sale, out, said)


def score(sale: Said, bid: Said) -> int:
    """Return price less freight less carbon, in fen; carbon is rounded up."""
    carbon = -bid["co2e_g"] * sale["carbon_fen_per_t"] // 1_000_000
    fen: int = bid["price_fen"] - bid["freight_fen"] + carbon
    return fen


def barred(sale: Said) -> set[str]:
    """Return offers that may not win: under the reserves, or wrought scrap kept from casting."""
    reserve, kept = {lot["key"]: lot["reserve_fen"] for lot in sale["lots"]}, set()
    for lot, permille in sale["preserve_permille"].items():
        alone = [bid for bid in sale["bids"] if bid["lots"] == [lot]]
        wrought = [score(sale, bid) for bid in alone if bid["wrought"] and bid["fit"]]
        cast = [score(sale, bid) * (1000 - permille) for bid in alone if not bid["wrought"]]
        if wrought and max(wrought) >= reserve[lot] and max(wrought) * 1000 >= max(cast, default=0):
            kept.add(lot)
    return {bid["key"] for bid in sale["bids"]
            if score(sale, bid) < sum(reserve[lot] for lot in bid["lots"])
            or (not bid["wrought"] and not kept.isdisjoint(bid["lots"]))}  # fmt: skip


def _bound(sale: Said, out: set[str], said: Said) -> list[str]:
    lots = {name: Fraction(*price) for name, price in said["lot_prices"]}
    grams = {name: Fraction(*price) for name, price in said["capacity_prices"]}
    marks = {tuple(name): Fraction(*price) for name, price in said["mark_prices"] if name[1]}
    room = {buyer["key"]: buyer["capacity_g"] for buyer in sale["buyers"]}
    known = lots.keys() <= {x["key"] for x in sale["lots"]} and None not in map(room.get, grams)
    if not known or any(p < 0 for p in (*lots.values(), *grams.values(), *marks.values())):
        return ["a price is below zero, or of nothing that is short"]
    faults = [f"{bid['key']} is not priced out" for bid in sale["bids"] if bid["key"] not in out
              and score(sale, bid) > sum(lots.get(lot, 0) for lot in bid["lots"])
              + grams.get(bid["buyer"], 0) * _mass(sale, bid)
              + marks.get((bid["buyer"], bid["exclusive"]), 0)]  # fmt: skip
    total = sum(lots.values()) + sum(marks.values()) + sum(p * room[w] for w, p in grams.items())
    return faults + ["the bound is not proven"] * (not said["bound_fen"] >= total)


def _mass(sale: Said, bid: Said) -> int:
    return sum(lot["mass_g"] for lot in sale["lots"] if lot["key"] in bid["lots"])


if __name__ == "__main__":
    made = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    told = check(made["sale"], made["certificate"])
    sys.stdout.write(("\n".join(told) or f"valid: {made['certificate']['score_fen']} fen") + "\n")
    sys.exit(bool(told))
