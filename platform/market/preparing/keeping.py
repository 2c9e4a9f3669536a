"""Keeping a draft, changing it, dropping it, and publishing it once."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from sqlmodel import Session, col, func, select

from remelt.platform.kernel.clock import Clock
from remelt.platform.kernel.codes import new_code
from remelt.platform.market.drafts import MOST_PHOTOS, PhotoRef
from remelt.platform.market.errors import TooManyPhotos
from remelt.platform.market.house import HOUSE, HouseRules
from remelt.platform.market.models import Listing
from remelt.platform.market.preparing.errors import (
    DraftIncomplete,
    DraftIsDropped,
    DraftIsPublished,
    NoSuchDraft,
    TooManyDrafts,
)
from remelt.platform.market.preparing.models import LotDraft
from remelt.platform.market.preparing.said import check_said, draft_of
from remelt.platform.market.publishing import Offer, put_up

MOST: Final = 6_000
DAY_S: Final = 86_400


def keep_draft(
    session: Session,
    *,
    clock: Clock,
    seller_id: int,
    person_id: int,
    said: Mapping[str, Any],
    site_id: int | None = None,
    open_s: int = DAY_S,
    photos: Sequence[PhotoRef] = (),
) -> LotDraft:
    """Keep a lot that is not published yet; anything may be missing.

    Raises `UnreadableDraft`, `TooManyPhotos`, and `TooManyDrafts` beyond 6,000 that wait.
    """
    _check(said, photos)
    if waiting(session, seller_id=seller_id) >= MOST:
        raise TooManyDrafts(most=MOST)
    now = clock.now(session)
    row = LotDraft(
        code=new_code(),
        seller_id=seller_id,
        person_id=person_id,
        site_id=site_id,
        said=dict(said),
        photos=_kept(photos),
        open_s=open_s,
        kept_at=now,
        changed_at=now,
    )
    session.add(row)
    session.flush()
    return row


def change_draft(
    session: Session,
    *,
    clock: Clock,
    code: str,
    seller_id: int,
    said: Mapping[str, Any],
    site_id: int | None = None,
    open_s: int = DAY_S,
    photos: Sequence[PhotoRef] = (),
) -> LotDraft:
    """Say a draft anew. Raises `NoSuchDraft`, `DraftIsPublished` or `DraftIsDropped`."""
    row = lock_draft(session, code=code, seller_id=seller_id)
    _check(said, photos)
    if row.listing_id is not None:
        raise DraftIsPublished(draft=row.code)
    _refuse_dropped(row)
    row.sqlmodel_update(
        {
            "said": dict(said), "site_id": site_id, "open_s": open_s, "photos": _kept(photos),
            "changed_at": clock.now(session),
        }
    )  # fmt: skip
    session.add(row)
    session.flush()
    return row


def drop_draft(session: Session, *, clock: Clock, code: str, seller_id: int) -> LotDraft:
    """Drop a draft; twice is once. Raises `NoSuchDraft` or `DraftIsPublished`."""
    row = lock_draft(session, code=code, seller_id=seller_id)
    if row.listing_id is not None:
        raise DraftIsPublished(draft=row.code)
    if row.dropped_at is None:
        row.dropped_at = clock.now(session)
        session.add(row)
    return row


def publish_draft(
    session: Session,
    *,
    clock: Clock,
    code: str,
    seller_id: int,
    person_id: int,
    house: HouseRules = HOUSE,
) -> Listing:
    """Publish a draft; asked again, whatever the reason, the listing that it became.

    The draft is locked first, so that two who publish it at once make one listing. It stays on
    offer for `open_s` from now. Raises `NoSuchDraft`, `DraftIsDropped`, `DraftIncomplete` (its
    fact `field` names what is missing first) and what `put_up` raises.
    """
    row = lock_draft(session, code=code, seller_id=seller_id)
    if row.listing_id is not None:
        return session.exec(select(Listing).where(Listing.id == row.listing_id)).one()
    _refuse_dropped(row)
    return publish_rows(
        session, clock=clock, rows=[row], seller_id=seller_id, person_id=person_id, house=house
    )[0]


def publish_rows(
    session: Session,
    *,
    clock: Clock,
    rows: Sequence[LotDraft],
    seller_id: int,
    person_id: int,
    house: HouseRules = HOUSE,
) -> list[Listing]:
    """Publish drafts that are locked, or new, and of one site, at once and in their order.

    Raises `DraftIncomplete` and what `put_up` raises.
    """
    now = clock.now(session)
    offers = [
        Offer(
            draft_of(row.said, open_s=row.open_s, now=now),
            [PhotoRef(*each) for each in row.photos],
        )
        for row in rows
    ]
    sites = {row.site_id for row in rows}
    if None in sites:
        raise DraftIncomplete(field="site", missing="site")
    (site_id,) = sites
    listings = put_up(
        session, clock=clock, seller_id=seller_id, person_id=person_id, site_id=site_id or 0,
        offers=offers, house=house,
    )  # fmt: skip
    for row, listing in zip(rows, listings, strict=True):
        row.sqlmodel_update({"listing_id": listing.key, "published_at": now})
        session.add(row)
    session.flush()
    return listings


def lock_draft(session: Session, *, code: str, seller_id: int) -> LotDraft:
    """Return a draft of the seller's own, locked. Raises `NoSuchDraft`."""
    row = session.exec(
        select(LotDraft)
        .where(LotDraft.code == code, LotDraft.seller_id == seller_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one_or_none()
    if row is None:
        raise NoSuchDraft(draft=code[:20])
    return row


def draft_by_code(session: Session, *, code: str, seller_id: int) -> LotDraft:
    """Return a draft of the seller's own. Raises `NoSuchDraft`."""
    row = session.exec(
        select(LotDraft).where(LotDraft.code == code, LotDraft.seller_id == seller_id)
    ).one_or_none()
    if row is None:
        raise NoSuchDraft(draft=code[:20])
    return row


def drafts_of(
    session: Session, *, seller_id: int, limit: int = 50, offset: int = 0
) -> list[LotDraft]:
    """Return the seller's drafts that wait to be published, those changed last first."""
    return list(
        session.exec(
            select(LotDraft)
            .where(*_waits(seller_id))
            .order_by(col(LotDraft.changed_at).desc(), col(LotDraft.id))
            .limit(limit)
            .offset(offset)
        )
    )


def waiting(session: Session, *, seller_id: int) -> int:
    """Return how many drafts of a seller wait to be published."""
    return session.exec(select(func.count()).select_from(LotDraft).where(*_waits(seller_id))).one()


def _waits(seller_id: int) -> tuple[Any, ...]:
    return (
        LotDraft.seller_id == seller_id,
        col(LotDraft.listing_id).is_(None),
        col(LotDraft.dropped_at).is_(None),
    )


def _check(said: Mapping[str, Any], photos: Sequence[PhotoRef]) -> None:
    check_said(said)
    if len(photos) > MOST_PHOTOS:
        raise TooManyPhotos(field="photos", most=MOST_PHOTOS)


def _kept(photos: Sequence[PhotoRef]) -> list[Any]:
    return [[each.sha256, each.width_px, each.height_px] for each in photos]


def _refuse_dropped(row: LotDraft) -> None:
    if row.dropped_at is not None:
        raise DraftIsDropped(draft=row.code)
