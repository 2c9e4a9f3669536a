"""Credit limits as the operator's desk reads them: in force, used, and set in the past."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, func, select

from remelt.platform.market.credit import Exposure
from remelt.platform.market.limits import exposures
from remelt.platform.market.terms_models import CreditLimit
from remelt.platform.parties import queries as parties
from remelt.platform.parties.models import Organisation, Person


@dataclass(frozen=True, slots=True)
class LimitLine:
    """A limit in force, and what the organisation and those linked to it stand in for now."""

    organisation: Organisation
    limit_fen: int
    reason: str
    set_at: datetime
    promises: tuple[Exposure, ...]

    @property
    def standing_fen(self) -> int:
        """What stands under the limit."""
        return sum(each.amount_fen for each in self.promises)

    @property
    def estimated_fen(self) -> int:
        """What of it is priced by an estimate."""
        return sum(each.amount_fen for each in self.promises if each.estimated)


@dataclass(frozen=True, slots=True)
class LimitPast:
    """One limit that was set: how much, why, when and by whom."""

    limit_fen: int | None
    reason: str
    set_at: datetime
    person: Person


@dataclass(frozen=True, slots=True)
class LimitPage:
    """An organisation's limits, the newest first, and what stands under the one in force."""

    organisation: Organisation
    past: tuple[LimitPast, ...]
    promises: tuple[Exposure, ...]

    @property
    def limit_fen(self) -> int | None:
        """The limit in force, None without one."""
        return self.past[0].limit_fen if self.past else None

    @property
    def standing_fen(self) -> int:
        """What stands now."""
        return sum(each.amount_fen for each in self.promises)


def limit_lines(session: Session) -> list[LimitLine]:
    """Return every limit in force."""
    newest = select(func.max(CreditLimit.id)).group_by(col(CreditLimit.organisation_id))
    rows = session.exec(
        select(CreditLimit, Organisation)
        .join(Organisation, col(Organisation.id) == col(CreditLimit.organisation_id))
        .where(col(CreditLimit.id).in_(newest), col(CreditLimit.limit_fen).is_not(None))
        .order_by(col(Organisation.name_zh))
    ).all()
    return [
        LimitLine(
            organisation=organisation, limit_fen=row.limit_fen or 0, reason=row.reason,
            set_at=row.set_at, promises=tuple(_promises(session, organisation.key)),
        )
        for row, organisation in rows
    ]  # fmt: skip


def limit_page(session: Session, *, organisation_code: str) -> LimitPage:
    """Return the limits of an organisation. Raises `NoSuchOrganisation`."""
    organisation = parties.organisation(session, code=organisation_code)
    rows = session.exec(
        select(CreditLimit, Person)
        .join(Person, col(Person.id) == col(CreditLimit.person_id))
        .where(CreditLimit.organisation_id == organisation.key)
        .order_by(col(CreditLimit.id).desc())
    )
    return LimitPage(
        organisation=organisation,
        past=tuple(LimitPast(r.limit_fen, r.reason, r.set_at, person) for r, person in rows),
        promises=tuple(_promises(session, organisation.key)),
    )


def _promises(session: Session, organisation_id: int) -> Sequence[Exposure]:
    """Return what stands of an organisation and those linked to it, the largest first."""
    found = exposures(session, organisation_id=organisation_id)
    return sorted(found, key=lambda each: (-each.amount_fen, each.subject))
