"""A bay is a chain of pool lots: one per day; what is left in the evening opens the next."""

from collections.abc import Sequence

from sqlmodel import Session, col, select

from remelt.platform.kernel.clock import Clock, day_of
from remelt.platform.kernel.codes import new_code
from remelt.traceability.book import lock_lots
from remelt.traceability.making import Transformation, transform
from remelt.traceability.models import Lot
from remelt.traceability.registering import commission
from remelt.traceability.terms import LotSpec, Output, SiteRef, Taken


def pool_lot(
    session: Session,
    *,
    clock: Clock,
    site: SiteRef,
    bay: str,
    spec: LotSpec,
    owner: str,
    custodian: str,
    actor: str,
) -> Lot:
    """Return the bay's pool lot of the day, opened with what the last one still holds.

    One pool per site, bay, grade and Beijing day. Its method is the rolling average of what
    was put in: a withdrawal takes the pool's vectors in proportion; custody is controlled
    blending.
    """
    stem = f"{site.code}|{bay}|{spec.grade_system}|{spec.grade_code}|"
    today = stem + day_of(clock.now(session))
    found = session.exec(select(Lot).where(Lot.pool_key == today)).first()
    if found is not None:
        return found
    opened = commission(
        session,
        clock=clock,
        lot_code=new_code(),
        spec=spec,
        declared_mass_g=0,
        owner=owner,
        custodian=custodian,
        site=site,
        actor=actor,
        pool_key=today,
    )
    earlier = select(Lot.code).where(
        col(Lot.pool_key).startswith(stem, autoescape=True), Lot.code != opened.code, Lot.mass_g > 0
    )
    left = sorted(session.exec(earlier))
    if left:
        pool_in(session, clock=clock, pool_code=opened.code, lot_codes=left, site=site, actor=actor)
    return opened


def pool_in(
    session: Session,
    *,
    clock: Clock,
    pool_code: str,
    lot_codes: Sequence[str],
    site: SiteRef,
    actor: str,
    ticket_ref: str = "",
) -> Transformation:
    """Put whole lots on the heap: they are consumed, the pool carries their vectors.

    Raises what `transform` raises; `OwnInput` when `pool_code` is no pool.
    """
    lots = lock_lots(session, [pool_code, *lot_codes])
    pool = lots[pool_code]
    mass_g = sum(lots[code].mass_g for code in lot_codes)
    heap = Output(spec=pool.spec, mass_g=mass_g, lot_code=pool_code, owner=pool.owner, into=True)
    return transform(
        session,
        clock=clock,
        kind="blend",
        inputs=[Taken(lot_code=code) for code in lot_codes],
        outputs=[heap],
        site=site,
        actor=actor,
        ticket_ref=ticket_ref,
    )
