"""Mass balance schemes of a site's product groups: parameters with editions, never mixed."""

from collections.abc import Sequence

from sqlalchemy.dialects.postgresql import insert as pg_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlmodel import Session, col, select

from remelt.platform.kernel.clock import Clock, month_of
from remelt.traceability.credits.errors import (
    BadScheme,
    GroupOverlaps,
    NoSuchGroup,
    SchemeTooEarly,
)
from remelt.traceability.credits.models import CreditGroup, CreditScheme, CreditSite
from remelt.traceability.rules.credits import (
    METHODS,
    MOST_EXPIRY,
    MOST_MONTHS,
    PERIODS,
    Terms,
    edition_end,
    shifted,
)


def declare_scheme(
    session: Session,
    *,
    clock: Clock,
    site_code: str,
    organisation: str,
    group_code: str,
    metal: str,
    grades: Sequence[str],
    terms: Terms,
    edition: str,
    actor: str,
) -> CreditScheme:
    """Declare the method and parameters by which a product group is balanced from a month on.

    grades: grade codes of the cast products, none for every grade of the metal; fixed with the
    group's first edition. The first month begins a period; a later edition begins after the
    period that runs now, so that no period ever has two. From then on what the site's furnaces
    cast of the group is mass balance: its own recycled content is not claimed beside the credits.

    Raises `BadScheme`, `SchemeTooEarly`, `GroupOverlaps`.
    """
    _check_terms(terms, group_code=group_code, edition=edition)
    _lock_site(session, site_code=site_code)
    wanted = CreditGroup(
        site_code=site_code,
        code=group_code,
        metal=metal,
        grades=sorted(set(grades)),
        organisation=organisation,
    )
    group = _same_group(session, wanted)
    now = clock.now(session)
    _check_begin(session, group, terms=terms, current=month_of(now))
    if group is None:
        group = wanted
        session.add(group)
        session.flush()
    scheme = CreditScheme(
        group_id=group.key,
        edition=edition,
        method=terms.method,
        from_month=terms.from_month,
        period_months=terms.period_months,
        window_months=terms.window_months,
        factor_numerator=terms.factor[0],
        factor_denominator=terms.factor[1],
        expiry_months=terms.expiry_months,
        declared_by=actor,
        declared_at=now,
    )
    session.add(scheme)
    session.flush()
    return scheme


def _check_terms(terms: Terms, *, group_code: str, edition: str) -> None:
    rules = (
        ("method", terms.method in METHODS),
        ("period_months", terms.period_months in PERIODS),
        ("window_months", 1 <= terms.window_months <= MOST_MONTHS),
        ("expiry_months", 0 <= terms.expiry_months <= MOST_EXPIRY),
        ("factor", 0 < terms.factor[0] <= terms.factor[1]),
        ("group", bool(group_code.strip())),
        ("edition", bool(edition.strip())),
    )
    for name, holds in rules:
        if not holds:
            raise BadScheme(field=name, name=name)
    if terms.period_of(terms.from_month) != terms.from_month:
        raise BadScheme(field="from_month", name="from_month")


def _check_begin(
    session: Session, group: CreditGroup | None, *, terms: Terms, current: str
) -> None:
    """Refuse an edition that would begin in or before a period that has one."""
    known = editions(session, group=group) if group else []
    if known:
        last = known[-1]
        least = shifted(edition_end(terms_of(last), max(last.from_month, current)), 1)
    else:
        least = terms.period_of(current)
    if terms.from_month < least:
        raise SchemeTooEarly(field="from_month", from_month=terms.from_month, least=least)


def _lock_site(session: Session, *, site_code: str) -> None:
    """Wait for whoever declares at this site: what is read after this nobody else changes."""
    insert = sqlite_insert if session.get_bind().dialect.name == "sqlite" else pg_insert
    fresh = insert(CreditSite).values(site_code=site_code).on_conflict_do_nothing()
    session.connection().execute(fresh)
    locked = select(CreditSite.id).where(CreditSite.site_code == site_code)
    session.exec(locked.with_for_update()).one()


def _same_group(session: Session, wanted: CreditGroup) -> CreditGroup | None:
    """Return the group, locked, where the site has it already. Raises `GroupOverlaps`."""
    for other in groups_of(session, site_code=wanted.site_code):
        alike = (other.metal, other.grades) == (wanted.metal, wanted.grades)
        if other.code == wanted.code and alike:
            return lock_group(session, site_code=wanted.site_code, code=wanted.code)
        shared = not wanted.grades or not other.grades or set(wanted.grades) & set(other.grades)
        if other.code == wanted.code or (other.metal == wanted.metal and shared):
            raise GroupOverlaps(field="grades", group=other.code)
    return None


def groups_of(session: Session, *, site_code: str) -> list[CreditGroup]:
    """Return the product groups of a site."""
    statement = (
        select(CreditGroup).where(CreditGroup.site_code == site_code).order_by(col(CreditGroup.id))
    )
    return list(session.exec(statement))


def lock_group(session: Session, *, site_code: str, code: str) -> CreditGroup:
    """Lock a product group: whoever draws on its credits waits here. Raises `NoSuchGroup`."""
    statement = (
        select(CreditGroup)
        .where(CreditGroup.site_code == site_code, CreditGroup.code == code)
        .with_for_update()
    )
    found = session.exec(statement).first()
    if found is None:
        raise NoSuchGroup(group=code)
    return found


def editions(session: Session, *, group: CreditGroup) -> list[CreditScheme]:
    """Return the editions of a group's scheme, oldest first."""
    statement = (
        select(CreditScheme)
        .where(CreditScheme.group_id == group.key)
        .order_by(col(CreditScheme.from_month))
    )
    return list(session.exec(statement))


def terms_of(scheme: CreditScheme) -> Terms:
    """Return the parameters of an edition."""
    return Terms(
        method=scheme.method,
        from_month=scheme.from_month,
        period_months=scheme.period_months,
        window_months=scheme.window_months,
        factor=(scheme.factor_numerator, scheme.factor_denominator),
        expiry_months=scheme.expiry_months,
    )


def group_for(
    session: Session, *, site_code: str, metal: str, grade_code: str, month: str
) -> CreditGroup | None:
    """Return the group under whose scheme a product falls in `month`, or None."""
    for group in groups_of(session, site_code=site_code):
        held = group.metal == metal and (not group.grades or grade_code in group.grades)
        if held and any(each.from_month <= month for each in editions(session, group=group)):
            return group
    return None
