"""News of a provider: kept once, looked into after the commit, applied once, dead letters shown."""

from typing import Any, Final

from sqlmodel import Session, col, select

from remelt.platform.kernel import jobs
from remelt.platform.kernel.clock import Clock
from remelt.platform.kernel.codes import new_code
from remelt.platform.kernel.runner import Report
from remelt.platform.kernel.store import Store
from remelt.platform.settlement.rails.protocol import RailRefused, RailUnsure
from remelt.platform.settlement.rails.provider_errors import EventNotDead, NoSuchProviderEvent
from remelt.platform.settlement.rails.provider_models import ProviderEvent
from remelt.platform.settlement.rails.provider_orders import delay_after
from remelt.platform.settlement.rails.provider_sight import News, Provider
from remelt.platform.settlement.rails.provider_taking import take_in

NEWS: Final = "provider-news"
TRIES: Final = 8
# of what happens in a seller's own account only its standing is of interest here
ACCOUNTS: Final = "account."


def receive(session: Session, news: News, *, clock: Clock) -> bool:
    """Keep a signed notice, once; a job looks into it. Returns whether it is new."""
    before = _event(session, news.provider, news.event_id)
    if before is not None:
        return False
    made = ProviderEvent(
        provider=news.provider, event_id=news.event_id, kind=news.kind,
        object_id=news.object_id, account=news.account, body_sha256=news.body_sha256,
        received_at=clock.now(session),
    )  # fmt: skip
    session.add(made)
    session.flush()
    _enqueue(session, made, clock=clock)
    return True


def look_into(
    payload: dict[str, Any], _report: Report, *, store: Store, rail: Provider, clock: Clock
) -> dict[str, Any]:
    """Ask the provider for what a notice is about, and keep it in the transaction that settles it.

    Without an answer a later job looks again; after `TRIES` in vain the notice is dead.
    """
    with store.read() as session:
        event = _found(session, payload["provider"], payload["event_id"])
        kind, about, account = event.kind, event.object_id, event.account
        if event.state != "received":
            return {"state": event.state}
    try:
        ours = not account or kind.startswith(ACCOUNTS)
        sight = rail.look(kind=kind, object_id=about) if ours else None
    except (RailUnsure, RailRefused) as failed:
        return _failed(payload, failed, store=store, clock=clock)
    with store.write() as session:
        event = _found(session, payload["provider"], payload["event_id"], lock=True)
        if event.state != "received":
            return {"state": event.state}
        known = sight is not None and take_in(
            session, sight, clock=clock, provider=payload["provider"]
        )
        _settle(session, event, state="applied" if known else "ignored", clock=clock)
        return {"state": event.state}


def retry_dead(session: Session, *, clock: Clock, provider: str, event_id: str) -> ProviderEvent:
    """Let dead news be looked into again. Raises `NoSuchProviderEvent` or `EventNotDead`."""
    event = _found(session, provider, event_id, lock=True)
    if event.state != "dead":
        raise EventNotDead(event=event.event_id)
    event.sqlmodel_update({"state": "received", "settled_at": None, "reason": "", "tries": 0})
    session.add(event)
    session.flush()
    _enqueue(session, event, clock=clock)
    return event


def _failed(
    payload: dict[str, Any], failed: Exception, *, store: Store, clock: Clock
) -> dict[str, Any]:
    with store.write() as session:
        event = _found(session, payload["provider"], payload["event_id"], lock=True)
        event.tries += 1
        session.add(event)
        if event.tries >= TRIES and event.state == "received":
            _settle(session, event, state="dead", clock=clock, reason=_reason(failed))
        else:
            _enqueue(session, event, clock=clock, delay_s=delay_after(event.tries))
        return {"state": event.state}


def _settle(
    session: Session, event: ProviderEvent, *, state: str, clock: Clock, reason: str = ""
) -> None:
    event.sqlmodel_update(
        {"state": state, "settled_at": clock.now(session), "reason": reason[:200]}
    )
    session.add(event)
    session.flush()


def _enqueue(session: Session, event: ProviderEvent, *, clock: Clock, delay_s: int = 0) -> None:
    jobs.enqueue(
        session, code=new_code(), kind=NEWS, clock=clock, delay_s=delay_s,
        payload={"provider": event.provider, "event_id": event.event_id},
    )  # fmt: skip


def _event(session: Session, provider: str, event_id: str) -> ProviderEvent | None:
    return session.exec(
        select(ProviderEvent).where(
            ProviderEvent.provider == provider, col(ProviderEvent.event_id) == event_id
        )
    ).one_or_none()


def _found(session: Session, provider: str, event_id: str, *, lock: bool = False) -> ProviderEvent:
    statement = select(ProviderEvent).where(
        ProviderEvent.provider == provider, col(ProviderEvent.event_id) == event_id
    )
    found = session.exec(statement.with_for_update() if lock else statement).one_or_none()
    if found is None:
        raise NoSuchProviderEvent(event=event_id[:80])
    return found


def _reason(failed: Exception) -> str:
    if isinstance(failed, RailRefused):
        return str(failed.facts.get("reason", failed.code))
    return "no answer"
