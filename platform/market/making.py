"""Turning a checked draft into a listing and its auction, and the listing into its announcement."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from remelt.platform.catalogue.models import Grade
from remelt.platform.kernel.codes import new_code
from remelt.platform.market.auction_models import Auction
from remelt.platform.market.drafts import (
    HARD_CLOSE_AFTER,
    Ascending,
    FixedPrice,
    ListingDraft,
    PhotoRef,
    area_of,
)
from remelt.platform.market.events import ListingPublished
from remelt.platform.market.kinds import Descending, Sealed
from remelt.platform.market.models import Listing
from remelt.platform.parties.models import Site

KINDS: Final = {Ascending: "ascending", Sealed: "sealed", Descending: "descending"}


def listing_row(
    draft: ListingDraft,
    *,
    grade: Grade,
    site: Site,
    person_id: int,
    now: datetime,
    lot_code: str | None,
) -> Listing:
    """Return the row of a checked draft; a lot without a code gets a fresh one."""
    return Listing(
        code=new_code(),
        lot_code=lot_code or new_code(),
        seller_id=site.organisation_id,
        seller_person_id=person_id,
        site_id=site.key,
        adcode=site.adcode,
        metal=draft.metal,
        grade_system=grade.system,
        grade_code=grade.code,
        grade_edition=grade.edition,
        grade_zh=grade.name_zh,
        grade_en=grade.name_en,
        place_zh="",
        place_en="",
        form=draft.form,
        declared_mass_g=draft.declared_mass_g,
        origin=draft.origin,
        evidence=draft.evidence,
        track=draft.track,
        origin_area=area_of(draft, site_adcode=site.adcode),
        productive=draft.productive,
        certificate=draft.certificate,
        hazard_free=draft.hazard_free,
        radiation_checked=draft.radiation_checked,
        no_sealed_vessels=draft.no_sealed_vessels,
        tax_included=draft.tax_included,
        vat_rate_bp=draft.vat_rate_bp,
        title=draft.title,
        description=draft.description,
        new_lot=lot_code is None,
        published_at=now,
    )


def auction_row(draft: ListingDraft, *, listing: Listing, now: datetime) -> Auction:
    """Return the auction that finds the price of a listing."""
    auction = Auction(
        listing_id=listing.key,
        owner_id=listing.seller_id,
        kind="fixed",
        authorised_only=draft.productive,
        opens_at=draft.opens_at or now,
        first_closes_at=draft.closes_at,
        closes_at=draft.closes_at,
        hard_close_at=draft.closes_at + HARD_CLOSE_AFTER,
    )
    price = draft.price
    if isinstance(price, FixedPrice):
        auction.start_fen_per_t = price.price_fen_per_t
        return auction
    auction.kind = KINDS[type(price)]
    auction.start_fen_per_t = price.start_fen_per_t
    auction.auto_award = price.auto_award
    if isinstance(price, Descending):
        auction.step_fen_per_t = price.step_fen_per_t
        _put_fall(auction, price)
        return auction
    auction.reserve_fen_per_t = price.reserve_fen_per_t
    if isinstance(price, Sealed):
        auction.hard_close_at = auction.closes_at
        return auction
    auction.step_fen_per_t = price.step_fen_per_t
    auction.extension_s = price.extension_s
    auction.bands = [list(each) for each in price.bands]
    auction.tick_fen_per_t = price.tick_fen_per_t
    auction.most_rise_fen_per_t = price.most_rise_fen_per_t
    return auction


def _put_fall(auction: Auction, price: Descending) -> None:
    """A fall ends when its floor has stood for one step; then come envelopes and the last word."""
    auction.first_closes_at = auction.opens_at + timedelta(seconds=price.falls_s)
    later = timedelta(seconds=price.sealed_s + price.open_within_s + price.best_s)
    auction.hard_close_at = auction.first_closes_at + later
    auction.closes_at = auction.first_closes_at


def published_event(
    listing: Listing,
    *,
    seller: str,
    person: str,
    site: Site,
    grade: Grade,
    photos: Sequence[PhotoRef],
    now: datetime,
) -> ListingPublished:
    """Return what the other rooms hear of a published listing."""
    return ListingPublished(
        at=now,
        listing_code=listing.code,
        lot_code=listing.lot_code,
        new_lot=listing.new_lot,
        seller_code=seller,
        person_code=person,
        site_code=site.code,
        adcode=site.adcode,
        metal=listing.metal,
        grade_system=listing.grade_system,
        grade_code=listing.grade_code,
        grade_edition=listing.grade_edition,
        metal_bp=grade.metal_nominal_bp,
        form=listing.form,
        declared_mass_g=listing.declared_mass_g,
        origin=listing.origin,
        evidence=listing.evidence,
        track=listing.track,
        origin_area=listing.origin_area,
        photos=tuple(photo.sha256 for photo in photos),
    )
