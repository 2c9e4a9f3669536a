"""A sale of several lots as plain JSON: what is solved, kept, handed out and verified."""

import hashlib
import json
from typing import Any, Final

from remelt.platform.market.winners.problem import Bid, Buyer, Lot, Sale

FORMAT: Final = "remelt/award@1"


def sale_to_json(sale: Sale) -> dict[str, Any]:
    """Return a sale as plain JSON, in an order that does not hang on chance."""
    return {
        "carbon_fen_per_t": sale.carbon_fen_per_t,
        "preserve_permille": dict(sorted(sale.preserve_permille.items())),
        "lots": [
            {"key": lot.key, "mass_g": lot.mass_g, "reserve_fen": lot.reserve_fen}
            for lot in sale.lots
        ],
        "buyers": [{"key": who.key, "capacity_g": who.capacity_g} for who in sale.buyers],
        "bids": [
            {
                "key": bid.key,
                "buyer": bid.buyer,
                "lots": sorted(bid.lots),
                "price_fen": bid.price_fen,
                "freight_fen": bid.freight_fen,
                "co2e_g": bid.co2e_g,
                "wrought": bid.wrought,
                "fit": bid.fit,
                "exclusive": bid.exclusive,
            }
            for bid in sale.bids
        ],
    }


def sale_from_json(said: dict[str, Any]) -> Sale:
    """Return the sale that `sale_to_json` wrote."""
    return Sale(
        lots=tuple(Lot(**each) for each in said["lots"]),
        buyers=tuple(Buyer(**each) for each in said["buyers"]),
        bids=tuple(Bid(**each | {"lots": frozenset(each["lots"])}) for each in said["bids"]),
        carbon_fen_per_t=said["carbon_fen_per_t"],
        preserve_permille=said["preserve_permille"],
    )


def document(problem: dict[str, Any], result: dict[str, Any]) -> dict[str, Any]:
    """Return the award as one file: all that the verifier needs."""
    return {"format": FORMAT, "sale": problem, **result}


def fingerprint(problem: dict[str, Any]) -> str:
    """Return the SHA-256 of a sale as it was decided: keys in order, no blanks."""
    text = json.dumps(problem, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()
