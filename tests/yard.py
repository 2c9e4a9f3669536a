"""A yard for tests: something valid to begin with; a test bends one thing."""

from typing import TYPE_CHECKING, Any

from sqlmodel import Session, select

from remelt.platform.kernel.clock import Clock
from remelt.platform.market.boards import set_price
from remelt.platform.settlement import accounts, books
from remelt.platform.settlement.models import Settlement
from remelt.platform.settlement.rules import Weighed
from remelt.platform.yard.gate import buy
from remelt.platform.yard.models import Ticket, TicketLine
from remelt.platform.yard.pricing import LineGiven
from remelt.platform.yard.sellers import SellerGiven
from tests.parties import Party

if TYPE_CHECKING:
    from tests.world import World

CANS = ("ReMA", "Talc")
PROFILE = ("ReMA", "Tutu")
BOARD_FEN_PER_T = 1_280_000
ZHANG = SellerGiven(name="张三", phone="13800001234", plate="贵A12345")


def hang_out(
    session: Session,
    *,
    clock: Clock,
    hub: Party,
    grade: tuple[str, str] = CANS,
    price_fen_per_t: int = BOARD_FEN_PER_T,
) -> None:
    """Hang out a price for a grade at the hub, without invoice."""
    set_price(
        session,
        clock=clock,
        site_id=hub.site.key,
        organisation_id=hub.organisation.key,
        person_id=hub.person.key,
        grade_system=grade[0],
        grade_code=grade[1],
        price_fen_per_t=price_fen_per_t,
        with_invoice=False,
    )


def a_line(**changes: Any) -> LineGiven:
    """Half a tonne of cans at the board's price."""
    facts: dict[str, Any] = {"grade": "Talc", "gross_g": 2_000_000, "tare_g": 1_500_000}
    return LineGiven(**(facts | changes))


def bought(session: Session, *, clock: Clock, hub: Party, **changes: Any) -> Ticket:
    """Buy half a tonne of cans from Zhang for cash."""
    facts: dict[str, Any] = {"seller": ZHANG, "lines": [a_line()], "method": "cash"}
    return buy(
        session,
        clock=clock,
        site_id=hub.site.key,
        person_id=hub.person.key,
        **(facts | changes),
    )


def yard_objects(world: "World", session: Session) -> None:
    """A ticket, a settlement to pay and a payment that waits, for each yard and another one.

    A collector is the payee: it reads its settlement and pays nothing.
    """
    clock = world.clock
    made = {
        walker: [_yard(session, clock, of) for of in (world.own[walker], world.other[walker])]
        for walker in ("leaver", "hub", "smelter")
    }
    for own, other in made.values():
        for facts in (own, other):
            world.marks[facts["seller"]] = facts["organisation"]
    collectors = [_owed_to(session, clock, world, of) for of in (world.own, world.other)]
    for walker in world.own:
        own, other = made.get(walker, made["hub"])
        for name in ("ticket", "settlement", "payment"):
            world.give(name, own=own[name], other=other[name], walker=walker)
        world.give("weigh.lot", own=own["lot"], other=other["lot"], walker=walker)
    world.give("settlement", own=collectors[0], other=collectors[1], walker="collector")


def _yard(session: Session, clock: Clock, party: Party) -> dict[str, str]:
    seller = f"Verborgen-{party.person.login}"
    ticket = bought(
        session,
        clock=clock,
        hub=party,
        seller=SellerGiven(name=seller),
        lines=[a_line(gross_g=3_000_000, price_fen_per_t=BOARD_FEN_PER_T, own_lot=True)],
    )
    session.flush()
    (line,) = session.exec(select(TicketLine).where(TicketLine.ticket_id == ticket.key))
    owed = _owed(session, clock, payer=party, payee=None, subject=ticket.code)
    payment = accounts.record_payment(
        session,
        clock=clock,
        settlement_code=owed.code,
        organisation_id=party.organisation.key,
        person_id=party.person.key,
        amount_fen=owed.amount_fen,
        paid_on=clock.now(session).date(),
    )
    return {
        "ticket": ticket.code,
        "settlement": owed.code,
        "payment": payment.code,
        "lot": line.lot_code,
        "seller": seller,
        "organisation": party.organisation.code,
    }


def _owed_to(session: Session, clock: Clock, world: "World", parties: dict[str, Party]) -> str:
    payee = parties["collector"]
    made = _owed(
        session,
        clock,
        payer=world.own["smelter"],
        payee=payee,
        subject=f"C{payee.person.key % 10**9}",
    )
    return made.code


def _owed(
    session: Session, clock: Clock, *, payer: Party, payee: Party | None, subject: str
) -> Settlement:
    draft = Settlement(
        code=accounts.new_code(),
        kind="gate" if payee is None else "contract",
        subject_code=subject,
        ticket_code=subject,
        revision=1,
        site_id=payer.site.key,
        payer_id=payer.organisation.key,
        payee_id=None if payee is None else payee.organisation.key,
        net_g=0,
        deducted_g=0,
        payable_g=0,
        lines_fen=0,
        amount_fen=0,
        inputs={},
        inputs_sha256="",
        computed_at=clock.now(session),
    )
    line = Weighed(lot_code="L", net_g=2_000_000, deducted_g=0, price_fen_per_t=1_500_000)
    return books.put(session, draft, lines=[line], clock=clock)[0]
