"""What the operator reads of payment providers."""

from sqlmodel import Session, col, select

from remelt.platform.settlement.rails.provider_errors import NoSuchDifference
from remelt.platform.settlement.rails.provider_models import (
    PaymentIntentRequest,
    ProviderDifference,
    ProviderDispute,
    ProviderEvent,
)

SHOWN = 100


def open_differences(session: Session) -> list[ProviderDifference]:
    """Return the differences that nobody has explained, newest first."""
    return list(
        session.exec(
            select(ProviderDifference)
            .where(col(ProviderDifference.explained_at).is_(None))
            .order_by(col(ProviderDifference.id).desc())
            .limit(SHOWN)
        )
    )


def notices(session: Session) -> list[ProviderEvent]:
    """Return the last notices: dead ones first, then those that wait, then the newest."""
    return list(
        session.exec(
            select(ProviderEvent)
            .order_by(
                (col(ProviderEvent.state) == "dead").desc(),
                (col(ProviderEvent.state) == "received").desc(),
                col(ProviderEvent.id).desc(),
            )
            .limit(SHOWN)
        )
    )


def open_orders(session: Session) -> list[PaymentIntentRequest]:
    """Return the orders that are not at their end, oldest first."""
    return list(
        session.exec(
            select(PaymentIntentRequest)
            .where(col(PaymentIntentRequest.state).in_(("stored", "waiting", "held")))
            .order_by(col(PaymentIntentRequest.id))
            .limit(SHOWN)
        )
    )


def disputes(session: Session) -> list[ProviderDispute]:
    """Return the disputes: those that are not decided first, then the newest."""
    return list(
        session.exec(
            select(ProviderDispute)
            .order_by(
                col(ProviderDispute.closed_at).is_(None).desc(), col(ProviderDispute.id).desc()
            )
            .limit(SHOWN)
        )
    )


def difference(session: Session, *, code: str) -> ProviderDifference:
    """Return a difference that nobody has explained. Raises `NoSuchDifference`."""
    found = session.exec(
        select(ProviderDifference).where(
            ProviderDifference.code == code, col(ProviderDifference.explained_at).is_(None)
        )
    ).one_or_none()
    if found is None:
        raise NoSuchDifference(difference=code[:20])
    return found
