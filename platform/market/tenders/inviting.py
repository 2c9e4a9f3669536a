"""Inviting sellers to bid down on a need."""

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, select

from remelt.platform.kernel import outbox
from remelt.platform.kernel.clock import Clock
from remelt.platform.market.drafts import HARD_CLOSE_AFTER, LONGEST, SHORTEST, check_price
from remelt.platform.market.errors import BadTimes
from remelt.platform.market.kinds import Conditions, check_conditions
from remelt.platform.market.needs.models import Need
from remelt.platform.market.needs.stating import is_open, own_need
from remelt.platform.market.tenders.errors import NoSuchTender, TenderStands
from remelt.platform.market.tenders.events import TenderOpened
from remelt.platform.market.tenders.models import Tender


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """How sellers bid down; see `models.Tender`."""

    ceiling_fen_per_t: int
    step_fen_per_t: int
    closes_at: datetime
    freight_fen_per_tkm: int = 0
    co2e_g_per_tkm: int = 0
    carbon_fen_per_t: int = 0
    undocumented_fen_per_t: int = 0


def invite(
    session: Session, *, clock: Clock, need_code: str, buyer_id: int, terms: Terms
) -> Tender:
    """Open a reverse auction on one's own open need.

    Raises `NoSuchNeed`, `TenderStands`, `BadTimes` or `PriceOutOfBounds`.
    """
    need = own_need(session, code=need_code, buyer_id=buyer_id, lock=True)
    now = clock.now(session)
    if session.exec(select(Tender.id).where(Tender.need_id == need.key)).first() is not None:
        raise TenderStands(need=need_code)
    for field in ("ceiling_fen_per_t", "step_fen_per_t"):
        check_price(getattr(terms, field), field=field)
    check_conditions(
        Conditions(
            freight_fen_per_tkm=terms.freight_fen_per_tkm, co2e_g_per_tkm=terms.co2e_g_per_tkm,
            carbon_fen_per_t=terms.carbon_fen_per_t,
        )
    )  # fmt: skip
    latest = min(need.ends_at, now + LONGEST)
    if not is_open(need, now=now) or not now + SHORTEST <= terms.closes_at <= latest:
        raise BadTimes(field="closes_at")
    made = Tender(
        need_id=need.key, owner_id=buyer_id, opens_at=now, closes_at=terms.closes_at,
        hard_close_at=terms.closes_at + HARD_CLOSE_AFTER,
        ceiling_fen_per_t=terms.ceiling_fen_per_t, step_fen_per_t=terms.step_fen_per_t,
        freight_fen_per_tkm=terms.freight_fen_per_tkm, co2e_g_per_tkm=terms.co2e_g_per_tkm,
        carbon_fen_per_t=terms.carbon_fen_per_t,
        undocumented_fen_per_t=terms.undocumented_fen_per_t,
    )  # fmt: skip
    session.add(made)
    session.flush()
    outbox.record(session, TenderOpened(at=now, need_code=need_code, closes_at=made.closes_at))
    return made


def lock_tender(session: Session, *, need: Need) -> Tender:
    """Return the reverse auction of a need, locked. Raises `NoSuchTender`."""
    found = session.exec(
        select(Tender)
        .where(Tender.need_id == need.key)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one_or_none()
    if found is None:
        raise NoSuchTender(need=need.code)
    return found
