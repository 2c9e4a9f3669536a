"""Buying at the gate: weighed, priced, paid at once, and brought into the ledger."""

from collections.abc import Sequence
from datetime import datetime

from sqlmodel import Session, select

from remelt.platform.kernel import outbox
from remelt.platform.kernel.clock import BEIJING, Clock
from remelt.platform.parties import queries as parties
from remelt.platform.parties.errors import NotAuthorised
from remelt.platform.parties.models import Site
from remelt.platform.parties.rules import may_buy
from remelt.platform.yard.errors import (
    NoSuchTicket,
    NothingToConfirm,
    RadiationAlarm,
    RoundingTooLarge,
    SameHand,
    UnknownMethod,
)
from remelt.platform.yard.events import GatePaymentConfirmed
from remelt.platform.yard.identity import Vault
from remelt.platform.yard.inspection import Finding, inspect, radiates
from remelt.platform.yard.models import GatePayment, Ticket
from remelt.platform.yard.pricing import LineGiven, price_line
from remelt.platform.yard.purchases import Bought, Purchase, write_purchases
from remelt.platform.yard.sellers import SellerGiven, know_seller, seller_card
from remelt.platform.yard.tickets import check_yard, take_number
from remelt.platform.yard.voiding import is_voided
from remelt.platform.yard.weights import check_ticket
from remelt.platform.yard.words import METHODS

ROUNDING_BELOW_FEN = 100


def buy(
    session: Session,
    *,
    clock: Clock,
    site_id: int,
    person_id: int,
    seller: SellerGiven | str,
    lines: Sequence[LineGiven],
    method: str,
    mode: str = "platform",
    plate: str = "",
    reference: str = "",
    rounding_fen: int = 0,
    tare_stored: bool = False,
    with_invoice: bool = False,
    note: str = "",
    radiation: Finding | None = None,
    vault: Vault | None = None,
) -> Ticket:
    """Buy what a walk-in seller brings: one ticket, several materials, paid at once.

    seller: the code of a card, or the person as told. Each line's price is the site's board
    price unless another is given with a reason; amounts are payable mass times price, half a
    fen rounded up. Above the site's threshold the payment waits for a second person.
    radiation: a finding on the whole load; above the alarm nothing is bought, hold it instead.

    Raises what the lines refuse, `UnknownMethod`, `RoundingTooLarge`, `RadiationAlarm`,
    `NotAuthorised` (productive scrap without the filing), `NotAYard` or the seller's refusals.
    """
    purchase = Purchase(
        method=method, mode=mode, plate=plate, reference=reference, rounding_fen=rounding_fen,
        tare_stored=tare_stored, with_invoice=with_invoice, note=note,
    )  # fmt: skip
    check_purchase(purchase, lines=lines, radiation=radiation)
    site = parties.site_by_id(session, site_id=site_id)
    check_yard(site)
    taken = take_number(session, site_id=site_id, clock=clock)
    _check_productive(session, site, lines=lines, at=taken.now)
    if isinstance(seller, str):
        card = seller_card(session, organisation_id=site.organisation_id, code=seller)
    else:
        card = know_seller(
            session, organisation_id=site.organisation_id, given=seller, at=taken.now, vault=vault
        )
    priced = [
        price_line(
            session, line, site_id=site_id, at=taken.now, with_invoice=with_invoice, position=i
        )
        for i, line in enumerate(lines)
    ]
    (ticket,) = write_purchases(
        session, clock=clock, site=site, person_id=person_id,
        bought=[Bought(taken, card, priced, purchase)],
    )  # fmt: skip
    if radiation is not None:
        inspect(
            session, clock=clock, site_id=site_id, person_id=person_id, findings=[radiation],
            plate=plate, ticket_id=ticket.key,
        )  # fmt: skip
    return ticket


def confirm_gate_payment(
    session: Session, *, clock: Clock, ticket_code: str, organisation_id: int, person_id: int
) -> GatePayment:
    """Confirm, as the second person, what was paid at the gate above the site's threshold.

    Raises `NoSuchTicket`, `NothingToConfirm` or `SameHand`.
    """
    found = session.exec(
        select(GatePayment)
        .join(Ticket)
        .join(Site)
        .where(Ticket.code == ticket_code, Site.organisation_id == organisation_id)
        .with_for_update()
    ).one_or_none()
    if found is None:
        raise NoSuchTicket(ticket_code=ticket_code[:20])
    if found.settled or is_voided(session, ticket_id=found.ticket_id):
        raise NothingToConfirm(ticket_code=ticket_code)
    second = parties.second_hand(
        session, first_id=found.person_id, person_id=person_id, organisation_id=organisation_id
    )
    if not second:
        raise SameHand(ticket_code=ticket_code)
    now = clock.now(session)
    found.sqlmodel_update({"second_person_id": person_id, "confirmed_at": now})
    session.add(found)
    outbox.record(
        session, GatePaymentConfirmed(at=now, ticket_code=ticket_code, person_id=person_id)
    )
    return found


def check_purchase(
    purchase: Purchase, *, lines: Sequence[LineGiven], radiation: Finding | None = None
) -> None:
    """Refuse a purchase whose ticket, method or radiation cannot be. Touches no database."""
    check_ticket([(line.gross_g, line.tare_g) for line in lines], mode=purchase.mode)
    if purchase.method not in METHODS:
        raise UnknownMethod(field="method")
    if abs(purchase.rounding_fen) >= ROUNDING_BELOW_FEN:
        raise RoundingTooLarge(field="rounding_yuan")
    if radiation is None or radiation.radiation_nsv_h is None:
        return
    background = radiation.background_nsv_h or 0
    if radiation.hold or radiates(
        radiation_nsv_h=radiation.radiation_nsv_h, background_nsv_h=background
    ):
        raise RadiationAlarm(
            field="radiation_nsv_h", nsv_h=radiation.radiation_nsv_h, background_nsv_h=background
        )


def _check_productive(
    session: Session, site: Site, *, lines: Sequence[LineGiven], at: datetime
) -> None:
    if not any(line.productive for line in lines):
        return
    kinds = parties.filing_kinds(
        session, organisation_id=site.organisation_id, on=at.astimezone(BEIJING).date()
    )
    if not may_buy(kinds, productive=True):
        raise NotAuthorised(field="lines-0-productive")
