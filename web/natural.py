"""What follows when a natural person sold: the purchase counts for them, and how they were met."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path

from sqlmodel import Session, col, func, select

from remelt.platform.kernel.clock import Clock
from remelt.platform.kernel.codes import read_code
from remelt.platform.kernel.outbox import Answer, Event, Together
from remelt.platform.settlement import queries as settlements
from remelt.platform.settlement.events import ContractSettled
from remelt.platform.settlement.models import Settlement
from remelt.platform.settlement.reverse import sellers
from remelt.platform.settlement.reverse.models import (
    NaturalSeller,
    ReverseInvoice,
    SellerPurchase,
)
from remelt.platform.settlement.reverse.tying import tied_to
from remelt.platform.yard import queries as tickets
from remelt.platform.yard.events import GatePurchased
from remelt.platform.yard.forgetting import digest_of, is_digest_known
from remelt.platform.yard.identity import Vault
from remelt.platform.yard.models import SellerCard
from remelt.platform.yard.sellers import identified_among
from remelt.web.home import secret


def answers(clock: Clock, *, home: Path | None) -> Mapping[type[Event], Answer]:
    """Return what is done when a natural person sold. home: where the digests' key lies."""

    def bought(session: Session, events: Sequence[GatePurchased]) -> None:
        note_gates(session, events, home=home)

    def settled(session: Session, event: ContractSettled) -> None:
        note_contract(session, event, clock=clock)

    return {GatePurchased: Together(bought), ContractSettled: settled}


def note_gates(session: Session, events: Sequence[GatePurchased], *, home: Path | None) -> None:
    """Count gate purchases for their sellers, those who are identified."""
    codes = {event.seller_code for event in events if event.seller_code is not None}
    cards = identified_among(session, codes=codes)
    for event in events:
        card = cards.get(event.seller_code or "")
        if card is not None:
            _note_gate(session, event, card, home=home)


def _note_gate(
    session: Session, event: GatePurchased, card: SellerCard, *, home: Path | None
) -> None:
    seller = sellers.know(session, digest=card.id_digest or "", at=event.at)
    sellers.sold(
        session, seller=seller, kind="gate", subject_code=event.ticket_code,
        buyer_id=event.organisation_id, at=event.at,
    )  # fmt: skip
    if home is not None:
        plate = tickets.plate_of(session, ticket_code=event.ticket_code)
        traits = {"phone": card.phone, "plate": plate or card.plate}
        sellers.met_with(
            session, seller=seller, buyer_id=event.organisation_id, at=event.at,
            traits=trait_digests(traits, vault=vault_of(home)),
        )  # fmt: skip


def note_contract(session: Session, event: ContractSettled, *, clock: Clock) -> None:
    """Count what a natural person sold under a contract, when the account is tied to them."""
    if event.revision > 1:
        return
    found = settlements.settlement_of(session, kind="contract", subject_code=event.contract_code)
    if found is None:
        return
    seller = None if found.payee_id is None else tied_to(session, organisation_id=found.payee_id)
    if seller is not None:
        sellers.sold(
            session, seller=seller, kind="contract", subject_code=event.contract_code,
            buyer_id=found.payer_id, at=clock.now(session),
        )  # fmt: skip


def note_past_contracts(session: Session, seller: NaturalSeller, *, clock: Clock) -> None:
    """Count what a person sold under contracts before the account was tied, each once."""
    noted = select(SellerPurchase.subject_code).where(SellerPurchase.kind == "contract")
    rows = session.exec(
        select(Settlement).where(
            Settlement.payee_id == seller.organisation_id,
            Settlement.kind == "contract",
            Settlement.revision == 1,
            col(Settlement.subject_code).not_in(noted),
        )
    ).all()
    for row in rows:
        sellers.sold(
            session, seller=seller, kind="contract", subject_code=row.subject_code,
            buyer_id=row.payer_id, at=clock.now(session),
        )  # fmt: skip


def trait_digests(traits: Mapping[str, str], *, vault: Vault) -> dict[str, str]:
    """Return the keyed digests of what is known, by kind: written alike however it was typed."""
    tidy = {kind: "".join(c for c in text.upper() if c.isalnum()) for kind, text in traits.items()}
    return {kind: vault.digest(f"{kind}:{text}") for kind, text in tidy.items() if text}


def tie_digest(code: str, *, vault: Vault) -> str:
    """Return the keyed digest of a code that ties an account. Raises `BadCode`."""
    return vault.digest(f"tie:{read_code(code)}")


def vault_of(home: Path) -> Vault:
    """Return what seals identity numbers in an installation."""
    return Vault(secret(home, "identity.key").encode())


def seller_of_card(session: Session, *, code: str) -> NaturalSeller | None:
    """Return the natural seller that a card's identity leads to, None where it leads to none."""
    return sellers.by_digest(session, digest=digest_of(session, code=code))


def kept_until(session: Session, seller: NaturalSeller, *, keep_days: int) -> datetime | None:
    """Return how long the law keeps a seller's invoices: None when none was drawn up."""
    last: datetime | None = session.exec(
        select(func.max(ReverseInvoice.drawn_at)).where(
            ReverseInvoice.natural_seller_id == seller.key
        )
    ).one()
    return None if last is None else last + timedelta(days=keep_days)


def restrict(
    session: Session, seller: NaturalSeller, *, clock: Clock, code: str, until: datetime
) -> None:
    """Keep the sums until the end of the term; the consent to the card's buyer ends now."""
    sellers.keep_until(session, seller, until=until)
    buyer_id = tickets.organisation_of_card(session, code=code)
    if buyer_id is not None:
        sellers.withdraw_consent(
            session, clock=clock, seller=seller, buyer_id=buyer_id, person_id=None
        )


def forget_when_unknown(session: Session, seller: NaturalSeller, *, clock: Clock) -> bool:
    """Forget a seller of whom no card is left anywhere; tell whether that was so."""
    if seller.digest is None or is_digest_known(session, digest=seller.digest):
        return False
    sellers.forget(session, seller, at=clock.now(session))
    return True
