"""How much a group of linked buyers may stand in for at once, over all auctions and contracts.

Touches no database: the exposure is looked up first, under the lock of the group.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, Literal

G_PER_T: Final = 1_000_000


@dataclass(frozen=True, slots=True)
class Exposure:
    """One promise that stands: a leading or waiting offer, or a contract not yet paid.

    subject: the code of what is promised on; kind: a listing, a combined sale, a need's reverse
    auction, or a contract. estimated: on a price that is not yet known.
    """

    subject: str
    organisation_id: int
    amount_fen: int
    estimated: bool = False
    kind: Literal["listing", "sale", "need", "contract"] = "listing"


def commitment_fen(price_fen_per_t: int, *, mass_g: int) -> int:
    """Return what an offer promises to pay, in fen, rounded up.

    >>> commitment_fen(1_500_001, mass_g=2_000_000), commitment_fen(1, mass_g=1)
    (3000002, 1)
    """
    return -(-price_fen_per_t * mass_g // G_PER_T)


def headroom_fen(
    limit_fen: int | None, exposures: Iterable[Exposure], *, beside: str = ""
) -> int | None:
    """Return what may still be promised; None without a limit.

    beside: the auction that is being bid on, whose own promise the new one takes the place of.

    >>> held = [Exposure("A", 1, 300), Exposure("B", 2, 500)]
    >>> headroom_fen(1_000, held), headroom_fen(1_000, held, beside="B"), headroom_fen(None, held)
    (200, 700, None)
    """
    if limit_fen is None:
        return None
    return limit_fen - sum(each.amount_fen for each in exposures if each.subject != beside)
