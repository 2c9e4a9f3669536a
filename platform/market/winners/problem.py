"""Several lots, several buyers, single and package bids: a sale in whole numbers."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class Lot:
    """One lot for sale, indivisible. mass_g > 0; reserve_fen: below it the lot stays unsold."""

    key: str
    mass_g: int
    reserve_fen: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Buyer:
    """One buyer. capacity_g: the most it can take in all; None without limit."""

    key: str
    capacity_g: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Bid:
    """An offer for all of its lots together, at its place.

    price_fen: what is paid; freight_fen and co2e_g: what bringing the lots there costs, taken off
    the score. wrought: the lots stay in a wrought alloy there. fit: their chemistry fits it.
    exclusive: of bids of one buyer with the same mark at most one wins (XOR); empty is none.
    """

    key: str
    buyer: str
    lots: frozenset[str]
    price_fen: int
    freight_fen: int = 0
    co2e_g: int = 0
    wrought: bool = False
    fit: bool = True
    exclusive: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sale:
    """A sale of several lots.

    carbon_fen_per_t: fen per tonne CO2e. preserve_permille: x of the grade-preserving rule by
    lot, where the seller set it: a lot of wrought scrap may not go to a bid that takes it out of
    wrought alloy while a fit wrought bid for that lot alone is within x per mille of the best.
    """

    lots: tuple[Lot, ...]
    buyers: tuple[Buyer, ...]
    bids: tuple[Bid, ...]
    carbon_fen_per_t: int = 0
    preserve_permille: Mapping[str, int] = field(default_factory=dict)


def score_fen(sale: Sale, bid: Bid) -> int:
    """Return what a bid is worth to the sale, in fen: price less freight less carbon.

    Carbon is rounded up to a whole fen, against the bid.
    """
    return bid.price_fen - bid.freight_fen - -(-bid.co2e_g * sale.carbon_fen_per_t // 1_000_000)


def barred(sale: Sale) -> frozenset[str]:
    """Return the keys of bids that may not win: under a reserve, or against grade preservation.

    A lot's best cast bid is the best score among bids for that lot alone that are not wrought. A
    fit wrought bid for the lot alone within x per mille of it bars every bid, packages too, that
    takes the lot out of wrought alloy. Bids whose chemistry is unfit neither bar nor are barred
    in favour of nothing: without a fit wrought bid near enough the best bid wins.
    """
    reserves = {lot.key: lot.reserve_fen for lot in sale.lots}
    held = {lot for lot in sale.preserve_permille if kept_wrought(sale, lot)}
    return frozenset(
        bid.key
        for bid in sale.bids
        if score_fen(sale, bid) < sum(reserves[lot] for lot in bid.lots)
        or (not bid.wrought and not held.isdisjoint(bid.lots))
    )


def kept_wrought(sale: Sale, lot: str) -> bool:
    """Tell whether the rule keeps a lot in wrought alloy: see `barred`."""
    alone = [bid for bid in sale.bids if bid.lots == {lot}]
    reserve = next(each.reserve_fen for each in sale.lots if each.key == lot)
    wrought = [score_fen(sale, bid) for bid in alone if bid.wrought and bid.fit]
    cast = [score_fen(sale, bid) for bid in alone if not bid.wrought]
    best = max(wrought, default=None)
    if best is None or best < reserve:
        return False
    near = 1000 - sale.preserve_permille[lot]
    return all(best * 1000 >= other * near for other in cast)
