"""What a scale says and what is paid for: rules that need no database."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from remelt.platform.kernel.money import share_half_up
from remelt.platform.yard.errors import (
    BadDeduction,
    DeductionTooLarge,
    SuccessiveBroken,
    TareNotBelowGross,
    TicketEmpty,
    TooManyLines,
    WeightOutOfRange,
)

DEDUCTIONS = ("moisture", "oil", "attachment", "fines", "packaging", "dirt")
MODES = ("platform", "successive")
SCALE_LIMIT_G = 200_000_000
LINES_LIMIT = 20
WHOLE_BP = 10_000
DECLARED_TOLERANCE_BP = 50


@dataclass(frozen=True, slots=True)
class DeductionGiven:
    """A deduction as agreed at the scale: either `mass_g`, or `share_bp` of the net.

    kind: one of `DEDUCTIONS`. photo_sha256: what it looked like. accepted: by the seller;
    None when not asked.
    """

    kind: str
    mass_g: int | None = None
    share_bp: int | None = None
    photo_sha256: str | None = None
    accepted: bool | None = None


@dataclass(frozen=True, slots=True)
class Payable:
    """What is paid for: net less deductions, each in grams in the order given."""

    net_g: int
    deducted_g: tuple[int, ...]

    @property
    def payable_g(self) -> int:
        """The mass that is paid for, in g."""
        return self.net_g - sum(self.deducted_g)


@dataclass(frozen=True, slots=True)
class Difference:
    """How far a weighing lies from what was said before.

    difference_g: weighed less declared. tolerance_g: the larger of the percentage and the
    scale's division.
    """

    difference_g: int
    tolerance_g: int

    @property
    def within(self) -> bool:
        """Whether the difference can be the scale's."""
        return abs(self.difference_g) <= self.tolerance_g


def net_of(*, gross_g: int, tare_g: int, field: str = "gross_kg") -> int:
    """Return gross less tare, in g.

    Raises `WeightOutOfRange` outside 0 .. 200 t, `TareNotBelowGross` when nothing is left.
    """
    for value, name in ((gross_g, field), (tare_g, field.replace("gross", "tare"))):
        if not 0 <= value <= SCALE_LIMIT_G:
            raise WeightOutOfRange(field=name, mass_g=value, limit_g=SCALE_LIMIT_G)
    if tare_g >= gross_g:
        raise TareNotBelowGross(
            field=field.replace("gross", "tare"), gross_g=gross_g, tare_g=tare_g
        )
    return gross_g - tare_g


def payable(net_g: int, *, deductions: Sequence[DeductionGiven], field: str = "") -> Payable:
    """Return what is paid for after deductions.

    Packaging comes off first. Shares are of the net without packaging, halves of a gram
    rounded up, and add up; they do not compound. Masses come off as they are.
    Source: clause 6 of the usual scrap contract (deductions additive on net of packing).

    Raises `BadDeduction` and `DeductionTooLarge` (payable mass would be below zero).
    """
    for given in deductions:
        check_deduction(given, field=field)
    packaging_g = sum(given.mass_g or 0 for given in deductions if given.kind == "packaging")
    base_g = max(net_g - packaging_g, 0)
    found = tuple(
        share_half_up(base_g, share_bp=given.share_bp)
        if given.share_bp is not None
        else given.mass_g or 0
        for given in deductions
    )
    if sum(found) > net_g:
        raise DeductionTooLarge(field=field or None, deducted_g=sum(found), net_g=net_g)
    return Payable(net_g=net_g, deducted_g=found)


def check_deduction(given: DeductionGiven, *, field: str = "") -> None:
    """Refuse a deduction of no known kind, or without exactly one of mass and share."""
    if given.kind not in DEDUCTIONS or (given.mass_g is None) == (given.share_bp is None):
        raise BadDeduction(field=field or None, kind=given.kind[:20])
    if given.mass_g is not None and not 0 < given.mass_g <= SCALE_LIMIT_G:
        raise BadDeduction(field=field or None, kind=given.kind)
    if given.share_bp is not None and not 0 < given.share_bp <= WHOLE_BP:
        raise BadDeduction(field=field or None, kind=given.kind)
    if given.kind == "packaging" and given.mass_g is None:
        raise BadDeduction(field=field or None, kind=given.kind)


def check_ticket(weights: Sequence[tuple[int, int]], *, mode: str) -> None:
    """Refuse a ticket whose (gross_g, tare_g) pairs cannot come from one scale.

    Successive: the vehicle is weighed, unloads one material, is weighed again; each tare is
    the next gross. Platform: each material is weighed by itself.
    Raises `TicketEmpty`, `TooManyLines`, `SuccessiveBroken` and what `net_of` raises.
    """
    if not weights:
        raise TicketEmpty(field="lines")
    if len(weights) > LINES_LIMIT:
        raise TooManyLines(field="lines", limit=LINES_LIMIT)
    for position, (gross_g, tare_g) in enumerate(weights):
        net_of(gross_g=gross_g, tare_g=tare_g, field=f"lines-{position}-gross_kg")
    if mode != "successive":
        return
    for position, (before, after) in enumerate(pairwise(weights), start=1):
        if before[1] != after[0]:
            raise SuccessiveBroken(
                field=f"lines-{position}-gross_kg", left_g=before[1], gross_g=after[0]
            )


def difference(
    weighed_g: int,
    *,
    declared_g: int,
    scale_division_g: int,
    tolerance_bp: int = DECLARED_TOLERANCE_BP,
) -> Difference:
    """Return how far `weighed_g` lies from `declared_g`, and what the scale may explain.

    The tolerance is the larger of `tolerance_bp` of the declared mass and one scale division.

    >>> difference(108_000, declared_g=100_000, scale_division_g=500)
    Difference(difference_g=8000, tolerance_g=500)
    """
    share = share_half_up(declared_g, share_bp=tolerance_bp)
    return Difference(difference_g=weighed_g - declared_g, tolerance_g=max(share, scale_division_g))
