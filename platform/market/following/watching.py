"""Watch lists: listings that an organisation keeps an eye on, and who watches one."""

from typing import Final

from sqlmodel import Session, col, delete, func, select
from sqlmodel.sql.expression import SelectOfScalar

from remelt.platform.kernel.clock import Clock
from remelt.platform.market.auction_models import Auction
from remelt.platform.market.following.errors import TooMuchFollowed
from remelt.platform.market.following.models import Watch
from remelt.platform.market.models import Listing
from remelt.platform.market.offerings import Offering

MOST: Final = 500


def watch(
    session: Session, *, clock: Clock, listing: Listing, organisation_id: int, person_id: int
) -> Watch:
    """Put a listing on the organisation's watch list; twice is once.

    Raises `TooMuchFollowed` beyond 500 listings.
    """
    found = session.exec(_of(listing, organisation_id)).one_or_none()
    if found is not None:
        return found
    held = session.exec(
        select(func.count()).select_from(Watch).where(Watch.organisation_id == organisation_id)
    ).one()
    if held >= MOST:
        raise TooMuchFollowed(most=MOST)
    row = Watch(
        organisation_id=organisation_id, listing_id=listing.key, person_id=person_id,
        since=clock.now(session),
    )  # fmt: skip
    session.add(row)
    session.flush()
    return row


def unwatch(session: Session, *, listing: Listing, organisation_id: int) -> None:
    """Take a listing off the organisation's watch list."""
    session.execute(
        delete(Watch).where(
            col(Watch.organisation_id) == organisation_id, col(Watch.listing_id) == listing.key
        )
    )


def watches(session: Session, *, listing: Listing, organisation_id: int) -> bool:
    """Tell whether an organisation watches a listing."""
    return session.exec(_of(listing, organisation_id)).one_or_none() is not None


def watched(session: Session, *, organisation_id: int, limit: int = 100) -> list[Offering]:
    """Return the listings on the watch list, those watched last first."""
    rows = session.exec(
        select(Listing, Auction)
        .join(Auction, col(Auction.listing_id) == col(Listing.id))
        .join(Watch, col(Watch.listing_id) == col(Listing.id))
        .where(Watch.organisation_id == organisation_id)
        .order_by(col(Watch.id).desc())
        .limit(limit)
    )
    return [Offering(listing=listing, auction=auction) for listing, auction in rows]


def watchers(session: Session, *, listing_id: int) -> list[int]:
    """Return the ids of the organisations that watch a listing."""
    return list(
        session.exec(
            select(Watch.organisation_id)
            .where(Watch.listing_id == listing_id)
            .order_by(col(Watch.organisation_id))
        )
    )


def watches_of(session: Session, *, listing_id: int) -> list[Watch]:
    """Return the watches on a listing."""
    return list(session.exec(select(Watch).where(Watch.listing_id == listing_id)))


def move(session: Session, row: Watch, *, listing: Listing, clock: Clock) -> None:
    """Let a watch go over to the listing that took the place of its own."""
    row.sqlmodel_update({"listing_id": listing.key, "since": clock.now(session)})
    session.add(row)
    session.flush()


def _of(listing: Listing, organisation_id: int) -> SelectOfScalar[Watch]:
    return select(Watch).where(
        Watch.organisation_id == organisation_id, Watch.listing_id == listing.key
    )
