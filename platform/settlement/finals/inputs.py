"""What a settlement is worked from: weights, assays, prices, calls; in no order that matters."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

from remelt.platform.settlement.errors import DeductedTooMuch
from remelt.platform.settlement.finals.errors import AssayTwice, TareAboveGross, WeightTwice
from remelt.platform.settlement.finals.terms import Side
from remelt.platform.settlement.pricing.evaluating import Call
from remelt.platform.settlement.pricing.quotes import Index


@dataclass(frozen=True, slots=True, kw_only=True)
class Weight:
    """One load on one side's scale. ticket: the code of its ticket; day: its Beijing day.

    load: what both sides call the load, to set their weights side by side. deducted_g: what the
    ticket itself takes off (attachments, dirt), agreed at the scale.
    """

    ticket: str
    side: Side
    load: str
    day: date
    gross_g: int
    tare_g: int
    deducted_g: int = 0

    @property
    def net_g(self) -> int:
        """Gross less tare."""
        return self.gross_g - self.tare_g


@dataclass(frozen=True, slots=True, kw_only=True)
class Assay:
    """One side's result for one content, or the umpire's. ppm: by mass."""

    code: str
    side: Literal["seller", "buyer", "umpire"]
    analyte: str
    ppm: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Inputs:
    """Everything in force that a settlement is worked from.

    book: indices by code with the newest revision of each day. window_over: the window for
    calling a price has passed.
    """

    weights: tuple[Weight, ...] = ()
    assays: tuple[Assay, ...] = ()
    calls: tuple[Call, ...] = ()
    book: Mapping[str, Index] = field(default_factory=dict)
    window_over: bool = False

    def of(self, side: Side) -> tuple[Weight, ...]:
        """Return one side's weights, by load."""
        return tuple(sorted((w for w in self.weights if w.side == side), key=lambda w: w.load))

    def result(self, analyte: str, *, side: str) -> Assay | None:
        """Return one side's result for a content."""
        found = (a for a in self.assays if a.analyte == analyte and a.side == side)
        return next(found, None)


def check_inputs(inputs: Inputs) -> None:
    """Refuse what cannot be weighed or stands twice.

    Raises `TareAboveGross`, `DeductedTooMuch`, `WeightTwice` or `AssayTwice`.
    """
    loads: set[tuple[str, str]] = set()
    for weight in inputs.weights:
        check_weight(weight)
        if (weight.side, weight.load) in loads:
            raise WeightTwice(load=weight.load, side=weight.side)
        loads.add((weight.side, weight.load))
    results: set[tuple[str, str]] = set()
    for assay in inputs.assays:
        if (assay.side, assay.analyte) in results:
            raise AssayTwice(analyte=assay.analyte, side=assay.side)
        results.add((assay.side, assay.analyte))


def check_weight(weight: Weight) -> None:
    """Refuse one weight that cannot be. Raises `TareAboveGross` or `DeductedTooMuch`."""
    if not 0 <= weight.tare_g < weight.gross_g:
        raise TareAboveGross(field="tare_kg", load=weight.load)
    if not 0 <= weight.deducted_g <= weight.net_g:
        raise DeductedTooMuch(lot_code=weight.load)
