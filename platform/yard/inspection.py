"""What an inspection finds, in the two tiers of the trade, and what it holds."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Final

from sqlmodel import Session, col, or_, select

from remelt.platform.kernel import outbox
from remelt.platform.kernel.clock import Clock
from remelt.platform.parties import queries as parties
from remelt.platform.yard.bays import site_ref
from remelt.platform.yard.errors import BadInspection, HeldByYourself
from remelt.platform.yard.events import LotHeld, LotReleased
from remelt.platform.yard.models import Inspection
from remelt.platform.yard.words import INSPECTION_METHODS
from remelt.traceability import ledger
from remelt.traceability.actions.acting import HELD
from remelt.traceability.actions.holding import STANDS
from remelt.traceability.door.book import lock_lots

KEY_ITEMS: Final = (
    "appearance",
    "fracture",
    "inclusions",
    "volatiles",
    "metal_content",
    "radioactivity",
    "forbidden",
)
GENERAL_ITEMS: Final = ("metal_amount", "recovery", "chemistry")
ITEMS: Final = {"key": KEY_ITEMS, "general": GENERAL_ITEMS}
RELEASE: Final = "release"
ALARM_ABOVE_BACKGROUND_NSV_H: Final = 250
DOSE_LIMIT_NSV_H: Final = 10**9
WHOLE_BP: Final = 10_000
NOTE_MOST: Final = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One finding. tier: key or general (China's two tiers for imported raw material).

    value_bp, uncertainty_bp: 1/10,000 of mass, None where nothing was measured. Radiation in
    nSv/h at the surface, with background and device. hold: keep the load where it is.
    """

    tier: str
    item: str
    method: str
    passed: bool = True
    value_bp: int | None = None
    uncertainty_bp: int | None = None
    radiation_nsv_h: int | None = None
    background_nsv_h: int | None = None
    device: str = ""
    hold: bool = False
    note: str = ""


def radiates(*, radiation_nsv_h: int, background_nsv_h: int) -> bool:
    """Tell whether a load radiates: more than 250 nSv/h above the background of the place.

    The figure is that of the import control standards GB 16487 as recalled by practitioners;
    it is unverified here, and a site may hold at less by ticking "hold".
    """
    return radiation_nsv_h - background_nsv_h > ALARM_ABOVE_BACKGROUND_NSV_H


def check_finding(finding: Finding) -> None:
    """Refuse a finding whose words or values are none of its tier. Raises `BadInspection`."""
    if finding.item not in ITEMS.get(finding.tier, ()):
        raise BadInspection(field="item")
    if finding.method not in INSPECTION_METHODS:
        raise BadInspection(field="method")
    for value, name in ((finding.value_bp, "value"), (finding.uncertainty_bp, "uncertainty")):
        if value is not None and not 0 <= value <= WHOLE_BP:
            raise BadInspection(field=name)
    _check_radiation(finding)


def inspect(
    session: Session,
    *,
    clock: Clock,
    site_id: int,
    person_id: int,
    findings: Sequence[Finding],
    lot_code: str | None = None,
    plate: str = "",
    ticket_id: int | None = None,
) -> list[Inspection]:
    """Keep findings on a lot, or on a load known only by its plate.

    A load that radiates is held, ticked or not. Raises `BadInspection`.
    """
    for finding in findings:
        check_finding(finding)
    now = clock.now(session)
    kept = []
    for finding in findings:
        hold = finding.hold or _alarmed(finding)
        row = Inspection(
            **(asdict(finding) | {"hold": hold, "passed": finding.passed and not hold}),
            site_id=site_id,
            ticket_id=ticket_id,
            lot_code=lot_code,
            plate=plate,
            person_id=person_id,
            at=now,
        )
        session.add(row)
        kept.append(row)
        if hold and lot_code is not None:
            _keep(session, clock=clock, row=row, lot_code=lot_code)
        if hold:
            outbox.record(
                session,
                LotHeld(
                    at=now, lot_code=lot_code, plate=plate, site_id=site_id,
                    item=finding.item, person_id=person_id,
                ),
            )  # fmt: skip
    session.flush()
    return kept


def release(
    session: Session, *, clock: Clock, site_id: int, person_id: int, lot_code: str, reason: str
) -> Inspection:
    """Let a held lot go, for a reason: by another person than the one who held it.

    Raises `BadInspection` without a reason or when nothing holds it, `HeldByYourself`.
    """
    if not reason.strip():
        raise BadInspection(field="reason")
    last = last_hold(session, lot_code=lot_code)
    if last is None:
        raise BadInspection(field="lot_code")
    site = parties.site_by_id(session, site_id=site_id)
    second = parties.second_hand(
        session,
        first_id=last.person_id,
        person_id=person_id,
        organisation_id=site.organisation_id,
    )
    if not second:
        raise HeldByYourself(lot_code=lot_code)
    row = Inspection(
        site_id=site_id,
        lot_code=lot_code,
        tier="key",
        item=RELEASE,
        method="visual",
        passed=True,
        note=reason.strip()[:NOTE_MOST],
        person_id=person_id,
        at=clock.now(session),
    )
    session.add(row)
    session.flush()
    if lock_lots(session, [lot_code])[lot_code].status == HELD:
        person = parties.person_by_id(session, person_id=person_id)
        ledger.release(
            session,
            clock=clock,
            lot_code=lot_code,
            reason=row.note,
            site=site_ref(site),
            actor=f"person:{person.code}",
        )
    outbox.record(
        session, LotReleased(at=row.at, lot_code=lot_code, site_id=site_id, person_id=person_id)
    )
    return row


def held(session: Session, *, lot_code: str) -> bool:
    """Tell whether the newest word on a lot holds it."""
    return last_hold(session, lot_code=lot_code) is not None


def last_hold(session: Session, *, lot_code: str) -> Inspection | None:
    """Return the finding that holds a lot; None when nothing does, or it was released."""
    newest = session.exec(
        select(Inspection)
        .where(
            Inspection.lot_code == lot_code,
            or_(col(Inspection.hold).is_(True), Inspection.item == RELEASE),
        )
        .order_by(col(Inspection.id).desc())
        .limit(1)
    ).one_or_none()
    return newest if newest is not None and newest.hold else None


def _keep(session: Session, *, clock: Clock, row: Inspection, lot_code: str) -> None:
    """Tell the ledger to hold a lot that stands here; one on the road is held as a load."""
    if lock_lots(session, [lot_code])[lot_code].status not in STANDS:
        return
    site = parties.site_by_id(session, site_id=row.site_id)
    person = parties.person_by_id(session, person_id=row.person_id)
    ledger.hold(
        session,
        clock=clock,
        lot_code=lot_code,
        cause=row.item,
        site=site_ref(site),
        actor=f"person:{person.code}",
    )


def _alarmed(finding: Finding) -> bool:
    if finding.radiation_nsv_h is None or finding.background_nsv_h is None:
        return False
    return radiates(
        radiation_nsv_h=finding.radiation_nsv_h, background_nsv_h=finding.background_nsv_h
    )


def _check_radiation(finding: Finding) -> None:
    readings = (finding.radiation_nsv_h, finding.background_nsv_h)
    if finding.item == "radioactivity" and finding.method == "gamma" and None in readings:
        raise BadInspection(field="radiation")
    if (readings[0] is None) != (readings[1] is None):
        raise BadInspection(field="radiation")
    if readings[0] is None:
        return
    if not all(value is not None and 0 <= value <= DOSE_LIMIT_NSV_H for value in readings):
        raise BadInspection(field="radiation")
    if not finding.device.strip():
        raise BadInspection(field="device")
