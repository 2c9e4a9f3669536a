"""The purchases of a month with what proves them, and one with everything that is kept of it."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import aliased
from sqlmodel import Session, col, func, select

from remelt.platform.market.models import Contract, Listing, ListingPhoto
from remelt.platform.parties.models import Organisation
from remelt.platform.settlement.evidence.errors import NoSuchPurchase
from remelt.platform.settlement.evidence.models import PurchasePaper
from remelt.platform.settlement.evidence.rules import Proofs, assess
from remelt.platform.settlement.models import PaymentRecord, Settlement
from remelt.platform.settlement.reverse.models import (
    InvoiceNumber,
    ReverseInvoice,
    SellerConsent,
    SellerPurchase,
)
from remelt.platform.settlement.reverse.sellers import consenting

KINDS = ("gate", "contract")


@dataclass(frozen=True, slots=True)
class Purchase:
    """A purchase with the state of each item of its evidence."""

    settlement: Settlement
    payee: Organisation | None
    bought_at: datetime
    items: Mapping[str, str]
    payments: tuple[PaymentRecord, ...]
    papers: tuple[PurchasePaper, ...]
    photos: tuple[str, ...]
    invoice: ReverseInvoice | None
    number: str | None
    consent: SellerConsent | None


def purchases(
    session: Session,
    *,
    organisation_id: int,
    since: datetime | None = None,
    before: datetime | None = None,
    subject_code: str | None = None,
) -> list[Purchase]:
    """Return what an organisation bought and pays for, by when it was first settled."""
    newer, first = aliased(Settlement), aliased(Settlement)
    statement = (
        select(Settlement, first.computed_at)
        .outerjoin(newer, col(newer.supersedes_id) == col(Settlement.id))
        .join(
            first,
            (col(first.kind) == col(Settlement.kind))
            & (col(first.subject_code) == col(Settlement.subject_code))
            & (col(first.revision) == 1),
        )
        .where(
            Settlement.payer_id == organisation_id,
            col(Settlement.kind).in_(KINDS),
            Settlement.amount_fen > 0,
            col(newer.id).is_(None),
        )
        .order_by(col(first.computed_at).desc(), col(Settlement.id).desc())
    )
    if since is not None and before is not None:
        statement = statement.where(
            col(first.computed_at) >= since, col(first.computed_at) < before
        )
    if subject_code is not None:
        statement = statement.where(Settlement.subject_code == subject_code)
    rows = session.exec(statement).all()
    facts = _facts(session, [owed for owed, _at in rows], organisation_id=organisation_id)
    return [facts.purchase(owed, at) for owed, at in rows]


def purchase(session: Session, *, organisation_id: int, subject_code: str) -> Purchase:
    """Return one purchase of an organisation. Raises `NoSuchPurchase`."""
    found = purchases(session, organisation_id=organisation_id, subject_code=subject_code)
    if not found:
        raise NoSuchPurchase(purchase_code=subject_code[:20])
    return found[0]


def known_picture(session: Session, *, organisation_id: int, subject_code: str, sha256: str) -> str:
    """Return the hash of a picture that proves a purchase of an organisation.

    Raises `NoSuchPurchase` for one that does not, too.
    """
    one = purchase(session, organisation_id=organisation_id, subject_code=subject_code)
    known = {*one.photos, *(paper.sha256 for paper in one.papers)}
    if one.consent is not None:
        known.add(one.consent.proof_sha256)
    if sha256 not in known:
        raise NoSuchPurchase(purchase_code=subject_code[:20])
    return sha256


@dataclass(frozen=True, slots=True)
class _Facts:
    payees: Mapping[int, Organisation]
    payments: Mapping[str, list[PaymentRecord]]
    papers: Mapping[str, list[PurchasePaper]]
    photos: Mapping[str, list[str]]
    sellers: Mapping[str, int]
    invoices: Mapping[str, tuple[ReverseInvoice, str | None]]
    consents: Mapping[int, SellerConsent]

    def purchase(self, owed: Settlement, at: datetime) -> Purchase:
        code = owed.subject_code
        papers, payments = self.papers[code], self.payments[code]
        photos = [paper.sha256 for paper in papers if paper.paper == "photo" and paper.sha256]
        invoice, number = self.invoices.get(code, (None, None))
        seller = self.sellers.get(code)
        payee = self.payees.get(owed.payee_id or 0)
        consent = None if seller is None else self.consents.get(seller)
        shown = (*self.photos[code], *photos)
        proofs = Proofs(
            natural=payee is None or seller is not None,
            ticket=bool(owed.ticket_code),
            photos=len(shown),
            identified=seller is not None,
            consented=consent is not None,
            owed_fen=owed.amount_fen,
            proven_fen=_proven(payments, papers),
            invoiced=number is not None or any(paper.paper == "invoice" for paper in papers),
        )
        return Purchase(
            owed, payee, at, assess(proofs), tuple(payments), tuple(papers), shown, invoice,
            number, consent,
        )  # fmt: skip


def _proven(payments: Sequence[PaymentRecord], papers: Sequence[PurchasePaper]) -> int:
    proof = any(paper.paper == "payment" for paper in papers)
    return sum(
        payment.amount_fen
        for payment in payments
        if payment.state == "confirmed"
        and payment.method != "cash"
        and (proof or payment.proof_sha256 is not None)
    )


def _facts(session: Session, owed: Sequence[Settlement], *, organisation_id: int) -> _Facts:
    codes = [each.subject_code for each in owed]
    payees = session.exec(
        select(Organisation).where(col(Organisation.id).in_({each.payee_id for each in owed}))
    )
    payments: dict[str, list[PaymentRecord]] = defaultdict(list)
    for payment in session.exec(
        select(PaymentRecord)
        .where(col(PaymentRecord.subject_code).in_(codes))
        .order_by(col(PaymentRecord.id))
    ):
        payments[payment.subject_code].append(payment)
    papers: dict[str, list[PurchasePaper]] = defaultdict(list)
    for paper in session.exec(
        select(PurchasePaper)
        .where(
            PurchasePaper.buyer_id == organisation_id, col(PurchasePaper.subject_code).in_(codes)
        )
        .order_by(col(PurchasePaper.id))
    ):
        papers[paper.subject_code].append(paper)
    photos: dict[str, list[str]] = defaultdict(list)
    for code, sha256 in session.exec(
        select(Contract.code, ListingPhoto.sha256)
        .join(Listing, col(Listing.lot_code) == col(Contract.lot_code))
        .join(ListingPhoto, col(ListingPhoto.listing_id) == col(Listing.id))
        .where(col(Contract.code).in_(codes))
        .order_by(col(ListingPhoto.id))
    ):
        photos[code].append(sha256)
    sellers, invoices = _invoiced(session, codes)
    return _Facts(
        payees={each.key: each for each in payees},
        payments=payments,
        papers=papers,
        photos=photos,
        sellers=sellers,
        invoices=invoices,
        consents=_consents(session, organisation_id=organisation_id),
    )


def _invoiced(
    session: Session, codes: Sequence[str]
) -> tuple[dict[str, int], dict[str, tuple[ReverseInvoice, str | None]]]:
    """Return the natural sellers, and the last black invoice with its number, by purchase."""
    sold = session.exec(
        select(SellerPurchase).where(col(SellerPurchase.subject_code).in_(codes))
    ).all()
    of = {row.key: row.subject_code for row in sold}
    turns = (
        select(col(ReverseInvoice.purchase_id), func.max(ReverseInvoice.turn).label("turn"))
        .where(col(ReverseInvoice.purchase_id).in_(of))
        .group_by(col(ReverseInvoice.purchase_id))
        .subquery()
    )
    last = session.exec(
        select(ReverseInvoice, InvoiceNumber.number)
        .join(
            turns,
            (turns.c.purchase_id == col(ReverseInvoice.purchase_id))
            & (turns.c.turn == col(ReverseInvoice.turn)),
        )
        .outerjoin(InvoiceNumber, col(InvoiceNumber.invoice_id) == col(ReverseInvoice.id))
        .where(ReverseInvoice.sign == 1)
    )
    return (
        {row.subject_code: row.natural_seller_id for row in sold},
        {of[row.purchase_id]: (row, number) for row, number in last},
    )


def _consents(session: Session, *, organisation_id: int) -> dict[int, SellerConsent]:
    standing = consenting(session, buyer_id=organisation_id)
    rows = session.exec(
        select(SellerConsent)
        .where(SellerConsent.buyer_id == organisation_id, col(SellerConsent.given).is_(True))
        .order_by(col(SellerConsent.id))
    )
    return {row.natural_seller_id: row for row in rows if row.natural_seller_id in standing}
