"""What of a purchase is proven, and what share of cost is not: rules that need no database.

Source: MoF/STA announcement 2021 No. 40: the refund is cut by the cost of scrap without a valid
invoice over the whole cost of scrap. A support for the work; check with the tax office.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

ITEMS: Final = ("ticket", "photos", "identity", "consent", "payment", "invoice")
PRESENT: Final = "present"
MISSING: Final = "missing"
UNNEEDED: Final = "unneeded"


@dataclass(frozen=True, slots=True, kw_only=True)
class Proofs:
    """What is at hand of one purchase.

    natural: a natural person sold it. proven_fen: paid other than in cash, with a proof.
    """

    natural: bool
    ticket: bool
    photos: int
    identified: bool
    consented: bool
    owed_fen: int
    proven_fen: int
    invoiced: bool


@dataclass(frozen=True, slots=True)
class Ratio:
    """Cost of a period and what of it has no invoice, or not all evidence; in fen."""

    cost_fen: int
    uninvoiced_fen: int
    incomplete_fen: int
    purchases: int
    incomplete: int


def assess(proofs: Proofs) -> dict[str, str]:
    """Return the state of each item: present, missing, or unneeded.

    Cash is missing payment evidence, however it was noted down.
    """
    needed = {
        "ticket": proofs.ticket,
        "photos": proofs.photos > 0,
        "payment": proofs.proven_fen >= proofs.owed_fen,
        "invoice": proofs.invoiced,
    }
    personal = {"identity": proofs.identified, "consent": proofs.consented}
    said = {item: PRESENT if there else MISSING for item, there in (needed | personal).items()}
    if not proofs.natural:
        said |= dict.fromkeys(personal, UNNEEDED)
    return {item: said[item] for item in ITEMS}


def ratio(purchases: Iterable[tuple[int, Mapping[str, str]]]) -> Ratio:
    """Return the sums over purchases, each an amount in fen and the states of its items.

    >>> ratio([(300, {"invoice": "missing"}), (700, {"invoice": "present"})])
    Ratio(cost_fen=1000, uninvoiced_fen=300, incomplete_fen=300, purchases=2, incomplete=1)
    """
    rows = list(purchases)
    lacking = [fen for fen, items in rows if MISSING in items.values()]
    return Ratio(
        cost_fen=sum(fen for fen, _items in rows),
        uninvoiced_fen=sum(fen for fen, items in rows if items["invoice"] == MISSING),
        incomplete_fen=sum(lacking),
        purchases=len(rows),
        incomplete=len(lacking),
    )
