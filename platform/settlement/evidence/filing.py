"""Adding papers to a purchase."""

from sqlmodel import Session

from remelt.platform.kernel.clock import Clock
from remelt.platform.settlement.evidence.errors import PaperEmpty
from remelt.platform.settlement.evidence.models import PurchasePaper
from remelt.platform.settlement.evidence.queries import purchase


def add_paper(
    session: Session,
    *,
    clock: Clock,
    organisation_id: int,
    person_id: int,
    subject_code: str,
    paper: str,
    number: str = "",
    sha256: str | None = None,
) -> PurchasePaper:
    """Add a photo, a proof of payment or an invoice to a purchase.

    Raises `NoSuchPurchase` or `PaperEmpty`.
    """
    found = purchase(session, organisation_id=organisation_id, subject_code=subject_code)
    if not number.strip() and sha256 is None:
        raise PaperEmpty(field="number")
    made = PurchasePaper(
        buyer_id=organisation_id,
        kind=found.settlement.kind,
        subject_code=found.settlement.subject_code,
        paper=paper,
        number=number.strip()[:40],
        sha256=sha256,
        person_id=person_id,
        added_at=clock.now(session),
    )
    session.add(made)
    session.flush()
    return made
