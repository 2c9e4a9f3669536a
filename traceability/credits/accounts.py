"""Credit accounts as read: balances counted anew from heats and claims, never stored."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, exists
from sqlmodel import Session, col, func, or_, select

from remelt.traceability.credits.models import (
    CreditCertificate,
    CreditGroup,
    CreditPeriod,
    CreditScheme,
    LotClaim,
    LotClaimEnd,
)
from remelt.traceability.credits.schemes import editions, groups_of, terms_of
from remelt.traceability.models import Edge, EventLot, Lot, MeltLine, in_force
from remelt.traceability.models_restating import CorrectionWaiting
from remelt.traceability.rules.blocking import CORRECTING
from remelt.traceability.rules.credits import Intake, PeriodBalance, balances, taken_in

AT_ONCE = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class HeatIntake:
    """What one heat brought to one owner's account; blocked: why it brings nothing."""

    event_hash: str
    month: str
    owner: str
    blocked: str
    intake: Intake


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """One owner's metal of one product group at one site, up to a month."""

    group: CreditGroup
    owner: str
    schemes: tuple[CreditScheme, ...]
    periods: tuple[PeriodBalance, ...]
    heats: tuple[HeatIntake, ...]

    @property
    def now(self) -> PeriodBalance | None:
        """The period that runs, or None before the scheme begins."""
        return self.periods[-1] if self.periods else None

    @property
    def left_g(self) -> int:
        """Grams that may be claimed now."""
        return self.now.left_g if self.now else 0

    @property
    def overdrawn(self) -> bool:
        """Whether inputs were corrected below what was claimed."""
        return self.left_g < 0

    @property
    def scheme(self) -> CreditScheme | None:
        """The edition that holds for the period that runs."""
        if self.now is None:
            return None
        return [each for each in self.schemes if each.from_month <= self.now.period][-1]


def account(session: Session, *, group: CreditGroup, owner: str, until: str) -> Account:
    """Return an account, counted from heats and claims up to the month `until`."""
    return _account(
        session,
        group=group,
        owner=owner,
        until=until,
        heats=[each for each in heats(session, group=group) if each.owner == owner],
    )


def accounts(
    session: Session, *, groups: Iterable[CreditGroup], until: str, owner: str | None = None
) -> list[Account]:
    """Return every account of the groups, or one owner's; the site's own firm comes first."""
    found = []
    for group in groups:
        every = heats(session, group=group)
        owners = {each.owner for each in every} | {group.organisation}
        owners |= _drawers(session, group=group)
        for each in sorted(owners, key=lambda code: (code != group.organisation, code)):
            if owner in {None, each}:
                mine = [heat for heat in every if heat.owner == each]
                found.append(_account(session, group=group, owner=each, until=until, heats=mine))
    return found


def groups_seen(session: Session, *, organisation: str, sites: Sequence[str]) -> list[CreditGroup]:
    """Return the groups of a firm's sites, and those where others melt its metal."""
    own = [group for code in sorted(sites) for group in groups_of(session, site_code=code)]
    seen = {group.key for group in own}
    others = session.exec(select(CreditGroup).order_by(col(CreditGroup.id))).all()
    return own + [
        group
        for group in others
        if group.key not in seen
        and any(heat.owner == organisation for heat in heats(session, group=group))
    ]


def all_groups(session: Session) -> list[CreditGroup]:
    """Return every product group under mass balance."""
    statement = select(CreditGroup).order_by(col(CreditGroup.site_code), col(CreditGroup.code))
    return list(session.exec(statement))


def heats(session: Session, *, group: CreditGroup) -> list[HeatIntake]:
    """Return what each heat of a group brought to each owner, oldest first."""
    statement = (
        select(MeltLine)
        .where(
            MeltLine.site_code == group.site_code,
            MeltLine.product_group == group.code,
            in_force(),
        )
        .order_by(col(MeltLine.melted_at), col(MeltLine.id))
    )
    waiting = _waiting(session, group=group)
    return [
        HeatIntake(
            event_hash=line.event_hash,
            month=line.month,
            owner=owner,
            blocked=CORRECTING if line.event_hash in waiting else line.claims_blocked,
            intake=taken_in(figures),
        )
        for line in session.exec(statement)
        for owner, figures in sorted(line.credited_to.items())
    ]


def _waiting(session: Session, *, group: CreditGroup) -> set[str]:
    """Return the heats of a group that a put-off correction may still change: they give nothing."""
    open_ones = select(CorrectionWaiting.id).where(col(CorrectionWaiting.done_key).is_(None))
    if session.exec(open_ones.limit(1)).first() is None:
        return set()
    first = (
        select(MeltLine.event_hash, func.min(MeltLine.written_key).label("key"))
        .where(MeltLine.site_code == group.site_code, MeltLine.product_group == group.code)
        .group_by(col(MeltLine.event_hash))
        .subquery()
    )
    statement = (
        select(first.c.event_hash)
        .join(EventLot, col(EventLot.event_key) == first.c.key)
        .join(Lot, col(Lot.id) == col(EventLot.lot_id))
        .where(col(Lot.claims_blocked).startswith(CORRECTING))
    )
    return set(session.exec(statement))


