"""Where bought metal goes: into the ledger, and onto the bay's heap of the day."""

from dataclasses import dataclass, field

from sqlmodel import Session

from remelt.platform.kernel.clock import Clock
from remelt.platform.kernel.codes import new_code
from remelt.platform.market import queries as market
from remelt.platform.parties.models import Organisation, Site
from remelt.platform.yard.models import SellerCard, Ticket, TicketLine
from remelt.platform.yard.pricing import Priced
from remelt.traceability import ledger
from remelt.traceability.door.book import lock_lots
from remelt.traceability.models import Lot
from remelt.traceability.terms import LotSpec, Output, SiteRef, Taken

BAY = "gate"


@dataclass(frozen=True, slots=True)
class Brought:
    """The lot that a line became, the pool that it joined, and its weighing in the ledger."""

    lot_code: str
    pool_code: str | None
    event_hash: str


def site_ref(site: Site) -> SiteRef:
    """Return a site as the ledger names it."""
    return SiteRef(code=site.code, adcode=site.adcode)


def at_scale(lot: Lot, *, site: Site) -> bool:
    """Tell whether a lot lies at a site, so that it can be put on the scale there."""
    return lot.site_code == site.code and lot.status not in {"consumed", "out", "in_transit"}


@dataclass(frozen=True, slots=True)
class Gate:
    """Where weighed lines enter the ledger: the bay's heap of each grade is looked up once."""

    session: Session
    clock: Clock
    site: Site
    owner: str
    actor: str
    heaps: dict[tuple[str, str], str] = field(default_factory=dict)

    def bring(self, line: Priced, ticket: Ticket, *, card: SellerCard | None) -> Brought:
        """Bring a weighed line into the ledger, as a lot of its own or onto the bay's heap."""
        spec = LotSpec(
            metal=line.grade.metal,
            grade_system=line.grade.system,
            grade_code=line.grade.code,
            form=line.given.form,
            origin=line.given.origin,
            evidence=line.given.evidence,
            metal_bp=line.grade.metal_nominal_bp,
            track=self.site.adcode,
        )
        lot = ledger.bring_in(
            self.session,
            clock=self.clock,
            lot_code=new_code(),
            spec=spec,
            mass_g=line.payable.net_g,
            owner=self.owner,
            custodian=self.owner,
            site=site_ref(self.site),
            actor=self.actor,
            ticket_ref=ticket.code,
            scale_division_g=ticket.scale_division_g or 0,
            seller="" if card is None else f"person:{card.code}",
            at=ticket.opened_at,
        )
        if line.given.own_lot:
            return Brought(lot_code=lot.code, pool_code=None, event_hash=lot.made_by)
        heap = self._heap(spec)
        ledger.pool_in(
            self.session, clock=self.clock, pool_code=heap, lot_codes=[lot.code],
            site=site_ref(self.site), actor=self.actor, ticket_ref=ticket.code,
        )  # fmt: skip
        return Brought(lot_code=lot.code, pool_code=heap, event_hash=lot.made_by)

    def _heap(self, spec: LotSpec) -> str:
        grade = (spec.grade_system, spec.grade_code)
        if grade not in self.heaps:
            self.heaps[grade] = ledger.pool_lot(
                self.session, clock=self.clock, site=site_ref(self.site), bay=BAY, spec=spec,
                owner=self.owner, custodian=self.owner, actor=self.actor,
            ).code  # fmt: skip
        return self.heaps[grade]


def can_give_back(session: Session, line: TicketLine, *, site: Site) -> bool:
    """Tell whether what a line brought in is still here, whole or in its bay's pool.

    A lot of its own that is listed or sold is promised to somebody and does not go back.
    """
    code = line.pool_code or line.lot_code
    lot = lock_lots(session, [code])[code]
    if lot.site_code != site.code or lot.status != "on_hand":
        return False
    if line.pool_code:
        return lot.mass_g >= line.net_g
    owner = session.get_one(Organisation, site.organisation_id)
    promised = lot.owner != owner.code or market.stands_over(session, lot_code=lot.code)
    return lot.mass_g == line.net_g and not promised


def give_back(
    session: Session, *, clock: Clock, line: TicketLine, site: Site, actor: str, to: str
) -> None:
    """Book what a line brought in out again: the whole lot, or as much off the bay's pool."""
    where = site_ref(site)
    code = line.lot_code
    if line.pool_code is not None:
        pool = lock_lots(session, [line.pool_code])[line.pool_code]
        code = new_code()
        ledger.transform(
            session,
            clock=clock,
            kind="split",
            inputs=[Taken(lot_code=pool.code, mass_g=line.net_g)],
            outputs=[Output(spec=pool.spec, mass_g=line.net_g, lot_code=code)],
            site=where,
            actor=actor,
        )
    ledger.ship_out(session, clock=clock, lot_code=code, to=to, site=where, actor=actor)
