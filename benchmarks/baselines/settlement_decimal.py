"""The peer of settlement: the worked example as plain Decimal arithmetic, one number out."""

from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal

CENT, TENTH, HUNDRED = Decimal("0.01"), Decimal("0.1"), Decimal(100)


def settle(
    seller_kg: Sequence[Decimal], buyer_kg: Sequence[Decimal], index: Sequence[Decimal],
    moisture: Decimal, impurity: Decimal, iron: tuple[Decimal, Decimal, Decimal],
) -> Decimal:  # fmt: skip
    """Return the final value in CNY; contents in per cent, index in CNY/t."""
    ours, theirs = sum(seller_kg), sum(buyer_kg)
    net = (ours if abs(ours - theirs) * 1000 <= ours * 3 else theirs) - 60
    wet = max(moisture - Decimal("0.5"), Decimal(0)) * net / HUNDRED
    dirt = max(impurity - 1, Decimal(0)) * net / HUNDRED
    weight = net - wet.quantize(TENTH, ROUND_HALF_UP) - dirt.quantize(TENTH, ROUND_HALF_UP)
    price = Decimal("0.88") * sum(index) / len(index) - 150
    price = price.quantize(CENT, ROUND_HALF_UP)
    seller, buyer, umpire = iron
    fe = (seller + buyer) / 2
    if abs(seller - buyer) > Decimal("0.04"):
        between = min(seller, buyer) <= umpire <= max(seller, buyer)
        nearer = seller if abs(seller - umpire) < abs(buyer - umpire) else buyer
        fe = umpire if between else nearer
    price -= 30 * max(int((fe - Decimal("0.2")) / CENT // 1), 0)
    return (weight / 1000 * price).quantize(CENT, ROUND_HALF_UP)
