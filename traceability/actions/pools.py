"""A bay is a chain of pool lots: one per day; what is left in the evening opens the next."""

from collections.abc import Sequence

from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from remelt.platform.kernel.clock import Clock, day_of
from remelt.platform.kernel.codes import new_code
from remelt.traceability.actions.making import Transformation, transform
from remelt.traceability.actions.registering import commission
from remelt.traceability.door.book import lock_lots
from remelt.traceability.models import Lot
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

    One pool per site, bay, grade, owner and Beijing day: metal changes its owner by contract,
    not by lying on a heap. Its method is the rolling average of what was put in: a withdrawal
    takes the pool's vectors in proportion; custody is controlled blending. A heap that was
    sent away or used up is the bay's no more: what comes after lies on a fresh one.
    """
    stem = f"{site.code}|{bay}|{spec.grade_system}|{spec.grade_code}|{owner}|"
    today = stem + day_of(clock.now(session))
    of_today = list(session.exec(_of_bay(today)))
    found = next((pool for pool in of_today if _lies_here(pool, site)), None)
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
        pool_key=f"{today}|{len(of_today) + 1}" if of_today else today,
    )
    left = sorted(
        pool.code
        for pool in session.exec(_of_bay(stem).where(Lot.mass_g > 0))
        if pool.code != opened.code and _lies_here(pool, site)
    )
    if left:
        pool_in(session, clock=clock, pool_code=opened.code, lot_codes=left, site=site, actor=actor)
    return opened


def _of_bay(stem: str) -> SelectOfScalar[Lot]:
    return (
        select(Lot).where(col(Lot.pool_key).startswith(stem, autoescape=True)).order_by(col(Lot.id))
    )


def _lies_here(pool: Lot, site: SiteRef) -> bool:
    """Tell whether a pool is still the bay's: opened or filled, and neither gone nor used up."""
    return pool.site_code == site.code and pool.status in {"registered", "on_hand"}


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

    Raises what `transform` raises; `OwnInput` when `pool_code` is no pool; `HeapOfAnother`.
    """
    lots = lock_lots(session, [pool_code, *lot_codes])
    pool = lots[pool_code]
    mass_g = sum(lots[code].mass_g for code in lot_codes)
    heap = Output(
        spec=pool.spec,
        mass_g=mass_g,
        lot_code=pool_code,
        owner=pool.owner,
        into=True,
        follows=True,
    )
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
