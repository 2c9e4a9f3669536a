"""What the week came to: every figure read from the books, none made here."""

from collections.abc import Iterator
from dataclasses import dataclass

from sqlmodel import Session, col, func, select

from remelt.platform.kernel.rows import Row
from remelt.platform.logistics.models import LeftOut, Round, RoundStop, TransportOrder
from remelt.platform.market.auction_models import Bid
from remelt.platform.market.models import Contract, Listing
from remelt.platform.settlement.models import PaymentRecord, Settlement
from remelt.platform.yard.models import Ticket
from remelt.traceability.models import Lot
from remelt.traceability.queries import checkpoint
from remelt.traceability.tracing.balance import world_balance
from remelt.traceability.tracing.melting import shares

GRAMS_PER_T = 1_000_000
METALS = (("Al", "aluminium"), ("Cu", "copper"))


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the report."""

    label: str
    text: str


def report(session: Session) -> list[Line]:
    """Return the week in a dozen lines."""
    return [*_trade(session), *_road(session), *_furnace(session), *_books(session)]


def _trade(session: Session) -> Iterator[Line]:
    lots = _count(session, Lot)
    weighed = session.exec(select(func.count(col(Lot.id))).where(Lot.mass_g > 0)).one()
    yield Line("lots", f"{lots} on the ledger, {weighed} with metal on hand")
    accepted = session.exec(select(func.count(col(Bid.id))).where(Bid.verdict == "accepted")).one()
    yield Line(
        "market",
        f"{_count(session, Listing)} listings, {accepted} bids, "
        f"{_count(session, Contract)} contracts",
    )
    gate = session.exec(select(func.count(col(Ticket.id))).where(Ticket.kind == "gate")).one()
    yield Line("scale", f"{_count(session, Ticket)} tickets, {gate} of them purchases at the gate")


def _road(session: Session) -> Iterator[Line]:
    driven = session.exec(select(Round).where(col(Round.driven_at).is_not(None))).all()
    carried_g = session.exec(
        select(func.coalesce(func.sum(TransportOrder.mass_g), 0))
        .join(RoundStop, col(RoundStop.order_id) == col(TransportOrder.id))
        .where(RoundStop.action == "unload", col(RoundStop.done_at).is_not(None))
    ).one()
    known = [row.co2e_g for row in driven if row.co2e_g is not None]
    km = sum(row.distance_m for row in driven) // 1000
    left = _count(session, LeftOut)
    yield Line(
        "rounds",
        f"{len(driven)} driven, {km} km, {tonnes(int(carried_g))} t carried, "
        f"{sum(known) // 1000} kgCO2e; {left} orders left out, each with its reason",
    )


def _furnace(session: Session) -> Iterator[Line]:
    for metal, name in METALS:
        rows = shares(session, metal=metal, month_from="0000-00", month_to="9999-99", by="total")
        if not rows:
            yield Line(name, "nothing was melted")
            continue
        row = rows[0]
        share = row.share
        percent = "-" if share.bp is None else f"{share.bp / 100:.2f} %"
        yield Line(
            name,
            f"{row.heats} heats, recycled share {percent} = {tonnes(share.numerator // 1000)} t / "
            f"{tonnes(share.denominator // 1000)} t contained (platform sample)",
        )
        if row.cast_g:
            per_t = row.co2e_g * 1000 // row.cast_g
            yield Line(
                "",
                f"{tonnes(row.cast_g)} t cast, known {per_t} kgCO2e/t; "
                "each passport names its missing lines",
            )


def _books(session: Session) -> Iterator[Line]:
    contracts = session.exec(
        select(
            func.count(col(Settlement.id)), func.coalesce(func.sum(Settlement.amount_fen), 0)
        ).where(Settlement.kind == "contract")
    ).one()
    paid = session.exec(
        select(func.coalesce(func.sum(PaymentRecord.amount_fen), 0)).where(
            col(PaymentRecord.confirmed_at).is_not(None)
        )
    ).one()
    yield Line(
        "money",
        f"{contracts[0]} contracts settled for CNY {yuan(int(contracts[1]))}; "
        f"CNY {yuan(int(paid))} paid in all",
    )
    balance = world_balance(session)
    yield Line("mass", f"{tonnes(balance.weighed_in_g)} t weighed in, drift {balance.drift_g} g")
    head = checkpoint(session)
    yield Line("log", f"{head.size} events, root {head.root}")


def tonnes(mass_g: int) -> str:
    """Return grams as tonnes with three decimals.

    >>> tonnes(1_234_500)
    '1.234'
    """
    return f"{mass_g // GRAMS_PER_T}.{mass_g % GRAMS_PER_T // 1000:03d}"


def yuan(amount_fen: int) -> str:
    """Return fen as yuan with thousands.

    >>> yuan(123456789)
    '1,234,567.89'
    """
    return f"{amount_fen // 100:,}.{amount_fen % 100:02d}"


def _count(session: Session, table: type[Row]) -> int:
    return session.exec(select(func.count(col(table.id)))).one()
