"""What a sheet must keep before the ledger hears of it. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from remelt.platform.works.errors import (
    ClosingStockUnclear,
    DifferenceNotNamed,
    FurnaceOverfilled,
    MassNotGiven,
    MonthNotOver,
    NothingToWork,
    PeriodGap,
    PeriodOutOfOrder,
    PurityOutOfRange,
    RecoveryOutOfRange,
)
from remelt.platform.works.sheets import AdditionLine, HeatSheet, Part, PeriodSheet
from remelt.traceability.rules.states import within_tolerance

WHOLE_BP = 10_000
TYPED_IN_TONNES = 2  # a charge of twice the furnace is a slip of the unit, not a heat


@dataclass(frozen=True, slots=True)
class Balance:
    """In and out of one working, in g. `difference_g` above zero is lost, below is gained.

    basis_g: the metal that the tolerance is a share of; all that came in where it is nought.
    """

    in_g: int
    out_g: int
    lost_g: int
    scale_division_g: int
    basis_g: int = 0

    @property
    def difference_g(self) -> int:
        """What nobody weighed: in less out less named losses."""
        return self.in_g - self.out_g - self.lost_g

    @property
    def beyond_tolerance(self) -> bool:
        """Whether the difference is more than scales show, max(0.5 %, one division)."""
        return not within_tolerance(
            self.difference_g,
            mass_g=self.basis_g or self.in_g,
            scale_division_g=self.scale_division_g,
        )


def check_parts(parts: Sequence[Part]) -> None:
    """Refuse a sorting without something that comes out, or with a mass that is not above zero."""
    if not parts:
        raise NothingToWork(field="parts")
    _check_masses((part.mass_g for part in parts), field="parts")


def check_named(balance: Balance, note: str) -> None:
    """Refuse a difference beyond tolerance that nobody names; a named one is recorded."""
    if balance.beyond_tolerance and not note.strip():
        raise DifferenceNotNamed(
            field="difference_note",
            difference_g=balance.difference_g,
            difference_kg=in_kg(balance.difference_g),
        )


def in_kg(mass_g: int) -> str:
    """Say grams in kg with up to three decimals, for a sentence.

    >>> in_kg(-1_250), in_kg(20_000)
    ('-1.25', '20')
    """
    whole, rest = divmod(abs(mass_g), 1_000)
    return ("-" if mass_g < 0 else "") + f"{whole}.{rest:03d}".rstrip("0").rstrip(".")


def check_sheet(sheet: HeatSheet, *, heel_in_g: int) -> None:
    """Refuse a heat that nothing goes into or comes out of, or that holds a bad figure."""
    if not sheet.charges and not heel_in_g:
        raise NothingToWork(field="charges")
    if not sheet.casts and not sheet.heel_out_g:
        raise NothingToWork(field="casts")
    _check_masses((cast.mass_g for cast in sheet.casts), field="casts")
    _check_masses((c.mass_g for c in sheet.charges if c.mass_g is not None), field="charges")
    known = [c.recovery_bp for c in sheet.charges if c.recovery_bp is not None]
    if any(not 0 < recovery_bp <= WHOLE_BP for recovery_bp in known):
        raise RecoveryOutOfRange(field="charges")
    for addition in sheet.additions:
        check_addition(addition)


def check_addition(addition: AdditionLine) -> None:
    """Refuse an addition without mass, or with more metal than it weighs."""
    _check_masses([addition.mass_g], field="additions")
    if not 0 < addition.purity_bp <= WHOLE_BP:
        raise PurityOutOfRange(field="additions", purity_bp=addition.purity_bp)


def check_capacity(total_g: int, *, capacity_g: int) -> None:
    """Refuse twice of what the furnace holds: tonnes were typed where kilograms are asked."""
    if total_g > TYPED_IN_TONNES * capacity_g:
        raise FurnaceOverfilled(
            field="charges", total_kg=total_g // 1_000, capacity_kg=capacity_g // 1_000
        )


def check_period(since: date, until: date, *, today: date) -> None:
    """Refuse a period that ends before it begins or after today (Beijing)."""
    if until < since or until > today:
        raise PeriodOutOfOrder(field="until", since=since, until=until)


def check_follows(sheet: PeriodSheet, *, last: date | None) -> None:
    """Refuse a period that leaves days out, or counts some twice. Raises `PeriodGap`."""
    if last is not None and sheet.since != last + timedelta(days=1):
        raise PeriodGap(field="since", since=last + timedelta(days=1))


def check_run(sheet: PeriodSheet, *, holds: bool) -> None:
    """Refuse a period without anything in or out, or with an unclear closing stock."""
    if not sheet.charges and not holds:
        raise NothingToWork(field="charges")
    if not sheet.products and not sheet.closing_g:
        raise NothingToWork(field="products")
    if any(product.mass_g <= 0 for product in sheet.products):
        raise MassNotGiven(field="products")
    if any(c.mass_g is not None and c.mass_g <= 0 for c in sheet.charges):
        raise MassNotGiven(field="charges")
    if (sheet.method == "drained") != (sheet.closing_g == 0):
        raise ClosingStockUnclear(field="method")


def check_month_over(month: str, *, this_month: str) -> None:
    """Refuse to close a month that is still running."""
    if month >= this_month:
        raise MonthNotOver(field="month", month=month)


def _check_masses(masses: Iterable[int], *, field: str) -> None:
    if any(mass_g <= 0 for mass_g in masses):
        raise MassNotGiven(field=field)
