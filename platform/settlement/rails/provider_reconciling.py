"""The day's comparison: what the provider moved and holds, and what our book says of it."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from sqlmodel import Session, col, select

from remelt.platform.kernel.clock import BEIJING, Clock
from remelt.platform.kernel.codes import new_code
from remelt.platform.kernel.runner import Report
from remelt.platform.kernel.store import Store
from remelt.platform.settlement.ledger.models import MoneyEntry
from remelt.platform.settlement.ledger.posting import book
from remelt.platform.settlement.rails.protocol import Movement
from remelt.platform.settlement.rails.provider_errors import NoSuchDifference
from remelt.platform.settlement.rails.provider_models import (
    PaymentIntentRequest,
    ProviderBalance,
    ProviderDifference,
)
from remelt.platform.settlement.rails.provider_posting import held_by_us, posted
from remelt.platform.settlement.rails.provider_sight import Holding, Provider, Sight
from remelt.platform.settlement.rails.provider_taking import take_in

RECONCILE: Final = "provider-reconcile"
BACK: Final = timedelta(days=3)
OPEN_MOST: Final = 500
AHEAD: Final = timedelta(days=1)


def reconcile(
    payload: dict[str, Any], _report: Report, *, store: Store, rail: Provider, clock: Clock
) -> dict[str, Any]:
    """Compare the last days: take in what was missed, and keep what cannot be explained.

    payload `since`, `until`: ISO times, three days back and now when unsaid.
    """
    with store.read() as session:
        now = clock.now(session)
    since = _time(payload.get("since"), now - BACK)
    until = _time(payload.get("until"), now + AHEAD)
    before = rail.holdings()
    movements = list(rail.movements(since=since, until=until))
    still = rail.holdings() == before
    with store.write() as session:
        caught = catch_up(session, movements, clock=clock, provider=rail.name)
    _look_again(store, rail, clock, since=since, until=until)
    with store.write() as session:
        found = compare(session, movements, clock=clock, provider=rail.name)
        found += _gone(session, movements, clock, rail.name, since=since, until=until)
        if still:
            found += _balances(session, before, clock=clock, provider=rail.name)
    return {"movements": len(movements), "caught_up": caught, "differences": found}


def _look_again(
    store: Store, rail: Provider, clock: Clock, *, since: datetime, until: datetime
) -> None:
    """Ask how payments stand that still wait or are held, and for disputes nobody told us of."""
    with store.read() as session:
        rows = session.exec(
            select(PaymentIntentRequest.purpose, PaymentIntentRequest.rail_ref,
                   PaymentIntentRequest.earlier)
            .where(col(PaymentIntentRequest.state).in_(("waiting", "held")))
            .order_by(col(PaymentIntentRequest.id)).limit(OPEN_MOST)
        ).all()  # fmt: skip
    payments = {earlier if purpose == "refund" else ref for purpose, ref, earlier in rows}
    seen = [rail.look(kind="payment_intent.", object_id=each) for each in sorted(payments) if each]
    seen.append(rail.disputes(since=since, until=until))
    with store.write() as session:
        for sight in seen:
            take_in(session, sight, clock=clock, provider=rail.name)


def catch_up(
    session: Session, movements: Sequence[Movement], *, clock: Clock, provider: str
) -> int:
    """Enter what the provider moved and the book does not know; return how many entries."""
    known = posted(session, provider=provider, rail_refs=[each.rail_ref for each in movements])
    missed = [each for each in movements if each.rail_ref not in known]
    return sum(
        take_in(session, Sight(movements=(each,)), clock=clock, provider=provider)
        for each in missed
    )


def compare(session: Session, movements: Sequence[Movement], *, clock: Clock, provider: str) -> int:
    """Keep a difference for each movement that the book lacks or has with another amount."""
    known = posted(session, provider=provider, rail_refs=[each.rail_ref for each in movements])
    found = 0
    for each in movements:
        theirs = each.amount_minor - each.fee_minor
        ours = known.get(each.rail_ref)
        if ours != theirs and (ours is not None or theirs):
            kind = "unknown-movement" if ours is None else "amount-differs"
            found += _keep(
                session, clock, provider, kind, ref=each.rail_ref, currency=each.currency,
                theirs=theirs, ours=ours or 0, text=each.kind,
            )  # fmt: skip
    return found


def explain(
    session: Session, *, clock: Clock, code: str, person_id: int, explanation: str
) -> ProviderDifference:
    """Say why a difference is there; it is shown as explained. Raises `NoSuchDifference`."""
    row = session.exec(
        select(ProviderDifference).where(ProviderDifference.code == code).with_for_update()
    ).one_or_none()
    if row is None or row.explained_at is not None or not explanation.strip():
        raise NoSuchDifference(difference=code[:20])
    row.sqlmodel_update(
        {
            "explained_at": clock.now(session),
            "explained_by": person_id,
            "explanation": explanation.strip()[:200],
        }
    )
    session.add(row)
    session.flush()
    return row


def _gone(
    session: Session, movements: Sequence[Movement], clock: Clock, provider: str,
    *, since: datetime, until: datetime,
) -> int:  # fmt: skip
    """Keep a difference for each entry of the time that the provider does not show."""
    book_id = book(session, organisation_id=None)
    prefix = f"{book_id}:{provider}:"
    keys = session.exec(
        select(MoneyEntry.idem_key).where(
            MoneyEntry.book_id == book_id, col(MoneyEntry.idem_key).startswith(prefix),
            col(MoneyEntry.at) >= since, col(MoneyEntry.at) < until,
        )
    ).all()  # fmt: skip
    there = {each.rail_ref for each in movements}
    gone = [key.removeprefix(prefix) for key in keys if key.removeprefix(prefix) not in there]
    ours = posted(session, provider=provider, rail_refs=gone)
    return sum(
        _keep(
            session, clock, provider, "not-at-provider", ref=ref, currency="CNY",
            theirs=0, ours=ours.get(ref, 0), text="",
        )
        for ref in gone
    )  # fmt: skip


def _balances(session: Session, holdings: Sequence[Holding], *, clock: Clock, provider: str) -> int:
    theirs = {each.currency: each.amount_minor for each in holdings}
    ours = held_by_us(session)
    now = clock.now(session)
    found = 0
    for currency in sorted(theirs.keys() | ours.keys()):
        they, we = theirs.get(currency, 0), ours.get(currency, 0)
        session.add(
            ProviderBalance(
                provider=provider, currency=currency, on_day=now.astimezone(BEIJING).date(),
                theirs_minor=they, ours_minor=we, compared_at=now,
            )
        )  # fmt: skip
        if they != we:
            found += _keep(
                session, clock, provider, "balance-differs", ref=currency, currency=currency,
                theirs=they, ours=we, text="",
            )  # fmt: skip
    return found


def _keep(
    session: Session, clock: Clock, provider: str, kind: str,
    *, ref: str, currency: str, theirs: int, ours: int, text: str,
) -> int:  # fmt: skip
    """Keep a difference once a day; 1 when it stands unexplained."""
    now = clock.now(session)
    today = now.astimezone(BEIJING).date()
    same = select(ProviderDifference).where(
        ProviderDifference.provider == provider, ProviderDifference.kind == kind,
        ProviderDifference.ref == ref,
    )  # fmt: skip
    before = session.exec(same.order_by(col(ProviderDifference.id).desc())).first()
    if before is not None and (before.theirs_minor, before.ours_minor) == (theirs, ours):
        return int(before.explained_at is None)
    if before is not None and before.on_day == today:
        before.sqlmodel_update({"theirs_minor": theirs, "ours_minor": ours, "found_at": now})
        session.add(before)
        return 1
    session.add(
        ProviderDifference(
            code=new_code(), provider=provider, kind=kind, ref=ref, on_day=today,
            currency=currency, theirs_minor=theirs, ours_minor=ours, text=text[:200],
            found_at=now,
        )
    )  # fmt: skip
    session.flush()
    return 1


def _time(said: Any, otherwise: datetime) -> datetime:
    return datetime.fromisoformat(said) if said else otherwise
