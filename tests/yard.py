"""A yard for tests: something valid to begin with; a test bends one thing."""

from typing import Any

from sqlmodel import Session

from remelt.platform.kernel.clock import Clock
from remelt.platform.market.boards import set_price
from remelt.platform.yard.gate import buy
from remelt.platform.yard.models import Ticket
from remelt.platform.yard.pricing import LineGiven
from remelt.platform.yard.sellers import SellerGiven
from tests.parties import Party

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
