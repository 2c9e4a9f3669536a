"""Tying a natural seller's own account: a code from a buyer's clerk, and the identity number.

Two things prove who asks: the code, handed over face to face by a buyer that knows the person, and
the number that the buyer recorded. A wrong one of them is answered alike, so nobody learns whom
the platform knows.
"""

from datetime import datetime, timedelta
from typing import Final

from sqlmodel import Session, col, select

from remelt.platform.kernel import outbox
from remelt.platform.kernel.clock import Clock
from remelt.platform.parties.models import Organisation
from remelt.platform.settlement.reverse.errors import (
    AccountTied,
    IssuesOwnInvoices,
    SellerUnidentified,
    TieRefused,
)
from remelt.platform.settlement.reverse.events import SellerTied
from remelt.platform.settlement.reverse.models import NaturalSeller, TieCode
from remelt.platform.settlement.reverse.sellers import lock

CODE_LASTS: Final = timedelta(days=7)
NATURAL: Final = "natural_person"


def hand_code(
    session: Session,
    *,
    clock: Clock,
    seller: NaturalSeller | None,
    buyer_id: int,
    person_id: int,
    digest: str,
    sealed: str,
) -> TieCode:
    """Keep a code that a buyer hands a seller, digested and sealed; earlier ones of the buyer end.

    Raises `SellerUnidentified`, also for who asked to be erased.
    """
    if seller is None or seller.kept_until is not None:
        raise SellerUnidentified
    lock(session, seller_id=seller.key)
    now = clock.now(session)
    earlier = handed(session, seller_id=seller.key, buyer_id=buyer_id, now=now)
    if earlier is not None:
        earlier.ends_at = now
        session.add(earlier)
    made = TieCode(
        natural_seller_id=seller.key, buyer_id=buyer_id, person_id=person_id, digest=digest,
        sealed=sealed, handed_at=now, ends_at=now + CODE_LASTS,
    )  # fmt: skip
    session.add(made)
    session.flush()
    return made


def handed(session: Session, *, seller_id: int, buyer_id: int, now: datetime) -> TieCode | None:
    """Return the code that a buyer handed a seller and that may still be used, None without."""
    return session.exec(
        select(TieCode)
        .where(
            TieCode.natural_seller_id == seller_id,
            TieCode.buyer_id == buyer_id,
            TieCode.ends_at > now,
            col(TieCode.used_at).is_(None),
        )
        .order_by(col(TieCode.id).desc())
        .limit(1)
    ).one_or_none()


def tie(
    session: Session,
    *,
    clock: Clock,
    organisation_id: int,
    person_id: int,
    code_digest: str,
    identity_digest: str,
) -> NaturalSeller:
    """Tie an account to the natural seller that code and identity number lead to, once each.

    Raises `IssuesOwnInvoices`, `AccountTied` or `TieRefused`.
    """
    _lock_natural(session, organisation_id=organisation_id)
    if tied_to(session, organisation_id=organisation_id) is not None:
        raise AccountTied
    found = session.exec(select(TieCode).where(TieCode.digest == code_digest)).one_or_none()
    if found is None:
        raise TieRefused(field="code")
    seller = lock(session, seller_id=found.natural_seller_id)
    session.refresh(found)
    now = clock.now(session)
    usable = found.used_at is None and now < found.ends_at
    theirs = seller.digest == identity_digest and seller.organisation_id is None
    if not (usable and theirs and seller.kept_until is None):
        raise TieRefused(field="code")
    found.used_at = now
    seller.organisation_id = organisation_id
    session.add_all((found, seller))
    session.flush()
    _tell(session, clock, organisation_id=organisation_id, person_id=person_id, tied=True)
    return seller


def untie(session: Session, *, clock: Clock, organisation_id: int, person_id: int) -> None:
    """Untie an account, as its person asks; what was invoiced stays. Nothing happens untied."""
    seller = tied_to(session, organisation_id=organisation_id)
    if seller is None:
        return
    lock(session, seller_id=seller.key)
    seller.organisation_id = None
    session.add(seller)
    session.flush()
    _tell(session, clock, organisation_id=organisation_id, person_id=person_id, tied=False)


def tied_to(session: Session, *, organisation_id: int) -> NaturalSeller | None:
    """Return the natural seller whose account this is, None while nobody tied it."""
    return session.exec(
        select(NaturalSeller).where(NaturalSeller.organisation_id == organisation_id)
    ).one_or_none()


def is_natural(session: Session, *, organisation_id: int | None) -> bool:
    """Tell whether an organisation is a natural person; None, who sold at a gate, is one."""
    if organisation_id is None:
        return True
    form = session.exec(
        select(Organisation.legal_form).where(Organisation.id == organisation_id)
    ).one()
    return form == NATURAL


def _lock_natural(session: Session, *, organisation_id: int) -> None:
    """Lock the account, so that two codes do not tie it twice; refuse who invoices for itself."""
    found = session.exec(
        select(Organisation).where(Organisation.id == organisation_id).with_for_update()
    ).one()
    if found.legal_form != NATURAL:
        raise IssuesOwnInvoices


def _tell(
    session: Session, clock: Clock, *, organisation_id: int, person_id: int, tied: bool
) -> None:
    outbox.record(
        session,
        SellerTied(
            at=clock.now(session), organisation_id=organisation_id, person_id=person_id, tied=tied
        ),
    )
