"""What a material is worth at the gate: the board's price, or another one for a reason."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from remelt.platform.catalogue import queries as catalogue
from remelt.platform.catalogue.models import Grade
from remelt.platform.kernel.money import amount_fen
from remelt.platform.market import boards
from remelt.platform.market.drafts import is_barred
from remelt.platform.market.errors import HazardousLot, UnknownGrade
from remelt.platform.market.models import MAX_PRICE_FEN_PER_T
from remelt.platform.yard.cells import yuan
from remelt.platform.yard.errors import NoBoardPrice, OverrideNeedsReason, PriceOutOfRange
from remelt.platform.yard.weights import DeductionGiven, Payable, net_of, payable
from remelt.traceability.terms import Evidence, Origin

REASON_MOST = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class LineGiven:
    """One material as weighed at the gate.

    grade: a code, name or alias of the catalogue. price_fen_per_t: None takes the board's
    price; another price needs a reason. own_lot: a lot with a tag of its own, else it joins the
    bay's pool of the day. origin and evidence as `traceability.terms`.
    """

    grade: str
    gross_g: int
    tare_g: int
    price_fen_per_t: int | None = None
    reason: str = ""
    deductions: tuple[DeductionGiven, ...] = ()
    productive: bool = False
    own_lot: bool = False
    form: str = "loose"
    origin: Origin = "unknown"
    evidence: Evidence = "declared"


@dataclass(frozen=True, slots=True, kw_only=True)
class Priced:
    """A line with its grade, its payable mass, its price and what it comes to."""

    given: LineGiven
    grade: Grade
    payable: Payable
    price_fen_per_t: int
    board_price_fen_per_t: int | None
    amount_fen: int

    @property
    def override_reason(self) -> str:
        """Why the price is not the board's; empty where it is."""
        same = self.price_fen_per_t == self.board_price_fen_per_t
        return "" if same else self.given.reason.strip()[:REASON_MOST]


def price_line(
    session: Session,
    given: LineGiven,
    *,
    site_id: int,
    at: datetime,
    with_invoice: bool = False,
    position: int = 0,
) -> Priced:
    """Return a line with grade, payable mass and price as they hold at `at`.

    Raises what `priced` raises.
    """

    def hangs(grade: Grade, mass_g: int) -> int | None:
        line = boards.board_price(
            session, site_id=site_id, grade_system=grade.system, grade_code=grade.code,
            mass_g=mass_g, with_invoice=with_invoice, at=at,
        )  # fmt: skip
        return None if line is None else line.price_fen_per_t

    grade = catalogue.find_grade(session, given.grade)
    return priced(given, grade=grade, hangs=hangs, position=position)


def priced(
    given: LineGiven,
    *,
    grade: Grade | None,
    hangs: Callable[[Grade, int], int | None],
    position: int = 0,
) -> Priced:
    """Return a line whose grade was looked up. Touches no database.

    hangs: what the board pays for a grade and a payable mass in g, in fen per tonne.
    Raises `UnknownGrade`, `HazardousLot`, what `net_of` and `payable` raise, `NoBoardPrice`,
    `OverrideNeedsReason` or `PriceOutOfRange`; the fact `field` names the line's field.
    """
    prefix = f"lines-{position}-"
    if grade is None:
        raise UnknownGrade(field=f"{prefix}grade", grade=given.grade[:40])
    if is_barred(grade.hazard):
        raise HazardousLot(field=f"{prefix}grade", hazard=grade.hazard)
    net_g = net_of(gross_g=given.gross_g, tare_g=given.tare_g, field=f"{prefix}gross_kg")
    paid = payable(net_g, deductions=given.deductions, field=f"{prefix}deduction_kg")
    board_fen = hangs(grade, paid.payable_g)
    price = chosen_price(
        given.price_fen_per_t, board_fen_per_t=board_fen, reason=given.reason, prefix=prefix
    )
    return Priced(
        given=given,
        grade=grade,
        payable=paid,
        price_fen_per_t=price,
        board_price_fen_per_t=board_fen,
        amount_fen=amount_fen(paid.payable_g, price_fen_per_t=price),
    )


def chosen_price(
    given_fen_per_t: int | None, *, board_fen_per_t: int | None, reason: str, prefix: str = ""
) -> int:
    """Return the price that holds: the given one, else the board's. Touches no database.

    Raises `NoBoardPrice`, `OverrideNeedsReason` or `PriceOutOfRange`.
    """
    price = board_fen_per_t if given_fen_per_t is None else given_fen_per_t
    if price is None:
        raise NoBoardPrice(field=f"{prefix}price_yuan_per_t")
    if not 0 < price <= MAX_PRICE_FEN_PER_T:
        raise PriceOutOfRange(field=f"{prefix}price_yuan_per_t")
    if board_fen_per_t is not None and price != board_fen_per_t and not reason.strip():
        raise OverrideNeedsReason(field=f"{prefix}reason", board_yuan=yuan(board_fen_per_t))
    return price
