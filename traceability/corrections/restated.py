"""How a correction enters the ledger: near ones are derived at once, far ones by a job."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlmodel import Session, col, select

from remelt.platform.kernel import jobs, outbox
from remelt.platform.kernel.clock import Clock
from remelt.platform.kernel.codes import new_code
from remelt.traceability.actions.acting import header
from remelt.traceability.corrections.cones import Reach, by_hash, cone_of, reach_of
from remelt.traceability.corrections.pasts import among, portions
from remelt.traceability.credits.accounts import end_claims
from remelt.traceability.door.batch import open_sheet
from remelt.traceability.door.book import Entry, append_all, lock_carried
from remelt.traceability.door.reading import opened_all
from remelt.traceability.events import LotsRestated
from remelt.traceability.facts import SEALED, Facts, plain
from remelt.traceability.models import LedgerEvent, Lot
from remelt.traceability.models_restating import CorrectionWaiting
from remelt.traceability.proofs import certificates
from remelt.traceability.rules.blocking import CORRECTING
from remelt.traceability.rules.changing import BEAR, RESTATE
from remelt.traceability.rules.editions import again
from remelt.traceability.rules.restating import taken_again
from remelt.traceability.rules.views import LotView
from remelt.traceability.terms import SiteRef

NEAR = 1_000
JOB_KIND = "restate"
WAY_BACK = "way-back"


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """The event that says earlier ones anew, and the lots that are other lots for it.

    put_off: a job derives them; until then they show `correcting` and carry no claim.
    """

    event: LedgerEvent
    lots: tuple[LotView, ...]
    put_off: bool
    superseded: int = 0


def say_anew(
    session: Session, *, clock: Clock, facts: Facts, reason: str, near: int = NEAR
) -> Said:
    """Append a correction and make true what follows from it, for every lot that it reaches.

    Beyond `near` lots, and where an earlier correction still waits, the lots are only marked
    and a job is left to `restate`. reason: why certificates are superseded.
    """
    reach = _locked(session, plain(facts))
    marked = _marked(session, reach)
    put_off = facts["kind"] != RESTATE and (len(reach.lots) > near or bool(marked))
    facts = {**facts, "put_off": put_off}
    cone = cone_of(session, plain(facts), reach=reach)
    codes: Sequence[str] = cone.codes
    if not put_off:
        taken = taken_again(cone, apply=again)
        codes = [*dict.fromkeys([*cone.codes[:1], *marked, *taken.now])]
        cone = replace(cone, codes=tuple(codes), taken=taken)
    lots, carried = lock_carried(session, codes)
    entry = Entry(
        facts=facts,
        at=datetime.fromisoformat(plain(facts["time"])),
        recorded_at=clock.now(session),
        cone=cone,
        carried=carried,
    )
    done = append_all(session, [entry], lots=lots)[0]
    if (sheet := open_sheet(session)) is not None:
        sheet.write()
    reached = {lot.code: lot for lot in done.outcome.lots}
    if put_off:
        _leave_to_job(session, done.event, clock=clock)
        return Said(event=done.event, lots=tuple(reached.values()), put_off=True)
    end_claims(
        session,
        said_by=cone.taken.untrue,
        reason=reason,
        event_hash=done.event.hash,
        at=done.event.recorded_at,
    )
    event = LotsRestated(
        at=done.event.recorded_at, event_hash=done.event.hash, lots=tuple(reach.lots.values())
    )
    outbox.record(session, event)
    superseded = certificates.supersede(
        session,
        lot_ids=[key for key, code in reach.lots.items() if code in reached],
        reason=reason,
        event_hash=done.event.hash,
        at=done.event.recorded_at,
    )
    return Said(
        event=done.event, lots=tuple(reached.values()), put_off=False, superseded=superseded
    )


def restate(session: Session, *, clock: Clock) -> Said | None:
    """Derive what the corrections that wait have changed; None when none waits any more.

    All that wait are taken together, in one event, so doing it again changes nothing.
    """
    waiting = session.exec(
        select(CorrectionWaiting)
        .where(col(CorrectionWaiting.done_key).is_(None))
        .order_by(col(CorrectionWaiting.event_key))
        .with_for_update()
    ).all()
    if not waiting:
        return None
    hashes = [row.event_hash for row in waiting]
    said = _first_said(session, hashes[0])
    facts = header(session, clock, RESTATE, site=_site(said), actor="", at=None)
    facts |= {"lot": said.get("lot") or said["lots"][0], "of": hashes}
    done = say_anew(session, clock=clock, facts=facts, reason=_reason(said))
    for row in waiting:
        row.done_key = done.event.key
        session.add(row)
    session.flush()
    return done


def _locked(session: Session, facts: Facts) -> Reach:
    """Lock every lot in reach; where others were made of them meanwhile, look again."""
    reach = reach_of(session, facts)
    if session.get_bind().dialect.name == "sqlite":
        return reach  # its one writer is us
    while True:
        for some in portions(sorted(reach.lots)):
            ours = select(Lot.id).where(among(Lot.id, some)).order_by(col(Lot.id))
            session.exec(ours.with_for_update()).all()
        wider = reach_of(session, facts)
        if set(wider.lots) <= set(reach.lots):
            return reach
        reach = wider


def _marked(session: Session, reach: Reach) -> list[str]:
    """Return the lots in reach for which an earlier correction waits."""
    found: list[str] = []
    for some in portions(sorted(reach.lots)):
        statement = select(Lot.code).where(
            among(Lot.id, some), col(Lot.claims_blocked).startswith(CORRECTING)
        )
        found += session.exec(statement).all()
    return found


def _leave_to_job(session: Session, event: LedgerEvent, *, clock: Clock) -> None:
    session.add(CorrectionWaiting(event_key=event.key, event_hash=event.hash))
    jobs.enqueue(
        session,
        code=new_code(),
        kind=JOB_KIND,
        payload={"event_hash": event.hash},
        clock=clock,
        unique_key=f"{JOB_KIND}:{event.hash}",
    )


def _first_said(session: Session, event_hash: str) -> Facts:
    return opened_all(session, by_hash(session, [event_hash]))[0]


def _site(said: Mapping[str, str]) -> SiteRef:
    code = said["site"]
    return SiteRef(code="" if code.startswith(SEALED) else code, adcode=said["adcode"])


def _reason(said: Facts) -> str:
    if said["kind"] == BEAR:
        return WAY_BACK
    return {"energy": "metered-energy", "yield": "measured-yield"}.get(
        said.get("what", ""), "correction"
    )
