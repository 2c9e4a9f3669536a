"""Claims: what an owner says of a lot's recycled content, once, under a model the lot can carry."""

from dataclasses import dataclass
from typing import Any

from sqlmodel import Session, select

from remelt.platform.kernel.clock import Clock, month_of
from remelt.platform.kernel.codes import new_code
from remelt.traceability.actions.acting import added, check_alive, check_mass, header
from remelt.traceability.credits.accounts import (
    Account,
    account,
    claim_above,
    claims_of,
    ended_before,
)
from remelt.traceability.credits.errors import (
    CertificateUsed,
    ClaimBeyondLot,
    ClaimedAlready,
    CreditsOverdrawn,
    CreditsShort,
    NoCreditScheme,
    NoSuchCreditCertificate,
)
from remelt.traceability.credits.models import (
    CreditCertificate,
    CreditGroup,
    CreditPeriod,
    LotClaim,
)
from remelt.traceability.credits.schemes import group_for, lock_group
from remelt.traceability.door.book import lock_lots
from remelt.traceability.door.private import of_site
from remelt.traceability.errors import ClaimsBlocked, NoSuchLot
from remelt.traceability.models import LedgerEvent, Lot
from remelt.traceability.proofs import certificates
from remelt.traceability.rules.custody import BALANCED, BOOKED, check_model
from remelt.traceability.rules.shares import product_content
from remelt.traceability.terms import SiteRef


@dataclass(frozen=True, kw_only=True)
class Claimed:
    """A claim as made: its row, the lot after it, the event that says it."""

    claim: LotClaim
    lot: Lot
    event: LedgerEvent


def claim_content(
    session: Session, *, clock: Clock, lot_code: str, model: str, owner: str, actor: str
) -> Claimed:
    """Claim the recycled content (ISO 14021) that a lot holds, under a model of its custody.

    model: identity preserved, segregated or controlled blending, none above the lot's level.
    Raises `NoSuchLot` for another's lot, `LotNotWeighed`, `LotUsedUp`, `ClaimsBlocked`,
    `ClaimAboveCustody`, `ClaimedAlready`, `ClaimBeyondLot` when nothing of it is recycled.
    """
    lot = _own_lot(session, lot_code=lot_code, owner=owner)
    check_model(model, custody=lot.vectors.custody)
    recycled_g, _whole_g = product_content(lot.vectors)
    return _claim(
        session, clock=clock, lot=lot, kind="recycled_content", model=model, mass_g=recycled_g,
        owner=owner, actor=actor,
    )  # fmt: skip


def attribute(
    session: Session,
    *,
    clock: Clock,
    lot_code: str,
    mass_g: int,
    owner: str,
    actor: str,
) -> Claimed:
    """Attribute recycled grams of the owner's mass balance account to a lot of its product group.

    The account is that of the site where the lot lies. The lot becomes mass balance: its own
    recycled content is claimed no more. Raises what `claim_content` raises, `NoCreditScheme`,
    `CreditsShort`, `CreditsOverdrawn`.
    """
    check_mass(mass_g)
    lot = _own_lot(session, lot_code=lot_code, owner=owner)
    check_model(BALANCED, custody=lot.vectors.custody)
    group = _group_of(session, lot=lot, month=month_of(clock.now(session)))
    drawn = _draw(session, clock=clock, group=group, owner=owner, mass_g=mass_g)
    return _claim(
        session, clock=clock, lot=lot, kind="attributed", model=BALANCED, mass_g=mass_g,
        owner=owner, actor=actor, period=drawn,
    )  # fmt: skip


def issue_certificate(
    session: Session,
    *,
    clock: Clock,
    site_code: str,
    group_code: str,
    mass_g: int,
    owner: str,
    beneficiary: str,
    actor: str,
) -> CreditCertificate:
    """Book grams of an account to another firm, which can claim them on one lot of that metal.

    Raises `MassNotPositive`, `NoSuchGroup`, `NoCreditScheme`, `CreditsShort`, `CreditsOverdrawn`.
    """
    check_mass(mass_g)
    group = lock_group(session, site_code=site_code, code=group_code)
    drawn = _draw(session, clock=clock, group=group, owner=owner, mass_g=mass_g)
    now = clock.now(session)
    certificate = CreditCertificate(
        code=new_code(),
        period_id=drawn.key,
        month=month_of(now),
        owner=owner,
        beneficiary=beneficiary,
        metal=group.metal,
        mass_g=mass_g,
        issued_by=actor,
        issued_at=now,
    )
    session.add(certificate)
    session.flush()
    return certificate


def use_certificate(
    session: Session,
    *,
    clock: Clock,
    certificate_code: str,
    lot_code: str,
    owner: str,
    actor: str,
) -> Claimed:
    """Claim a certificate on a lot of one's own, wholly and once: the lot becomes book and claim.

    Raises what `claim_content` raises, `NoSuchCreditCertificate`, `CertificateUsed`,
    `NoCreditScheme` when it is of another metal.
    """
    lot = _own_lot(session, lot_code=lot_code, owner=owner)
    statement = (
        select(CreditCertificate)
        .where(CreditCertificate.code == certificate_code, CreditCertificate.beneficiary == owner)
        .with_for_update()
    )
    certificate = session.exec(statement).first()
    if certificate is None:
        raise NoSuchCreditCertificate(certificate=certificate_code)
    used = select(LotClaim.id).where(LotClaim.certificate_id == certificate.key)
    if session.exec(used).first() is not None:
        raise CertificateUsed(certificate=certificate_code)
    if certificate.metal != lot.metal:
        raise NoCreditScheme(field="lot_code", lot_code=lot.code)
    check_model(BOOKED, custody=lot.vectors.custody)
    return _claim(
        session, clock=clock, lot=lot, kind="certificate", model=BOOKED,
        mass_g=certificate.mass_g, owner=owner, actor=actor, certificate=certificate,
    )  # fmt: skip


