"""Natural sellers at the gate for tests: identified, with consent, and a buyer set up."""

from datetime import date
from typing import Any

from sqlmodel import Session, select

from remelt.platform.kernel.clock import Clock
from remelt.platform.settlement.reverse import invoicing, sellers
from remelt.platform.settlement.reverse.models import NaturalSeller, ReverseInvoice
from remelt.platform.yard.identity import Vault
from remelt.platform.yard.models import SellerCard, Ticket
from remelt.platform.yard.sellers import SellerGiven
from tests.parties import Party
from tests.yard import a_line, bought

ID_NUMBER = "11010519491231002X"
VAULT = Vault(b"k" * 32)
WANG = SellerGiven(
    name="王五", phone="13800005678", plate="贵B99", id_number=ID_NUMBER, consent=True
)


def buy_for(session: Session, *, clock: Clock, hub: Party, fen: int, **changes: Any) -> Ticket:
    """Buy from Wang so that `fen` are paid: a gram a fen, or ten fen where that is too heavy."""
    fen_a_gram = 10 if fen % 10 == 0 else 1
    line = a_line(
        gross_g=1_500_000 + fen // fen_a_gram,
        price_fen_per_t=fen_a_gram * 1_000_000,
        reason="agreed",
    )
    facts: dict[str, Any] = {"seller": WANG, "lines": [line], "vault": VAULT, "method": "bank"}
    return bought(session, clock=clock, hub=hub, **(facts | changes))


def natural(session: Session) -> NaturalSeller:
    """Return the only natural seller there is."""
    return session.exec(select(NaturalSeller)).one()


def card_of(session: Session, ticket: Ticket) -> SellerCard:
    """Return the card of the seller on a ticket."""
    return session.get_one(SellerCard, ticket.seller_id)


def set_up(session: Session, *, clock: Clock, hub: Party, method: str = "general") -> None:
    """Say how the buyer pays VAT."""
    invoicing.set_tax_method(
        session, clock=clock, organisation_id=hub.organisation.key, person_id=hub.person.key,
        method=method,
    )  # fmt: skip


def agree(session: Session, *, clock: Clock, hub: Party, seller: NaturalSeller) -> None:
    """Keep the seller's consent to this buyer on file."""
    sellers.consent(
        session, clock=clock, seller=seller, buyer_id=hub.organisation.key,
        person_id=hub.person.key, given_on=date(2026, 3, 1),
    )  # fmt: skip


def draw(session: Session, *, clock: Clock, hub: Party, ticket: Ticket) -> ReverseInvoice:
    """Draw up the invoice of a ticket."""
    return invoicing.draw_up(
        session, clock=clock, subject_code=ticket.code, buyer_id=hub.organisation.key,
        person_id=hub.person.key,
    )  # fmt: skip
