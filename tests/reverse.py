"""Natural sellers at the gate for tests: identified, with consent, and a buyer set up."""

from datetime import date
from typing import TYPE_CHECKING, Any

from sqlmodel import Session, select

from remelt.platform.kernel.clock import Clock, month_of
from remelt.platform.settlement.evidence.filing import add_paper
from remelt.platform.settlement.reverse import invoicing, queries, sellers
from remelt.platform.settlement.reverse.models import NaturalSeller, ReverseInvoice
from remelt.platform.settlement.reverse.rules import months_before
from remelt.platform.settlement.running import advancing, stating
from remelt.platform.yard.identity import _CHECKS, _WEIGHTS, Vault
from remelt.platform.yard.models import SellerCard, Ticket
from remelt.platform.yard.sellers import SellerGiven
from remelt.web.natural import vault_of
from tests.market import a_picture
from tests.parties import Party
from tests.yard import a_line, bought

if TYPE_CHECKING:
    from tests.world import World

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


def agree(
    session: Session, *, clock: Clock, hub: Party, seller: NaturalSeller,
    proof_sha256: str | None = None,
) -> None:  # fmt: skip
    """Keep the seller's consent to this buyer on file."""
    sellers.consent(
        session, clock=clock, seller=seller, buyer_id=hub.organisation.key,
        person_id=hub.person.key, given_on=date(2026, 3, 1), proof_sha256=proof_sha256,
    )  # fmt: skip


def draw(session: Session, *, clock: Clock, hub: Party, ticket: Ticket) -> ReverseInvoice:
    """Draw up the invoice of a ticket."""
    return invoicing.draw_up(
        session, clock=clock, subject_code=ticket.code, buyer_id=hub.organisation.key,
        person_id=hub.person.key,
    )  # fmt: skip


def id_number(serial: int) -> str:
    """Return a valid identity number, another for each serial."""
    body = f"11010519491231{serial:03d}"
    total = sum(int(digit) * weight for digit, weight in zip(body, _WEIGHTS, strict=True))
    return body + _CHECKS[total % 11]


def reverse_purchases(world: "World", session: Session) -> None:
    """Two purchases of each yard from an identified seller: one to be invoiced, one to stay."""
    vault = vault_of(world.app.extensions["remelt"].settings.home)
    serial = 100
    for walker in ("leaver", "hub", "smelter"):
        for party in (world.own[walker], world.other[walker]):
            serial += 1
            name = f"Verborgen-{party.person.login}-s"
            given = SellerGiven(name=name, id_number=id_number(serial), consent=True)
            for _each in range(2):
                buy_for(session, clock=world.clock, hub=party, fen=100, seller=given, vault=vault)
            set_up(session, clock=world.clock, hub=party)
            world.hide(name, of=party)


def reverse_invoices(world: "World", session: Session) -> None:
    """The seller, a ticket and an invoice of each yard, and of another one."""
    sha256 = world.app.extensions["remelt"].files.put(a_picture())
    world.give("evidence.sha256", own=sha256, other="0" * 64)
    for walker in world.own:
        at = walker if walker in {"leaver", "hub", "smelter"} else "hub"
        told = [_drawn(world, session, of) for of in (world.own[at], world.other[at])]
        for name in told[0]:
            world.give(f"reverse.{name}", own=told[0][name], other=told[1][name], walker=walker)
            if name == "purchase":
                for room in ("evidence", "api_evidence"):
                    world.give(f"{room}.purchase", own=told[0][name], other=told[1][name],
                               walker=walker)  # fmt: skip
                add_paper(
                    session, clock=world.clock, organisation_id=world.own[at].organisation.key,
                    person_id=world.own[at].person.key, subject_code=told[0][name],
                    paper="photo", sha256=sha256,
                )  # fmt: skip
            world.give(f"api_reverse.{name}", own=told[0][name], other=told[1][name], walker=walker)


def _drawn(world: "World", session: Session, party: Party) -> dict[str, str]:
    lines = queries.purchases(session, buyer_id=party.organisation.key)
    seller = session.get_one(NaturalSeller, lines[0].seller_id)
    card = session.exec(select(SellerCard).where(SellerCard.id_digest == seller.digest)).one()
    done = queries.invoices(session, buyer_id=party.organisation.key)
    if not done:
        agree(session, clock=world.clock, hub=party, seller=seller)
        invoicing.draw_up(
            session, clock=world.clock, subject_code=lines[-1].subject_code,
            buyer_id=party.organisation.key, person_id=party.person.key,
        )  # fmt: skip
        done = queries.invoices(session, buyer_id=party.organisation.key)
    return {
        "seller": card.code,
        "purchase": lines[0].subject_code,
        "invoice": done[0].invoice.code,
    }


def running_objects(world: "World", session: Session) -> None:
    """A running account with an advance and a statement of each walker, and of another one."""
    month = months_before(month_of(world.clock.now()), count=1)
    for walker in world.own:
        told = [
            _kept(world, session, payer=of[walker], payee=of["regulator"], month=month)
            for of in (world.own, world.other)
        ]
        for name in told[0]:
            for room in ("running", "api_running"):
                world.give(f"{room}.{name}", own=told[0][name], other=told[1][name], walker=walker)


def _kept(
    world: "World", session: Session, *, payer: Party, payee: Party, month: str
) -> dict[str, str]:
    partner = payee if payee is not payer else world.own["auditor"]
    facts = {"payer_id": payer.organisation.key, "clock": world.clock}
    row = advancing.open_account(session, partner_code=partner.organisation.code, **facts)
    paid = advancing.pay_advance(
        session, code=row.code, person_id=payer.person.key, amount_fen=10**9,
        paid_on=date(2026, 3, 1), **facts,
    )  # fmt: skip
    said = stating.issue(
        session, clock=world.clock, code=row.code, organisation_id=partner.organisation.key,
        person_id=partner.person.key, month=month,
    )  # fmt: skip
    return {"account": row.code, "advance": paid.code, "statement": said.code}
