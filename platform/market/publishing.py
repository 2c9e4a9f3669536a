"""Putting lots on the market: looked up once, checked each, written table by table."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, select

from remelt.platform.catalogue import queries as catalogue
from remelt.platform.catalogue.errors import NoSuchGrade
from remelt.platform.catalogue.models import Grade
from remelt.platform.kernel import outbox
from remelt.platform.kernel.clock import Clock
from remelt.platform.market import search
from remelt.platform.market.drafts import GradeFacts, ListingDraft, PhotoRef, check_draft
from remelt.platform.market.errors import UnknownGrade
from remelt.platform.market.house import HouseRules
from remelt.platform.market.making import auction_row, listing_row, published_event
from remelt.platform.market.models import Listing, ListingPhoto
from remelt.platform.market.setting import set_terms
from remelt.platform.parties import queries as parties
from remelt.platform.parties.errors import NoSuchSite
from remelt.platform.parties.models import Site


@dataclass(frozen=True, slots=True)
class Offer:
    """A lot to be put on the market. lot_code: None for one that the ledger does not know yet."""

    draft: ListingDraft
    photos: Sequence[PhotoRef] = ()
    lot_code: str | None = None


def put_up(
    session: Session,
    *,
    clock: Clock,
    seller_id: int,
    person_id: int,
    site_id: int,
    offers: Sequence[Offer],
    house: HouseRules,
) -> list[Listing]:
    """Put lots that lie at one of the seller's own sites on the market, in their order.

    A fixed number of statements and one for each grade, but for terms beside the price.
    Raises `NoSuchSite`, `UnknownGrade`, and what `check_draft` and `set_terms` refuse.
    """
    site = own_site(session, site_id=site_id, seller_id=seller_id)
    seller = parties.organisation_by_id(session, organisation_id=seller_id)
    person = parties.person_by_id(session, person_id=person_id)
    distinct = {_named(each.draft): each.draft for each in offers}
    grades = {name: known_grade(session, draft) for name, draft in distinct.items()}
    now = clock.now(session)
    for each in offers:
        check_offer(
            each.draft, grade=grades[_named(each.draft)], site=site, photos=each.photos, now=now,
            house=house,
        )  # fmt: skip
    listings = _write(
        session, offers, grades=grades, site=site, person_id=person_id, now=now, house=house
    )
    events = [
        published_event(
            listing, seller=seller.code, person=person.code, site=site,
            grade=grades[_named(each.draft)], photos=each.photos, now=now,
        )
        for listing, each in zip(listings, offers, strict=True)
    ]  # fmt: skip
    outbox.record_all(session, events)
    return listings


def _write(
    session: Session,
    offers: Sequence[Offer],
    *,
    grades: dict[tuple[str, str], Grade],
    site: Site,
    person_id: int,
    now: datetime,
    house: HouseRules,
) -> list[Listing]:
    place_zh, place_en = search.place_names(session, adcode=site.adcode)
    listings = [
        listing_row(
            each.draft, grade=grades[_named(each.draft)], site=site, person_id=person_id, now=now,
            lot_code=each.lot_code,
        )
        for each in offers
    ]  # fmt: skip
    for listing in listings:
        listing.place_zh, listing.place_en = place_zh, place_en
    session.add_all(listings)
    session.flush()
    pairs = list(zip(listings, offers, strict=True))
    auctions = [auction_row(each.draft, listing=listing, now=now) for listing, each in pairs]
    session.add_all(auctions)
    session.flush()
    for auction, each in zip(auctions, offers, strict=True):
        set_terms(session, draft=each.draft, auction=auction, house=house)
    session.add_all(
        ListingPhoto(
            listing_id=listing.key, ord=ord_, sha256=photo.sha256,
            width_px=photo.width_px, height_px=photo.height_px,
        )
        for listing, each in pairs
        for ord_, photo in enumerate(each.photos)
    )  # fmt: skip
    search.index_listings(session, listings)
    return listings


def _named(draft: ListingDraft) -> tuple[str, str]:
    return draft.grade_system, draft.grade_code


def check_offer(
    draft: ListingDraft,
    *,
    grade: Grade,
    site: Site,
    photos: Sequence[PhotoRef],
    now: datetime,
    house: HouseRules,
) -> None:
    """Refuse what the market cannot take from this site. Touches no database."""
    check_draft(
        draft,
        grade=GradeFacts(metal=grade.metal, hazard=grade.hazard),
        site_adcode=site.adcode,
        photos=len(photos),
        now=now,
        house=house,
    )


def known_grade(session: Session, draft: ListingDraft) -> Grade:
    """Return the grade that a draft names. Raises `UnknownGrade`."""
    try:
        grade = catalogue.grade(session, system=draft.grade_system, code=draft.grade_code)
    except NoSuchGrade as reason:
        raise UnknownGrade(field="grade_code", grade=draft.grade_code[:40]) from reason
    if grade.kind != "grade":
        raise UnknownGrade(field="grade_code", grade=draft.grade_code[:40])
    return grade


def own_site(session: Session, *, site_id: int, seller_id: int) -> Site:
    """Return the seller's own open site. Raises `NoSuchSite`."""
    site = session.exec(
        select(Site).where(
            Site.id == site_id, Site.organisation_id == seller_id, col(Site.ended_at).is_(None)
        )
    ).one_or_none()
    if site is None:
        raise NoSuchSite(field="site")
    return site
