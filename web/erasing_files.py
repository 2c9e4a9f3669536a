"""Papers of who was erased: let go with the person, destroyed once nothing else names them."""

from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from sqlalchemy import Column
from sqlmodel import Session, col, func, select

from remelt.migrations.tables import metadata
from remelt.platform.kernel.clock import Clock
from remelt.platform.kernel.file_ends import FileEnd, end_files, ended_files
from remelt.platform.kernel.files import FileStore
from remelt.platform.kernel.store import Store
from remelt.platform.settlement.evidence.models import PurchasePaper
from remelt.platform.settlement.reverse.models import (
    InvoicedElsewhere,
    SellerConsent,
    SellerPurchase,
)


def end_papers(
    session: Session, *, seller_id: int, at: datetime, buyer_id: int | None = None
) -> None:
    """Let go the consents, proofs and papers of purchases that show a person.

    buyer_id: only what this buyer holds; of all buyers once nobody knows the person any more.
    """
    named = _papers(session, seller_id=seller_id, buyer_id=buyer_id)
    end_files(session, named, owner=f"natural_seller:{seller_id}", at=at)


def destroy_ended(store: Store, *, clock: Clock, files: FileStore) -> int:
    """Destroy the files that were let go and that no other row names; return how many.

    A file that another person's row names too stays until that one goes as well.
    """
    done = 0
    with store.write() as session:
        rows = ended_files(session)
        by_owner: dict[tuple[str, str], int] = {}
        for row in rows:
            at = (row.sha256, row.owner)
            by_owner[at] = max(by_owner.get(at, 0), row.rows)
        ended = Counter[str]()
        for (sha256, _owner), count in by_owner.items():
            ended[sha256] += count
        free = {sha256 for sha256, count in ended.items() if _named(session, sha256) <= count}
        now = clock.now(session)
        for sha256 in sorted(free):
            done += files.destroy(sha256)
        for row in rows:
            if row.sha256 in free:
                row.destroyed_at = now
                session.add(row)
    return done


def _papers(session: Session, *, seller_id: int, buyer_id: int | None) -> Counter[str]:
    consents = select(SellerConsent.proof_sha256).where(
        SellerConsent.natural_seller_id == seller_id
    )
    told = select(InvoicedElsewhere.proof_sha256).where(
        InvoicedElsewhere.natural_seller_id == seller_id
    )
    papers = (
        select(PurchasePaper.sha256)
        .join(SellerPurchase, col(SellerPurchase.subject_code) == col(PurchasePaper.subject_code))
        .where(SellerPurchase.natural_seller_id == seller_id)
    )
    if buyer_id is not None:
        consents = consents.where(SellerConsent.buyer_id == buyer_id)
        told = told.where(InvoicedElsewhere.told_by_id == buyer_id)
        papers = papers.where(PurchasePaper.buyer_id == buyer_id)
    found = [*session.exec(consents), *session.exec(told), *session.exec(papers)]
    return Counter(sha256 for sha256 in found if sha256)


def _named(session: Session, sha256: str) -> int:
    """Count the rows that name a file, in whatever table."""
    counts = (
        session.execute(select(func.count()).where(column == sha256)).scalar_one()
        for column in _hashes()
    )
    return sum(int(count) for count in counts)


def _hashes() -> Iterator[Column[Any]]:
    for table in metadata.sorted_tables:
        for column in table.columns:
            if table.name != FileEnd.__tablename__ and column.name.endswith("sha256"):
                yield column
