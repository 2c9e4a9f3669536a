"""Which content settles: one side's result, the middle of both, or the umpire's."""

from dataclasses import dataclass
from fractions import Fraction

from remelt.platform.settlement.finals.inputs import Assay, Inputs
from remelt.platform.settlement.finals.statement import Charge, Sheet
from remelt.platform.settlement.finals.terms import Measured
from remelt.platform.settlement.pricing.evaluating import half_up


@dataclass(frozen=True, slots=True)
class Settled:
    """The content that settles, in ppm, and who is further from the umpire where one decided.

    further: the sides that pay the umpire: one, both alike, or nobody.
    """

    ppm: Fraction
    rule: str
    further: tuple[str, ...] = ()


def settle_content(sheet: Sheet, clause: Measured, *, inputs: Inputs) -> Settled | None:
    """Return the content that settles and write it down, None while a result is missing."""
    found = _settled(sheet, clause, inputs=inputs)
    if found is not None:
        results = [a for a in inputs.assays if a.analyte == clause.analyte]
        of = [f"assay:{a.code}" for a in sorted(results, key=lambda a: a.side)]
        key = f"settled:{clause.analyte}"
        sheet.put(key, half_up(found.ppm * 1000), "ppb", rule=found.rule, of=of)
    return found


def exchanged(seller: int, buyer: int, *, splitting_ppm: int | None) -> Settled | None:
    """Return what settles between two results without an umpire: the middle, or None.

    >>> exchanged(2_100, 2_400, splitting_ppm=400).ppm
    Fraction(2250, 1)
    """
    if splitting_ppm is not None and abs(seller - buyer) > splitting_ppm:
        return None
    return Settled(Fraction(seller + buyer, 2), "split")


def umpired(seller: int, buyer: int, umpire: int) -> Settled:
    """Return what settles once the umpire has spoken.

    Its result where it lies between the two, else that of the nearer party. The party further
    off pays the umpire; both do when it stands in the middle.

    >>> umpired(2_100, 3_100, 2_700)
    Settled(ppm=Fraction(2700, 1), rule='umpire', further=('seller',))
    """
    away = {"seller": abs(seller - umpire), "buyer": abs(buyer - umpire)}
    furthest = max(away.values())
    further = tuple(side for side in ("seller", "buyer") if away[side] == furthest)
    if min(seller, buyer) <= umpire <= max(seller, buyer):
        return Settled(Fraction(umpire), "umpire", further)
    nearer = seller if away["seller"] < away["buyer"] else buyer
    return Settled(Fraction(nearer), "nearer-to-umpire", further)


def umpire_charges(fee_fen: int, *, further: tuple[str, ...]) -> list[Charge]:
    """Return who pays the umpire; two halves share an odd fen by giving it to the seller."""
    if not fee_fen or not further:
        return []
    if len(further) == 1:
        bearer = further[0]
        return [Charge("umpire", bearer, fee_fen)]  # type: ignore[arg-type]  # one of the sides
    half = fee_fen // 2
    return [Charge("umpire", "seller", fee_fen - half), Charge("umpire", "buyer", half)]


def _settled(sheet: Sheet, clause: Measured, *, inputs: Inputs) -> Settled | None:
    if clause.decided != "exchange":
        alone = _need(sheet, clause, side=clause.decided, inputs=inputs)
        if alone is None:
            return None
        return Settled(Fraction(alone.ppm), f"result-of-{clause.decided}")
    seller = _need(sheet, clause, side="seller", inputs=inputs)
    buyer = _need(sheet, clause, side="buyer", inputs=inputs)
    if seller is None or buyer is None:
        return None
    split = exchanged(seller.ppm, buyer.ppm, splitting_ppm=clause.splitting_ppm)
    if split is not None:
        return split
    umpire = inputs.result(clause.analyte, side="umpire")
    if umpire is None:
        sheet.want("umpire", clause.analyte)
        return None
    return umpired(seller.ppm, buyer.ppm, umpire.ppm)


def _need(sheet: Sheet, clause: Measured, *, side: str, inputs: Inputs) -> Assay | None:
    found = inputs.result(clause.analyte, side=side)
    if found is None:
        sheet.want("assay", clause.analyte, side)
    return found
