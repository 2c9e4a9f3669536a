"""Sellers as the tax rules count them: known by a digest, met at purchases, forgotten."""

from collections.abc import Mapping
from datetime import date, datetime

from sqlalchemy import delete
from sqlmodel import Session, col, select

from remelt.platform.kernel.clock import BEIJING, Clock
from remelt.platform.settlement.reverse.errors import (
    BadConsentDay,
    ProofMissing,
    ReverseConsentMissing,
    SellerUnidentified,
)
from remelt.platform.settlement.reverse.models import (
    InvoicedElsewhere,
    NaturalSeller,
    SellerConsent,
    SellerPurchase,
    SellerTrait,
    TieCode,
)
from remelt.platform.settlement.reverse.rules import check_month
from remelt.platform.settlement.reverse.tax_entries import enter_taxes

CONSENT_TEXT = (
    "本人同意资源回收企业就向本人收购的报废产品向本人“反向开票”，并为本人代办增值税及附加税费、"
    "个人所得税的申报和缴纳；已知悉连续12个月累计不含税销售额不超过规定上限。"
)


def know(session: Session, *, digest: str, at: datetime) -> NaturalSeller:
    """Return the seller of this digest, made when nobody here has met the person yet."""
    known = by_digest(session, digest=digest)
    if known is not None:
        return known
    made = NaturalSeller(digest=digest, known_at=at)
    session.add(made)
    session.flush()
    return made


def by_digest(session: Session, *, digest: str | None) -> NaturalSeller | None:
    """Return the seller of an identity's digest, None when nobody was identified by it."""
    if digest is None:
        return None
    return session.exec(select(NaturalSeller).where(NaturalSeller.digest == digest)).one_or_none()


def sold(
    session: Session, *, seller: NaturalSeller, kind: str, subject_code: str, buyer_id: int,
    at: datetime,
) -> SellerPurchase:  # fmt: skip
    """Note that a settlement's purchase was from this seller."""
    made = SellerPurchase(
        kind=kind, subject_code=subject_code, natural_seller_id=seller.key, buyer_id=buyer_id, at=at
    )
    session.add(made)
    session.flush()
    return made


def met_with(
    session: Session, *, seller: NaturalSeller, buyer_id: int, traits: Mapping[str, str],
    at: datetime,
) -> None:  # fmt: skip
    """Keep the digests of traits (kind -> digest) under which a buyer met a seller, each once."""
    known = set(
        session.exec(
            select(SellerTrait.kind, SellerTrait.digest).where(
                SellerTrait.natural_seller_id == seller.key, SellerTrait.buyer_id == buyer_id
            )
        )
    )
    for kind, digest in traits.items():
        if (kind, digest) not in known:
            session.add(
                SellerTrait(
                    natural_seller_id=seller.key, buyer_id=buyer_id, kind=kind, digest=digest,
                    seen_at=at,
                )
            )  # fmt: skip
    session.flush()


def consent(
    session: Session,
    *,
    clock: Clock,
    seller: NaturalSeller | None,
    buyer_id: int,
    person_id: int,
    given_on: date,
    text: str = CONSENT_TEXT,
    proof_sha256: str | None = None,
) -> SellerConsent:
    """Keep on file that a seller consented to reverse invoices by a buyer, with day and text.

    Raises `SellerUnidentified` or `BadConsentDay`.
    """
    if seller is None:
        raise SellerUnidentified
    now = clock.now(session)
    if given_on > now.astimezone(BEIJING).date():
        raise BadConsentDay(field="given_on")
    return _keep(
        session,
        SellerConsent(
            natural_seller_id=seller.key, buyer_id=buyer_id, given=True, given_on=given_on,
            text=text, proof_sha256=proof_sha256, person_id=person_id, recorded_at=now,
        ),
    )  # fmt: skip


