"""Saved searches: kept, ended, and asked whom a new listing is to be told."""

from dataclasses import asdict, fields
from typing import Any, Final

from sqlmodel import Session, col, or_, select

from remelt.platform.kernel.clock import Clock
from remelt.platform.kernel.codes import new_code
from remelt.platform.market import search
from remelt.platform.market.following.errors import NoSuchSearch, SearchUnnamed, TooMuchFollowed
from remelt.platform.market.following.models import SavedSearch
from remelt.platform.market.offerings import Offering
from remelt.platform.market.search import BoardFilter

MOST: Final = 100
NAME_LIMIT: Final = 60
_PAGE_ONLY: Final = frozenset({"page", "sort"})
_UNSET: Final = asdict(BoardFilter())
_KNOWN: Final = {each.name for each in fields(BoardFilter)} - _PAGE_ONLY


def save_search(
    session: Session,
    *,
    clock: Clock,
    organisation_id: int,
    person_id: int,
    name: str,
    wanted: BoardFilter,
    alert: bool = True,
) -> SavedSearch:
    """Keep a search of the board; with `alert` each listing published later that fits is told.

    Raises `SearchUnnamed`, and `TooMuchFollowed` beyond 100 searches.
    """
    if not 0 < len(name.strip()) <= NAME_LIMIT:
        raise SearchUnnamed(field="name")
    if len(saved_searches(session, organisation_id=organisation_id)) >= MOST:
        raise TooMuchFollowed(most=MOST)
    row = SavedSearch(
        code=new_code(),
        organisation_id=organisation_id,
        person_id=person_id,
        name=name.strip(),
        metal=wanted.metal,
        wanted=said(wanted),
        alert=alert,
        saved_at=clock.now(session),
    )
    session.add(row)
    session.flush()
    return row


def saved_searches(session: Session, *, organisation_id: int) -> list[SavedSearch]:
    """Return the searches that an organisation keeps, the newest first."""
    return list(
        session.exec(
            select(SavedSearch)
            .where(
                SavedSearch.organisation_id == organisation_id, col(SavedSearch.ended_at).is_(None)
            )
            .order_by(col(SavedSearch.id).desc())
        )
    )


def end_search(session: Session, *, clock: Clock, code: str, organisation_id: int) -> SavedSearch:
    """Stop keeping a search; twice is once. Raises `NoSuchSearch` for another organisation's."""
    row = session.exec(
        select(SavedSearch).where(
            SavedSearch.code == code, SavedSearch.organisation_id == organisation_id
        )
    ).one_or_none()
    if row is None:
        raise NoSuchSearch(search=code[:20])
    if row.ended_at is None:
        row.ended_at = clock.now(session)
        session.add(row)
    return row


def searches_for(session: Session, offered: Offering) -> list[SavedSearch]:
    """Return the searches with an alert that a listing fits, its seller's own left out.

    Searches of its metal or of any are read; the rest is decided by `search.fits`, which says
    what the board's SQL says.
    """
    listing = offered.listing
    rows = session.exec(
        select(SavedSearch)
        .where(
            col(SavedSearch.alert).is_(True),
            col(SavedSearch.ended_at).is_(None),
            SavedSearch.organisation_id != listing.seller_id,
            or_(SavedSearch.metal == "", SavedSearch.metal == listing.metal),
        )
        .order_by(col(SavedSearch.id))
    ).all()
    if not rows:
        return []
    terms = search.terms_of(session, listing)
    return [
        row for row in rows if search.fits(wanted_of(row), listing, offered.auction, terms=terms)
    ]


def said(wanted: BoardFilter) -> dict[str, Any]:
    """Return what a filter sets, without page and order."""
    return {
        name: value
        for name, value in asdict(wanted).items()
        if name in _KNOWN and value != _UNSET[name]
    }


def wanted_of(row: SavedSearch) -> BoardFilter:
    """Return the filter of a saved search."""
    return BoardFilter(**{name: value for name, value in row.wanted.items() if name in _KNOWN})
