"""What pages read of needs."""

from datetime import datetime

from sqlmodel import Session, col, select

from remelt.platform.market.needs.models import Need


def open_needs(
    session: Session, *, now: datetime, metal: str = "", limit: int = 24, offset: int = 0
) -> list[Need]:
    """Return the needs that sellers may answer now, of one metal or all, the newest first."""
    statement = select(Need).where(col(Need.ended_at).is_(None), col(Need.ends_at) > now)
    if metal:
        statement = statement.where(Need.metal == metal)
    return list(session.exec(statement.order_by(col(Need.id).desc()).limit(limit).offset(offset)))


def own_needs(
    session: Session, *, buyer_id: int, now: datetime, limit: int = 50, over: bool = False
) -> list[Need]:
    """Return an organisation's open needs, the newest first; with `over` those that ended too."""
    statement = select(Need).where(Need.buyer_id == buyer_id)
    if not over:
        statement = statement.where(col(Need.ended_at).is_(None), col(Need.ends_at) > now)
    return list(session.exec(statement.order_by(col(Need.id).desc()).limit(limit)))