def withdraw_consent(
    session: Session, *, clock: Clock, seller: NaturalSeller, buyer_id: int, person_id: int | None
) -> None:
    """End a consent from today on; invoices that stand keep standing.

    person_id: None where the seller's wish to be erased ends it. Nothing happens without one.
    """
    if consent_of(session, seller_id=seller.key, buyer_id=buyer_id) is None:
        return
    now = clock.now(session)
    _keep(
        session,
        SellerConsent(
            natural_seller_id=seller.key, buyer_id=buyer_id, given=False,
            given_on=now.astimezone(BEIJING).date(), person_id=person_id, recorded_at=now,
        ),
    )  # fmt: skip


def consent_of(session: Session, *, seller_id: int, buyer_id: int) -> SellerConsent | None:
    """Return the consent of a seller to a buyer that is in force."""
    newest = session.exec(
        select(SellerConsent)
        .where(
            SellerConsent.natural_seller_id == seller_id,
            SellerConsent.buyer_id == buyer_id,
        )
        .order_by(col(SellerConsent.id).desc())
        .limit(1)
    ).one_or_none()
    return newest if newest is not None and newest.given else None


def consenting(session: Session, *, buyer_id: int) -> frozenset[int]:
    """Return the sellers whose consent to a buyer is in force."""
    rows = session.exec(
        select(SellerConsent.natural_seller_id, SellerConsent.given)
        .where(SellerConsent.buyer_id == buyer_id)
        .order_by(col(SellerConsent.id))
    )
    return frozenset(seller for seller, given in dict(rows.all()).items() if given)


def needed_consent(session: Session, *, seller_id: int, buyer_id: int) -> SellerConsent:
    """Return the consent in force. Raises `ReverseConsentMissing`."""
    found = consent_of(session, seller_id=seller_id, buyer_id=buyer_id)
    if found is None:
        raise ReverseConsentMissing
    return found


def state_elsewhere(
    session: Session,
    *,
    clock: Clock,
    seller: NaturalSeller | None,
    told_by_id: int,
    person_id: int,
    month: str,
    net_fen: int,
    proof_sha256: str | None,
) -> InvoicedElsewhere:
    """Enter what a seller had invoiced outside this platform in a month, excluding VAT.

    A later statement for the same month takes the place of the teller's earlier one; zero takes
    it back. Raises `SellerUnidentified`, `BadMonth` or `ProofMissing`.
    """
    if seller is None:
        raise SellerUnidentified
    if not proof_sha256:
        raise ProofMissing(field="proof")
    lock(session, seller_id=seller.key)
    now = clock.now(session)
    today = now.astimezone(BEIJING).date()
    made = InvoicedElsewhere(
        natural_seller_id=seller.key,
        told_by_id=told_by_id,
        month=check_month(month, today=today),
        net_fen=net_fen,
        stated_on=today,
        proof_sha256=proof_sha256,
        person_id=person_id,
        recorded_at=now,
    )
    session.add(made)
    session.flush()
    enter_taxes(session, clock=clock, seller_id=seller.key, months=(made.month,))
    return made


def lock(session: Session, *, seller_id: int) -> NaturalSeller:
    """Return a seller, locked: until the commit nobody else counts or invoices for the person."""
    return session.exec(
        select(NaturalSeller)
        .where(NaturalSeller.id == seller_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one()


def keep_until(session: Session, seller: NaturalSeller, *, until: datetime) -> None:
    """Restrict a seller who asked to be erased: the law keeps the sums until this day."""
    seller.kept_until = until
    session.add(seller)
    session.flush()


def forget(session: Session, seller: NaturalSeller, *, at: datetime) -> None:
    """Leave nothing that leads to a person: digest, traits and codes go, the sums stay."""
    for table in (SellerTrait, TieCode):
        session.execute(delete(table).where(col(table.natural_seller_id) == seller.key))
    seller.sqlmodel_update(
        {"forgotten_at": at, "digest": None, "organisation_id": None, "kept_until": None}
    )
    session.add(seller)
    session.flush()


def _keep(session: Session, made: SellerConsent) -> SellerConsent:
    session.add(made)
    session.flush()
    return made
