"""Natural persons whom the gates know: identity, consent, ceiling, reverse invoices."""

from dataclasses import dataclass
from typing import Any

from sqlmodel import Session, select

from remelt.platform.kernel.clock import BEIJING, month_of
from remelt.platform.kernel.codes import new_code
from remelt.platform.settlement.reverse import invoicing, sellers, tying
from remelt.platform.settlement.reverse.models import NaturalSeller
from remelt.platform.settlement.reverse.rules import months_before
from remelt.platform.yard.gate import buy, confirm_gate_payment
from remelt.platform.yard.models import GatePayment
from remelt.platform.yard.pricing import LineGiven
from remelt.platform.yard.sellers import SellerGiven
from remelt.web.demo.goods import GOODS
from remelt.web.demo.money.papers import paper
from remelt.web.demo.stage import OnStage
from remelt.web.demo.world import Week
from remelt.web.natural import note_past_contracts, tie_digest, trait_digests, vault_of

TARE_G = 4_180_000
CASH_BELOW_KG = 400


@dataclass(frozen=True, slots=True)
class Known:
    """An invented person: born in 1900, so that no number is anybody's.

    loads: kilograms of what is brought, each time. elsewhere_yuan: what other buyers invoiced two
    months ago. invoiced: how many of the loads get their reverse invoice.
    """

    name: str
    phone: str
    id_number: str
    hub: str
    grade: str
    loads: tuple[int, ...]
    elsewhere_yuan: int = 0
    consents: bool = True
    invoiced: int = 0


KNOWN = (
    Known("演示·王五", "13800000011", "520181190001010012", "hub", "Tense", (900, 360),
          elsewhere_yuan=4_186_000, invoiced=1),
    Known("演示·赵六", "13800000022", "520181190001010020", "hub", "Tutu", (1_240,),
          elsewhere_yuan=4_972_000),
    Known("演示·孙七", "13800000022", "520181190001010039", "hub", "Taldon", (480, 820),
          invoiced=2),
    Known("演示·周八", "13800000044", "520181190001010047", "hub", "Tense", (300,),
          consents=False),
    Known("演示·吴九", "13800000055", "520181190001010055", "hub2", "Taint/Tabor", (760, 640),
          elsewhere_yuan=910_000, invoiced=1),
    Known("演示·王五", "13800000011", "520181190001010012", "hub2", "Tense", (520,), invoiced=1),
)  # fmt: skip
TIED = "collector2"
"""The account of the first of them, a natural person's."""
METHODS = {"hub": "general", "hub2": "simple"}


def say_methods(week: Week) -> None:
    """Let the hubs say how they pay VAT."""
    for key, method in METHODS.items():
        with week.act() as session:
            invoicing.set_tax_method(session, **_by(week, week.stage[key]), method=method)


def buy_and_invoice(week: Week) -> None:
    """Let every known person sell; what consents is invoiced, as far as it is meant to be."""
    for each in KNOWN:
        hub = week.stage[each.hub]
        tickets = []
        for load_kg in each.loads:
            with week.act() as session:
                tickets.append(_bought(session, week, hub, each, load_kg=load_kg))
        with week.act() as session:
            _on_file(session, week, hub, each)
        for number, code in enumerate(tickets[: each.invoiced]):
            with week.act() as session:
                _drawn(session, week, hub, code, numbered=number == 0)


def tie(week: Week) -> None:
    """Let the first known person tie the own account, with a code from the hub."""
    known, code, vault = KNOWN[0], new_code(), vault_of(week.home)
    hub, account = week.stage[known.hub], week.stage[TIED]
    digest = tie_digest(code, vault=vault)
    with week.act() as session:
        tying.hand_code(
            session, **_person(week, hub), seller=seller_of(session, week, known),
            buyer_id=hub.organisation_id, digest=digest, sealed=vault.seal(code),
        )  # fmt: skip
    week.clock.advance(minutes=12)
    with week.act() as session:
        seller = tying.tie(
            session, **_by(week, account), code_digest=digest,
            identity_digest=vault.digest(known.id_number),
        )  # fmt: skip
        note_past_contracts(session, seller, clock=week.clock)


def _bought(session: Session, week: Week, hub: OnStage, known: Known, *, load_kg: int) -> str:
    week.clock.advance(minutes=17)
    good = GOODS[known.grade]
    line = LineGiven(
        grade=known.grade, gross_g=TARE_G + load_kg * 1_000, tare_g=TARE_G, form=good.form,
        origin=good.origin, evidence="documented",
    )  # fmt: skip
    given = SellerGiven(
        name=known.name, phone=known.phone, id_number=known.id_number, consent=True,
        plate=f"贵A·演{known.phone[-3:]}",
    )  # fmt: skip
    ticket = buy(
        session, clock=week.clock, site_id=hub.site_id, person_id=hub.person_ids[0], seller=given,
        lines=[line], method="bank" if load_kg > CASH_BELOW_KG else "cash", reference="演示转账",
        vault=vault_of(week.home),
    )  # fmt: skip
    session.flush()
    paid = session.exec(select(GatePayment).where(GatePayment.ticket_id == ticket.id)).one()
    if paid.needs_second:
        confirm_gate_payment(
            session, clock=week.clock, ticket_code=ticket.code,
            organisation_id=hub.organisation_id, person_id=hub.person_ids[1],
        )  # fmt: skip
    return ticket.code


def _on_file(session: Session, week: Week, hub: OnStage, known: Known) -> None:
    """Keep the consent, the card that is paid to, and what was invoiced elsewhere."""
    seller = seller_of(session, week, known)
    now = week.clock.now()
    if known.consents:
        sellers.consent(
            session, clock=week.clock, seller=seller, buyer_id=hub.organisation_id,
            person_id=hub.person_ids[0], given_on=now.astimezone(BEIJING).date(),
            proof_sha256=paper(week.files, of=f"consent {known.id_number} {known.hub}"),
        )  # fmt: skip
        sellers.met_with(
            session, seller=seller, buyer_id=hub.organisation_id, at=now,
            traits=trait_digests(
                {"bank_card": f"演示卡{known.id_number}"}, vault=vault_of(week.home)
            ),
        )  # fmt: skip
    if known.elsewhere_yuan:
        sellers.state_elsewhere(
            session, clock=week.clock, seller=seller, told_by_id=hub.organisation_id,
            person_id=hub.person_ids[0], month=months_before(month_of(now), count=2),
            net_fen=known.elsewhere_yuan * 100,
            proof_sha256=paper(week.files, of=f"elsewhere {known.id_number}"),
        )  # fmt: skip


def seller_of(session: Session, week: Week, known: Known) -> NaturalSeller:
    """Return the natural seller that a known person is."""
    digest = vault_of(week.home).digest(known.id_number)
    found = sellers.by_digest(session, digest=digest)
    if found is None:
        raise LookupError(known.name)
    return found


def _drawn(session: Session, week: Week, hub: OnStage, code: str, *, numbered: bool) -> None:
    week.clock.advance(minutes=4)
    made = invoicing.draw_up(
        session, **_person(week, hub), buyer_id=hub.organisation_id, subject_code=code
    )
    if numbered:
        invoicing.note_number(
            session, **_person(week, hub), buyer_id=hub.organisation_id,
            invoice_code=made.code, number=f"2652{made.key % 10**14:016d}",
        )  # fmt: skip


def _person(week: Week, hub: OnStage) -> dict[str, Any]:
    return {"clock": week.clock, "person_id": hub.person_ids[0]}


def _by(week: Week, hub: OnStage) -> dict[str, Any]:
    return _person(week, hub) | {"organisation_id": hub.organisation_id}
