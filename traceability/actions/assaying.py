"""An assay restates what a lot is made of; the difference to the books is a line of its own."""

from collections.abc import Mapping
from datetime import datetime

from sqlmodel import Session

from remelt.platform.kernel.clock import Clock
from remelt.traceability.actions.acting import added, header
from remelt.traceability.door.book import lock_lots
from remelt.traceability.door.private import of_site
from remelt.traceability.errors import BadAssay
from remelt.traceability.models import Lot
from remelt.traceability.terms import SiteRef

WHOLE_PPM = 1_000_000


def assay(
    session: Session,
    *,
    clock: Clock,
    lot_code: str,
    elements_ppm: Mapping[str, int],
    method: str,
    sample_ref: str,
    site: SiteRef,
    actor: str,
    sd_ppm: Mapping[str, int] | None = None,
    balance: str | None = None,
    at: datetime | None = None,
) -> Lot:
    """Restate a lot's composition as measured, in parts per million of its mass.

    What the analysis does not name is unknown, or the base metal `balance` where the method
    finds that by difference, as a spectrometer does. sd_ppm: standard deviation by element.
    Raises `BadAssay`, `LotNotWeighed`, `LotUsedUp`.
    """
    if balance in elements_ppm or balance == "unknown":
        raise BadAssay(field="balance", sum_ppm=sum(elements_ppm.values()))
    check_shares(elements_ppm)
    lots = lock_lots(session, [lot_code])
    facts = header(session, clock, "assay", site=site, actor=actor, at=at)
    facts |= {
        "lot": lot_code,
        "elements_ppm": {k: v for k, v in sorted(elements_ppm.items()) if k != "unknown"},
        "sd_ppm": dict(sorted((sd_ppm or {}).items())),
        "method": method,
        "assayed_g": of_site(site.code, lots[lot_code].mass_g),
        "sample": of_site(site.code, sample_ref),
    }
    if balance:
        facts["balance"] = balance
    added(session, clock, facts, lots, weighed=True)
    return lots[lot_code]


def check_shares(elements_ppm: Mapping[str, int]) -> None:
    """Refuse an analysis that names less than nothing, or more than the whole."""
    if any(ppm < 0 for ppm in elements_ppm.values()) or sum(elements_ppm.values()) > WHOLE_PPM:
        raise BadAssay(field="elements_ppm", sum_ppm=sum(elements_ppm.values()))
