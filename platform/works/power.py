"""Electricity under contract: certificates are retired once, and each Wh of them is used once."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from sqlmodel import Session, col, func, select

from remelt.platform.catalogue import queries
from remelt.platform.catalogue.errors import NoSuchFactor
from remelt.platform.catalogue.models import Factor
from remelt.platform.kernel.clock import BEIJING, Clock
from remelt.platform.kernel.codes import new_code
from remelt.platform.kernel.errors import Conflict
from remelt.platform.works.errors import MassNotGiven, PeriodOutOfOrder, UnknownFactor
from remelt.platform.works.factors import factor_ref
from remelt.platform.works.places import place_of
from remelt.platform.works.power_models import PowerCertificate, PowerUse
from remelt.traceability.ledger import Contracted, EnergyLine, FactorRef, Market

BY_CONTRACT = "electricity_contract"
RESIDUAL = "elec_lca_residual_cn"
LARGEST = 10**15


class FactorWithoutValue(Conflict):
    """The life-cycle factor of this technology has no value yet: no source is at hand."""

    code = "factor-without-value"


class CertificateRetired(Conflict):
    """This certificate was retired already, here or by another firm."""

    code = "certificate-retired"


@dataclass(frozen=True, slots=True)
class Held:
    """A retired certificate and what of it is not used yet, in Wh."""

    certificate: PowerCertificate
    left: int


def retire(
    session: Session,
    *,
    clock: Clock,
    site_id: int,
    person_id: int,
    issuer: str,
    serial: str,
    factor_id: str,
    quantity: int,
    since: date,
    until: date,
) -> PowerCertificate:
    """Retire a green certificate for a site that works metal; it counts once, for ever.

    quantity: Wh. factor_id: the life-cycle factor of its technology, which has to have a value.
    Raises `CertificateRetired`, `UnknownFactor`, `FactorWithoutValue`, `MassNotGiven`,
    `PeriodOutOfOrder`, `SiteCannot`.
    """
    place_of(session, site_id=site_id, person_id=person_id, needs=("smelt", "process"))
    if not 0 < quantity <= LARGEST:
        raise MassNotGiven(field="quantity")
    if until < since:
        raise PeriodOutOfOrder(field="until", since=since, until=until)
    now = clock.now(session)
    _technology(session, factor_id, on=now.astimezone(BEIJING).date())
    known = select(PowerCertificate.id).where(
        PowerCertificate.issuer == issuer, PowerCertificate.serial == serial
    )
    if session.exec(known).first() is not None:
        raise CertificateRetired(field="serial", serial=serial)
    row = PowerCertificate(
        code=new_code(),
        site_id=site_id,
        issuer=issuer,
        serial=serial,
        factor_id=factor_id,
        quantity=quantity,
        since=since,
        until=until,
        person_id=person_id,
        at=now,
    )
    session.add(row)
    session.flush()
    return row


def technologies(session: Session, *, on: date) -> list[Factor]:
    """Return the technologies that electricity can be contracted of; some lack their factor."""
    return [
        each
        for each in queries.factors(session, on=on)
        if each.category == BY_CONTRACT and each.factor_id != RESIDUAL
    ]


def residuals(session: Session, *, on: date) -> list[Factor]:
    """Return the residual factor of power under no contract; it may lack its value."""
    every = queries.factors(session, on=on)
    return [each for each in every if each.factor_id == RESIDUAL]


def certificates(
    session: Session, *, site_id: int, on: date | None = None, lock: bool = False
) -> list[Held]:
    """Return the certificates of a site with what is left of each, oldest first, locked on wish.

    on: only those whose period holds this day.
    """
    statement = (
        select(PowerCertificate)
        .where(PowerCertificate.site_id == site_id)
        .order_by(col(PowerCertificate.id))
    )
    if lock:
        statement = statement.with_for_update()
    if on is not None:
        statement = statement.where(
            col(PowerCertificate.since) <= on, col(PowerCertificate.until) >= on
        )
    rows = session.exec(statement).all()
    used = dict(
        session.exec(
            select(PowerUse.certificate_id, func.sum(PowerUse.quantity))
            .where(col(PowerUse.certificate_id).in_([row.key for row in rows]))
            .group_by(col(PowerUse.certificate_id))
        ).all()
    )
    return [Held(row, row.quantity - int(used.get(row.key, 0))) for row in rows]


def by_contract(
    session: Session, lines: Sequence[EnergyLine], *, site_id: int, on: date, at: datetime
) -> list[EnergyLine]:
    """Return the lines, metered electricity with how it is counted by contract as well.

    Certificates whose period holds the day are used up, the oldest first; what is under none has
    the residual factor. Where the operator has not supplied a factor, or one has lapsed, there is
    no figure by contract: the stage is named as missing it.
    """
    return [
        replace(line, market=_market(session, line.quantity, site_id=site_id, on=on, at=at))
        if line.power and not line.provisional
        else line
        for line in lines
    ]


def _market(
    session: Session, wanted: int, *, site_id: int, on: date, at: datetime
) -> Market | None:
    """Return how so much power is counted by contract, certificates used up; None: no figure.

    Where the factor of a certificate has lapsed since it was retired, there is no figure, nothing
    is used up and nobody is stopped.
    """
    taken: list[Contracted] = []
    uses: list[PowerUse] = []
    for held in certificates(session, site_id=site_id, on=on, lock=True):
        quantity = min(held.left, wanted - sum(each.quantity for each in taken))
        if quantity <= 0:
            continue
        row = held.certificate
        factor = _factor(session, row.factor_id, on=on)
        if factor is None or not factor.numerator:
            return None
        uses.append(PowerUse(certificate_id=row.key, quantity=quantity, at=at))
        name = f"{row.issuer} {row.serial}"
        taken.append(Contracted(quantity=quantity, factor=factor, certificate=name))
    residual = _factor(session, RESIDUAL, on=on)
    if not taken and residual is None:
        return None
    session.add_all(uses)
    return Market(contracted=tuple(taken), residual=residual)


def _technology(session: Session, factor_id: str, *, on: date) -> FactorRef:
    found = None if factor_id == RESIDUAL else _factor(session, factor_id, on=on)
    if found is None and factor_id in {each.factor_id for each in technologies(session, on=on)}:
        raise FactorWithoutValue(field="technology", factor=factor_id)
    if found is None or not found.numerator:
        raise UnknownFactor(field="technology", factor=factor_id)
    return found


def _factor(session: Session, factor_id: str, *, on: date) -> FactorRef | None:
    try:
        factor = queries.factor(session, factor_id, on=on)
    except NoSuchFactor:
        return None
    if factor.category != BY_CONTRACT or factor.gas != "CO2e":
        return None
    return factor_ref(factor)
