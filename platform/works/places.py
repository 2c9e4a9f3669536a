"""Who works where: the site, the person, and the lots that stand there."""

from collections.abc import Iterable
from dataclasses import dataclass

from sqlmodel import Session, col, select

from remelt.platform.kernel.clock import Clock
from remelt.platform.market.queries import stands_over
from remelt.platform.parties import queries as parties
from remelt.platform.parties.models import Site
from remelt.platform.works.errors import (
    HeelStays,
    LotOffered,
    MixedOwners,
    NotInCustody,
    NotYourMetal,
    SiteCannot,
)
from remelt.platform.works.models import BayPlacing
from remelt.traceability.door.book import lock_lots
from remelt.traceability.errors import LotOnHold, NoSuchLot
from remelt.traceability.ledger import SiteRef
from remelt.traceability.models import Lot

DEFAULT_DIVISION_G = 20_000
GONE = ("consumed", "out", "in_transit")


@dataclass(frozen=True, slots=True)
class Place:
    """A site at work: whose it is, what its scale shows, and who is at it."""

    site: Site
    organisation: str
    person_id: int
    actor: str

    @property
    def ref(self) -> SiteRef:
        """The site as the ledger names it."""
        return SiteRef(code=self.site.code, adcode=self.site.adcode)

    @property
    def division_g(self) -> int:
        """The scale's division; a road weighbridge's 20 kg where none is on record."""
        return self.site.scale_division_g or DEFAULT_DIVISION_G


def place_of(session: Session, *, site_id: int, person_id: int, needs: tuple[str, ...]) -> Place:
    """Return the site at work. Raises `NoSuchSite`, or `SiteCannot` without one of `needs`."""
    site = parties.site_by_id(session, site_id=site_id)
    if not site.capabilities & set(needs):
        raise SiteCannot(field="site", site=site.code, needs=", ".join(needs))
    owner = parties.organisation_by_id(session, organisation_id=site.organisation_id)
    person = parties.person_by_id(session, person_id=person_id)
    return Place(
        site=site, organisation=owner.code, person_id=person_id, actor=f"person:{person.code}"
    )


def lots_here(
    session: Session,
    place: Place,
    codes: Iterable[str],
    *,
    owner: str | None = None,
    heel: str | None = None,
) -> dict[str, Lot]:
    """Lock and return lots that stand at the site in the custody of its organisation.

    They have one owner, `owner` where given. heel: the opening heel of the furnace at work,
    left out of what returns when nothing of it lies there any more; any other heel stays. While
    an inspection holds it, nothing goes in. A lot that its owner offers or has sold stays as it
    is until the offer ends or the title passes.

    Raises `NotInCustody` for a lot that is not found for this organisation, `HeelStays`,
    `LotOffered`, `NotYourMetal`, `MixedOwners`, `LotOnHold` for the heel.
    """
    wanted = set(codes)
    try:
        locked = lock_lots(session, wanted | ({heel} if heel else set()))
    except NoSuchLot as unknown:
        raise NotInCustody(lot_code=unknown.facts["lot_code"]) from None
    lots = {code: locked[code] for code in sorted(wanted)}
    for code, lot in lots.items():
        if not _is_here(lot, place):
            raise NotInCustody(lot_code=code)
        if lot.role == "heel":
            raise HeelStays(lot_code=code)
        if lot.owner == place.organisation and stands_over(session, lot_code=code):
            raise LotOffered(lot_code=code)
    check_owners(lots.values(), owner=owner)
    if heel and _lies_in(locked[heel], place):
        lots[heel] = locked[heel]
    return lots


def _lies_in(heel: Lot, place: Place) -> bool:
    """Tell whether a heel still lies where it was left. Raises `LotOnHold`."""
    if not _is_here(heel, place) or heel.status in GONE:
        return False
    if heel.status == "held":
        raise LotOnHold(lot_code=heel.code)
    return True


def lot_owners(session: Session, codes: Iterable[str]) -> set[str]:
    """Return who owns these lots, as far as they are known."""
    wanted = list(codes)
    return set(session.exec(select(Lot.owner).where(col(Lot.code).in_(wanted))))


def check_owners(lots: Iterable[Lot], *, owner: str | None) -> None:
    """Refuse lots of several owners, or of another than `owner` where one is given.

    Raises `NotYourMetal`, `MixedOwners`.
    """
    owners = {lot.owner: lot.code for lot in lots}
    strange = [code for each, code in owners.items() if owner not in {None, each}]
    if strange:
        raise NotYourMetal(field="charges", lot_code=strange[0])
    if len(owners) > 1:
        raise MixedOwners(field="lots")


def _is_here(lot: Lot, place: Place) -> bool:
    return lot.custodian == place.organisation and lot.site_code == place.site.code


def put_in_bay(session: Session, place: Place, *, clock: Clock, lot_code: str, bay: str) -> None:
    """Note where in the site a lot was put; nothing is noted without a bay."""
    if bay:
        session.add(
            BayPlacing(
                lot_code=lot_code,
                site_id=place.site.key,
                bay=bay,
                person_id=place.person_id,
                at=clock.now(session),
            )
        )