def claims_of(session: Session, *, lot: Lot) -> list[LotClaim]:
    """Return the claims a lot carries, oldest first; superseded ones are none any more."""
    statement = select(LotClaim).where(LotClaim.lot_id == lot.key, standing())
    return list(session.exec(statement.order_by(col(LotClaim.id))))


def claim_above(session: Session, *, lot: Lot) -> LotClaim | None:
    """Return a claim that counts of metal that a lot was later made of, or None."""
    start: Any = select(col(Edge.parent_id).label("id"), col(Edge.event_key).label("key")).where(
        Edge.child_id == lot.key
    )
    tree = start.cte("above", recursive=True)
    tree = tree.union(
        select(col(Edge.parent_id), col(Edge.event_key))
        .join(tree, col(Edge.child_id) == tree.c.id)
        .where(col(Edge.event_key) < tree.c.key)
    )
    statement = (
        select(LotClaim)
        .join(tree, col(LotClaim.lot_id) == tree.c.id)
        .where(col(LotClaim.event_key) < tree.c.key, standing())
        .order_by(col(LotClaim.id))
        .limit(1)
    )
    return session.exec(statement).first()


def ended_before(session: Session, *, lot: Lot, kind: str, period: str) -> int:
    """Return how many claims of a lot, kind and period were superseded."""
    statement = select(func.count(col(LotClaim.id))).where(
        LotClaim.lot_id == lot.key, LotClaim.kind == kind, LotClaim.period == period, ~standing()
    )
    return session.exec(statement).one()


def standing() -> ColumnElement[bool]:
    """Say of claims that no correction has superseded them."""
    return ~exists().where(col(LotClaimEnd.claim_id) == col(LotClaim.id))


def end_claims(
    session: Session, *, said_by: Sequence[str], reason: str, event_hash: str, at: datetime
) -> None:
    """Supersede the claims that the events `said_by` made; `event_hash` took their ground away."""
    for some in _pages(sorted(said_by)):
        made = select(LotClaim).where(col(LotClaim.event_hash).in_(some), standing())
        for claim in session.exec(made).all():
            session.add(
                LotClaimEnd(claim_id=claim.key, reason=reason, event_hash=event_hash, at=at)
            )
    session.flush()


def claims_made(
    session: Session, *, owner: str | None = None, limit: int = 200
) -> list[tuple[LotClaim, Lot, bool]]:
    """Return claims, an owner's or all, newest first, with their lots, and whether each counts."""
    statement = (
        select(LotClaim, Lot, LotClaimEnd.id)
        .join(Lot, col(Lot.id) == col(LotClaim.lot_id))
        .join(LotClaimEnd, col(LotClaimEnd.claim_id) == col(LotClaim.id), isouter=True)
        .order_by(col(LotClaim.id).desc())
        .limit(limit)
    )
    if owner is not None:
        statement = statement.where(LotClaim.owner == owner)
    return [(claim, lot, end is None) for claim, lot, end in session.exec(statement)]


def certificates_of(session: Session, *, firm: str) -> list[tuple[CreditCertificate, bool]]:
    """Return the certificates a firm gave or was given, newest first, and whether each is used."""
    statement = (
        select(CreditCertificate, LotClaim.id)
        .join(LotClaim, col(LotClaim.certificate_id) == col(CreditCertificate.id), isouter=True)
        .where(or_(CreditCertificate.owner == firm, CreditCertificate.beneficiary == firm))
        .order_by(col(CreditCertificate.id).desc())
    )
    return [(row, used is not None) for row, used in session.exec(statement)]


def _account(
    session: Session,
    *,
    group: CreditGroup,
    owner: str,
    until: str,
    heats: Sequence[HeatIntake],
) -> Account:
    schemes = editions(session, group=group)
    intake: dict[str, Intake] = {}
    for heat in heats:
        if not heat.blocked:
            intake[heat.month] = intake.get(heat.month, Intake()) + heat.intake
    made = balances(
        [terms_of(scheme) for scheme in schemes],
        intake=intake,
        taken=_taken(session, group=group, owner=owner),
        until=until,
    )
    return Account(
        group=group, owner=owner, schemes=tuple(schemes), periods=tuple(made), heats=tuple(heats)
    )


def _taken(session: Session, *, group: CreditGroup, owner: str) -> dict[str, int]:
    """Return by month what was claimed on lots and given away as certificates."""
    of_group = select(CreditPeriod.id).where(CreditPeriod.group_id == group.key)
    taken: dict[str, int] = {}
    for table in (LotClaim, CreditCertificate):
        statement = select(table.month, table.mass_g).where(
            table.owner == owner,
            col(table.period_id).in_(of_group),
        )
        if table is LotClaim:
            statement = statement.where(standing())
        for month, mass_g in session.exec(statement):
            taken[month] = taken.get(month, 0) + mass_g
    return taken


def _drawers(session: Session, *, group: CreditGroup) -> set[str]:
    of_group = select(CreditPeriod.id).where(CreditPeriod.group_id == group.key)
    claims = select(LotClaim.owner).where(col(LotClaim.period_id).in_(of_group))
    given = select(CreditCertificate.owner).where(col(CreditCertificate.period_id).in_(of_group))
    return {*session.exec(claims), *session.exec(given)}


def _pages(every: Sequence[str]) -> Iterator[Sequence[str]]:
    for at in range(0, len(every), AT_ONCE):
        yield every[at : at + AT_ONCE]
