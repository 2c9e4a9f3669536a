"""Continuous lines: a period's account, and the drain-to-drain campaign that judges it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlmodel import Session, col, func, select

from remelt.platform.kernel import outbox
from remelt.platform.kernel.clock import BEIJING, Clock
from remelt.platform.kernel.codes import new_code
from remelt.platform.works.errors import (
    LineNameTaken,
    NoSuchLine,
)
from remelt.platform.works.events import LinePeriodClosed
from remelt.platform.works.factors import energy_lines
from remelt.platform.works.line_models import LinePeriod, ProductionLine
from remelt.platform.works.places import Place, lots_here, place_of, put_in_bay
from remelt.platform.works.power import by_contract
from remelt.platform.works.rules import Balance, check_follows, check_named, check_period, check_run
from remelt.platform.works.runaround import check_run_around
from remelt.platform.works.sheets import LineProduct, PeriodSheet
from remelt.traceability.ledger import LotSpec, Output, Period, Taken, Transformation, transform
from remelt.traceability.models import Lot

RUNS = ("smelt", "process")


@dataclass(frozen=True, slots=True)
class Ran:
    """What a period gave: its paper, the products in order, the in-process stock if any."""

    period: LinePeriod
    products: tuple[Lot, ...]
    stock: Lot | None
    done: Transformation


@dataclass(frozen=True, slots=True)
class _Run:
    """A sheet with everything it names looked up and locked."""

    sheet: PeriodSheet
    place: Place
    line: ProductionLine
    lots: Mapping[str, Lot]
    opening_g: int
    in_g: int

    @property
    def opening(self) -> Lot | None:
        return self.lots.get(self.line.stock_lot or "")

    @property
    def balance(self) -> Balance:
        sheet = self.sheet
        return Balance(
            in_g=self.opening_g + self.in_g,
            out_g=sum(each.mass_g for each in sheet.products) + sheet.closing_g,
            lost_g=sum(sheet.losses_g.values()),
            scale_division_g=self.place.division_g,
        )


def add_line(
    session: Session,
    *,
    clock: Clock,
    site_id: int,
    person_id: int,
    name: str,
    kind: str,
    metal: str,
) -> ProductionLine:
    """Set up a continuous line. kind: of `LINE_KINDS`. Raises `SiteCannot`, `LineNameTaken`."""
    place_of(session, site_id=site_id, person_id=person_id, needs=RUNS)
    taken = select(ProductionLine.id).where(
        ProductionLine.site_id == site_id, ProductionLine.name == name
    )
    if session.exec(taken).first() is not None:
        raise LineNameTaken(field="name", name=name)
    line = ProductionLine(
        code=new_code(),
        site_id=site_id,
        name=name,
        kind=kind,
        metal=metal,
        added_at=clock.now(session),
    )
    session.add(line)
    session.flush()
    return line


def run_period(
    session: Session,
    *,
    clock: Clock,
    site_id: int,
    person_id: int,
    line_code: str,
    sheet: PeriodSheet,
) -> Ran:
    """Account one period of a line: what was in process and came in, and what became of it.

    Periods follow each other day by day. The closing in-process stock becomes a lot with
    vectors and a stated method; the next period opens with it. A tankhouse refines; a rod or
    casting line melts. What differs beyond max(0.5 %, one scale division) needs
    `difference_note`, is recorded and blocks the claims of the products. Without energy the
    line's stage is missing by name.

    Raises `SiteCannot`, `NoSuchLine`, `PeriodOutOfOrder`, `PeriodGap`, `ClosingStockUnclear`,
    `NothingToWork`, `MassNotGiven`, `NotInCustody`, `NotYourMetal`, `NotRunAround`,
    `DifferenceNotNamed` and what the ledger refuses.
    """
    place = place_of(session, site_id=site_id, person_id=person_id, needs=RUNS)
    line = lock_line(session, code=line_code, site_id=site_id)
    today = clock.now(session).astimezone(BEIJING).date()
    check_period(sheet.since, sheet.until, today=today)
    check_follows(sheet, last=last_day(session, line))
    check_run(sheet, holds=line.stock_lot is not None)
    codes = [charge.lot_code for charge in sheet.charges]
    lots = lots_here(session, place, codes, owner=place.organisation, heel=line.stock_lot)
    check_run_around(session, place, [lots[c.lot_code] for c in sheet.charges if c.internal])
    run = _looked_up(sheet, place=place, line=line, lots=lots)
    check_named(run.balance, sheet.difference_note)
    stage = "refining" if line.kind == "tankhouse" else "melt_energy"
    done = transform(
        session,
        clock=clock,
        kind="refine" if line.kind == "tankhouse" else "melt",
        inputs=_inputs(run),
        outputs=_outputs(run),
        losses={name: mass_g for name, mass_g in sheet.losses_g.items() if mass_g},
        energy=by_contract(
            session,
            energy_lines(session, sheet.energy, on=sheet.until, stage=stage),
            site_id=site_id,
            on=sheet.until,
            at=clock.now(session),
        ),
        scale_division_g=place.division_g,
        site=place.ref,
        custodian=place.organisation,
        actor=place.actor,
        period=Period(
            since=sheet.since.isoformat(), until=sheet.until.isoformat(), method=sheet.method
        ),
    )
    return _ran(session, clock=clock, run=run, done=done)


def _looked_up(
    sheet: PeriodSheet, *, place: Place, line: ProductionLine, lots: Mapping[str, Lot]
) -> _Run:
    """Weigh what goes in before the ledger takes it."""
    opening = lots.get(line.stock_lot or "")
    given = ((lots[c.lot_code].mass_g, c.mass_g) for c in sheet.charges)
    return _Run(
        sheet=sheet,
        place=place,
        line=line,
        lots=lots,
        opening_g=opening.mass_g if opening else 0,
        in_g=sum(held if taken is None else taken for held, taken in given),
    )


def lock_line(session: Session, *, code: str, site_id: int) -> ProductionLine:
    """Return a line of the site, locked. Raises `NoSuchLine`."""
    found = session.exec(
        select(ProductionLine)
        .where(
            ProductionLine.code == code,
            ProductionLine.site_id == site_id,
            col(ProductionLine.ended_at).is_(None),
        )
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one_or_none()
    if found is None:
        raise NoSuchLine(line_code=code[:20])
    return found


def last_day(session: Session, line: ProductionLine) -> date | None:
    """Return the last day that a line was accounted for."""
    return session.exec(
        select(func.max(LinePeriod.until)).where(LinePeriod.line_id == line.key)
    ).one()


def _inputs(run: _Run) -> list[Taken]:
    opening = [Taken(lot_code=run.opening.code, role="heel")] if run.opening else []
    return opening + [
        Taken(
            lot_code=charge.lot_code,
            mass_g=charge.mass_g,
            recovery_bp=charge.recovery_bp or run.lots[charge.lot_code].metal_bp,
            internal=charge.internal,
        )
        for charge in run.sheet.charges
    ]


def _outputs(run: _Run) -> list[Output]:
    """Products, then the closing in-process stock."""
    owner = run.place.organisation
    made = [
        Output(
            spec=_spec(run, product),
            mass_g=product.mass_g,
            role="waste" if product.waste else "product",
            owner=owner,
        )
        for product in run.sheet.products
    ]
    if run.sheet.closing_g:
        cells = LineProduct(mass_g=run.sheet.closing_g, name="in-process", form="in_process")
        made.append(Output(spec=_spec(run, cells), mass_g=cells.mass_g, role="heel", owner=owner))
    return made


def _spec(run: _Run, product: LineProduct) -> LotSpec:
    """Say what came out: one origin and place only where all that went in agree."""
    lots = run.lots.values()
    origins, tracks = {lot.origin for lot in lots}, {lot.track for lot in lots}
    return LotSpec(
        metal=run.line.metal,
        grade_system="works",
        grade_code=product.name,
        form=product.form or "solids",
        origin=origins.pop() if len(origins) == 1 else "unknown",  # type: ignore[arg-type]
        evidence="implied",
        metal_bp=product.metal_bp,
        track=tracks.pop() if len(tracks) == 1 else "unknown",
    )


def _ran(session: Session, *, clock: Clock, run: _Run, done: Transformation) -> Ran:
    """Keep the paper, note what is in process now and where the products went."""
    sheet, line = run.sheet, run.line
    count = len(sheet.products)
    products, rest = tuple(done.outputs[:count]), done.outputs[count:]
    stock = rest[0] if rest else None
    line.periods += 1
    line.campaign += 0 if run.opening_g else 1
    line.stock_lot = stock.code if stock else None
    session.add(line)
    period = LinePeriod(
        code=new_code(),
        line_id=line.key,
        number=line.periods,
        campaign=line.campaign,
        person_id=run.place.person_id,
        since=sheet.since,
        until=sheet.until,
        method=sheet.method,
        difference_note=sheet.difference_note.strip() if done.beyond_tolerance else "",
        recorded_at=clock.now(session),
        event_hash=done.event.hash,
    )
    session.add(period)
    _place(session, clock, run, products)
    outbox.record(
        session,
        LinePeriodClosed(
            at=period.recorded_at,
            period_code=period.code,
            line_code=line.code,
            site_code=run.place.site.code,
            difference_g=done.unexplained_g,
            beyond_tolerance=done.beyond_tolerance,
        ),
    )
    session.flush()
    return Ran(period=period, products=products, stock=stock, done=done)


def _place(session: Session, clock: Clock, run: _Run, products: Sequence[Lot]) -> None:
    for product, lot in zip(run.sheet.products, products, strict=True):
        put_in_bay(session, run.place, clock=clock, lot_code=lot.code, bay=product.bay)