def _own_lot(session: Session, *, lot_code: str, owner: str) -> Lot:
    """Lock a lot of the owner that may carry a claim."""
    lot = lock_lots(session, [lot_code])[lot_code]
    if lot.owner != owner:
        raise NoSuchLot(lot_code=lot_code)
    check_alive(lot, weighed=True)
    if lot.claims_blocked:
        raise ClaimsBlocked(lot_code=lot_code)
    return lot


def _group_of(session: Session, *, lot: Lot, month: str) -> CreditGroup:
    """Lock the group whose scheme holds for a lot where it lies. Raises `NoCreditScheme`."""
    found = group_for(
        session,
        site_code=lot.site_code,
        metal=lot.metal,
        grade_code=lot.grade_code,
        month=month,
    )
    if found is None or lot.role != "product":
        raise NoCreditScheme(field="lot_code", lot_code=lot.code)
    return lock_group(session, site_code=found.site_code, code=found.code)


def _draw(
    session: Session, *, clock: Clock, group: CreditGroup, owner: str, mass_g: int
) -> CreditPeriod:
    """Check that the locked account holds the grams; return the period they are drawn in."""
    month = month_of(clock.now(session))
    held = account(session, group=group, owner=owner, until=month)
    scheme = held.scheme
    if scheme is None or held.now is None:
        raise NoCreditScheme(field="group", group=group.code)
    _check_left(held, mass_g=mass_g)
    wanted = held.now.period
    statement = select(CreditPeriod).where(
        CreditPeriod.group_id == group.key, CreditPeriod.period == wanted
    )
    found = session.exec(statement).first()
    if found is None:
        found = CreditPeriod(group_id=group.key, scheme_id=scheme.key, period=wanted)
        session.add(found)
        session.flush()
    return found


def _check_left(held: Account, *, mass_g: int) -> None:
    if held.overdrawn:
        raise CreditsOverdrawn(group=held.group.code, overdrawn_g=-held.left_g)
    if mass_g > held.left_g:
        raise CreditsShort(
            field="mass_kg", group=held.group.code, wanted_g=mass_g, left_g=held.left_g
        )


def _claim(
    session: Session,
    *,
    clock: Clock,
    lot: Lot,
    kind: str,
    model: str,
    mass_g: int,
    owner: str,
    actor: str,
    period: CreditPeriod | None = None,
    certificate: CreditCertificate | None = None,
) -> Claimed:
    """Say it in the ledger and keep the row; a passport that did not know of it is history."""
    month = month_of(clock.now(session))
    of = period.period if period else month
    _check_room(session, lot=lot, kind=kind, period=of, mass_g=mass_g)
    site = SiteRef(code=lot.site_code, adcode=lot.adcode)
    facts: dict[str, Any] = header(session, clock, "claim", site=site, actor=actor, at=None) | {
        "lot": lot.code,
        "claim": kind,
        "model": model,
        "period": of,
        "claimed_g": of_site(site.code, mass_g),
    }
    done = added(session, clock, facts, {lot.code: lot}, weighed=True)
    row = LotClaim(
        code=new_code(),
        lot_id=lot.key,
        kind=kind,
        model=model,
        owner=owner,
        month=month,
        period=of,
        period_id=period.key if period else None,
        certificate_id=certificate.key if certificate else None,
        mass_g=mass_g,
        again=ended_before(session, lot=lot, kind=kind, period=of),
        event_hash=done.event.hash,
        event_key=done.event.key,
        claimed_by=actor,
        claimed_at=clock.now(session),
    )
    session.add(row)
    session.flush()
    certificates.supersede(
        session, lot_ids=[lot.key], reason="claim", event_hash=row.event_hash, at=row.claimed_at
    )
    return Claimed(claim=row, lot=done.lots[lot.code], event=done.event)


def _check_room(session: Session, *, lot: Lot, kind: str, period: str, mass_g: int) -> None:
    """Refuse a second claim of a kind and period or of the same metal, or more than the mass."""
    above = claim_above(session, lot=lot)
    if above is not None:
        raise ClaimedAlready(lot_code=lot.code, kind=above.kind, period=above.period)
    made = claims_of(session, lot=lot)
    for each in made:
        # what a lot holds is claimed once, and never beside what is only attributed to it
        physical = "recycled_content" in {kind, each.kind}
        if (each.kind, each.period) == (kind, period) or physical:
            raise ClaimedAlready(lot_code=lot.code, kind=each.kind, period=each.period)
    room_g = lot.mass_g - sum(each.mass_g for each in made)
    if not 0 < mass_g <= room_g:
        raise ClaimBeyondLot(field="mass_kg", lot_code=lot.code, wanted_g=mass_g, room_g=room_g)


def claim(
    session: Session,
    *,
    clock: Clock,
    lot_code: str,
    model: str,
    mass_g: int | None,
    certificate_code: str,
    owner: str,
    actor: str,
) -> Claimed:
    """Make the claim that belongs to a model: what the lot holds, credits, or a certificate.

    Mass balance needs `mass_g`, book and claim a certificate. Raises what these three raise,
    `MassNotPositive` without a mass.
    """
    said: dict[str, Any] = {"clock": clock, "lot_code": lot_code, "owner": owner, "actor": actor}
    if model == BALANCED:
        return attribute(session, mass_g=mass_g or 0, **said)
    if model == BOOKED:
        return use_certificate(session, certificate_code=certificate_code, **said)
    return claim_content(session, model=model, **said)
