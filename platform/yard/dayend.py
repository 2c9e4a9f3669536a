"""The end of a yard's day: the drawer by method, kilograms and cost by grade, the margin."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

import sqlalchemy as sa
from sqlmodel import Session, case, col, func, select

from remelt.platform.kernel.clock import BEIJING
from remelt.platform.kernel.money import amount_fen
from remelt.platform.market.models import Contract
from remelt.platform.yard.models import GatePayment, Ticket, TicketLine
from remelt.platform.yard.words import METHODS

Grade = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Drawer:
    """What changed hands in one way: paid out, handed back by counter tickets, still waiting."""

    method: str
    paid_fen: int
    waiting_fen: int
    tickets: int


@dataclass(frozen=True, slots=True)
class GradeLine:
    """What was bought of one grade. Sale price and margin are None where no price is known.

    margin_fen: payable mass at the sale price less the cost; neither freight nor yield is in it.
    """

    grade_system: str
    grade_code: str
    metal: str
    net_g: int
    payable_g: int
    cost_fen: int
    sale_fen_per_t: int | None

    @property
    def average_fen_per_t(self) -> int | None:
        """Cost per tonne paid for, half a fen rounded up; None for nothing."""
        if self.payable_g <= 0 or self.cost_fen < 0:
            return None
        return (self.cost_fen * 1_000_000 * 2 + self.payable_g) // (2 * self.payable_g)

    @property
    def margin_fen(self) -> int | None:
        """Value at the sale price less cost, in fen."""
        if self.sale_fen_per_t is None or self.payable_g < 0:
            return None
        return amount_fen(self.payable_g, price_fen_per_t=self.sale_fen_per_t) - self.cost_fen


@dataclass(frozen=True, slots=True)
class DayEnd:
    """A Beijing day of a site."""

    day: date
    drawers: tuple[Drawer, ...]
    grades: tuple[GradeLine, ...]
    tickets: int
    countered: int

    @property
    def cost_fen(self) -> int:
        """What the day's purchases cost."""
        return sum(line.cost_fen for line in self.grades)

    @property
    def margin_fen(self) -> int | None:
        """The margin of the grades that have a sale price; None when none has."""
        known = [line.margin_fen for line in self.grades if line.margin_fen is not None]
        return sum(known) if known else None


def day_end(
    session: Session,
    *,
    site_id: int,
    organisation_id: int,
    day: date,
    sale_prices: Mapping[Grade, int] | None = None,
) -> DayEnd:
    """Return the end of a Beijing day by the tickets written on it, counter tickets taken off.

    sale_prices: fen per tonne by (system, code) as the person says today; where none is given,
    the price of the organisation's last sale of that grade stands.
    """
    span = _span(day)
    sold = last_sales(session, organisation_id=organisation_id, until=span[1])
    prices = {**sold, **(sale_prices or {})}
    written, countered = session.exec(
        select(
            func.count(col(Ticket.id)),
            func.coalesce(func.sum(case((col(Ticket.sign) < 0, 1), else_=0)), 0),
        ).where(*_of_day(site_id, span))
    ).one()
    return DayEnd(
        day=day,
        drawers=_drawers(session, site_id=site_id, span=span),
        grades=_grades(session, site_id=site_id, span=span, prices=prices),
        tickets=written - int(countered),
        countered=int(countered),
    )


def last_sales(session: Session, *, organisation_id: int, until: datetime) -> dict[Grade, int]:
    """Return what an organisation last sold each grade for, in fen per tonne."""
    found: dict[Grade, int] = {}
    rows = session.exec(
        select(Contract)
        .where(Contract.seller_id == organisation_id, col(Contract.made_at) < until)
        .order_by(col(Contract.made_at), col(Contract.id))
    )
    for contract in rows:
        grade = (str(contract.terms["grade_system"]), str(contract.terms["grade_code"]))
        found[grade] = contract.price_fen_per_t
    return found


def _span(day: date) -> tuple[datetime, datetime]:
    start = datetime.combine(day, time.min, tzinfo=BEIJING)
    return start, start + timedelta(days=1)


def _of_day(site_id: int, span: tuple[datetime, datetime]) -> tuple[sa.ColumnElement[bool], ...]:
    return (
        col(Ticket.site_id) == site_id,
        col(Ticket.kind) == "gate",
        col(Ticket.closed_at) >= span[0],
        col(Ticket.closed_at) < span[1],
    )


def _drawers(
    session: Session, *, site_id: int, span: tuple[datetime, datetime]
) -> tuple[Drawer, ...]:
    settled = ~col(GatePayment.needs_second) | col(GatePayment.confirmed_at).is_not(None)
    signed = col(GatePayment.amount_fen) * col(Ticket.sign)
    rows = session.exec(
        select(
            GatePayment.method,
            func.coalesce(func.sum(signed).filter(settled), 0),
            func.coalesce(func.sum(signed).filter(~settled), 0),
            func.count(col(Ticket.id)),
        )
        .join(Ticket, col(Ticket.id) == col(GatePayment.ticket_id))
        .where(*_of_day(site_id, span))
        .group_by(GatePayment.method)
    )
    found = {
        method: Drawer(method=method, paid_fen=int(paid), waiting_fen=int(waiting), tickets=count)
        for method, paid, waiting, count in rows
    }
    return tuple(found[method] for method in METHODS if method in found)


def _grades(
    session: Session,
    *,
    site_id: int,
    span: tuple[datetime, datetime],
    prices: Mapping[Grade, int],
) -> tuple[GradeLine, ...]:
    sign = col(Ticket.sign)
    rows = session.execute(
        sa.select(
            col(TicketLine.grade_system),
            col(TicketLine.grade_code),
            col(TicketLine.metal),
            func.sum(col(TicketLine.net_g) * sign),
            func.sum(col(TicketLine.payable_g) * sign),
            func.sum(func.coalesce(TicketLine.amount_fen, 0) * sign),
        )
        .join(Ticket, col(Ticket.id) == col(TicketLine.ticket_id))
        .where(*_of_day(site_id, span))
        .group_by(col(TicketLine.grade_system), col(TicketLine.grade_code), col(TicketLine.metal))
        .order_by(col(TicketLine.metal), col(TicketLine.grade_system), col(TicketLine.grade_code))
    )
    return tuple(
        GradeLine(
            grade_system=system,
            grade_code=code,
            metal=metal,
            net_g=int(net_g),
            payable_g=int(payable_g),
            cost_fen=int(cost_fen),
            sale_fen_per_t=prices.get((system, code)),
        )
        for system, code, metal, net_g, payable_g, cost_fen in rows
    )
