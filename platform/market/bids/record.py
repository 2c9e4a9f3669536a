"""What a batch asks of the database and what it writes: as few statements as that can be.

Other processes wait while an auction is locked, so each way to the database and back counts. On
PostgreSQL a batch takes one to lock, one to read, the clock with it, one to write and the commit.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    Row,
    String,
    Table,
    Update,
    and_,
    bindparam,
    func,
    select,
    true,
    update,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlmodel import Session

from remelt.platform.kernel import outbox
from remelt.platform.kernel.clock import DatabaseTime
from remelt.platform.kernel.many import as_json, insert_many, inserting
from remelt.platform.market.auction_models import Auction, Bid
from remelt.platform.market.errors import NoSuchListing
from remelt.platform.market.models import Listing
from remelt.platform.market.terms_models import AuctionTerms

_AUCTION: Table = Auction.__table__  # type: ignore[attr-defined]
_BID: Table = Bid.__table__  # type: ignore[attr-defined]
_LISTING: Table = Listing.__table__  # type: ignore[attr-defined]
_TERMS: Table = AuctionTerms.__table__  # type: ignore[attr-defined]
_GIVEN = "given_"
_LINE = tuple(name for name in _BID.c.keys() if name != "id")  # noqa: SIM118 - a collection
_HERE: Any = bindparam("auction_id")
_ROW = select(_AUCTION.c.id).where(_AUCTION.c.id == _HERE)
_TURN = select(func.pg_advisory_xact_lock(_HERE).label("taken")).cte("turn")
_LOCK = {
    "postgresql": _ROW.join_from(_TURN, _AUCTION, true()).with_for_update(of=_AUCTION),
    "sqlite": _ROW,
}


def _named_on_postgresql() -> Any:
    """The kept lines under the keys asked for, found by the keys alone.

    `OFFSET 0` keeps the planner from reading every line of the auction instead.
    """
    keys = (
        func.unnest(bindparam("keys", type_=ARRAY(String)))
        .table_valued("key")
        .render_derived(name="keys")
    )
    one = select(_BID).where(_BID.c.client_bid_id == keys.c.key).offset(0).lateral("one")
    return select(one).select_from(keys.join(one, true())).subquery("named")


def _state(named: Any, *, on: Any) -> Any:
    return (
        select(
            _AUCTION,
            _LISTING.c.code.label("listing_code"),
            _LISTING.c.declared_mass_g.label("mass_g"),
            _TERMS.c.deposit_fen,
            _TERMS.c.licence,
            _BID.c.seq.label("leading_seq"),
            _BID.c.bidder_id.label("leader_id"),
            _BID.c.person_id.label("leader_person_id"),
            _BID.c.deliver_to_site_id.label("leader_site_id"),
            DatabaseTime().label("told_at"),
            *(named.c[name].label(_GIVEN + name) for name in _LINE),
        )
        .join_from(_AUCTION, _LISTING)
        .join(_TERMS, _TERMS.c.auction_id == _AUCTION.c.id, isouter=True)
        .join(_BID, _BID.c.id == _AUCTION.c.leading_bid_id, isouter=True)
        .join(named, on, isouter=True)
        .where(_AUCTION.c.id == _HERE)
    )


_BY_KEYS, _KEPT = _named_on_postgresql(), _BID.alias("kept")
_STATE = {
    "postgresql": _state(_BY_KEYS, on=_BY_KEYS.c.auction_id == _AUCTION.c.id),
    "sqlite": _state(
        _KEPT,
        on=and_(
            _KEPT.c.auction_id == _AUCTION.c.id,
            _KEPT.c.client_bid_id.in_(bindparam("keys", expanding=True)),
        ),
    ),
}


def _stands(bid: Any) -> Update:
    """Write how the auction stands; `bid`: where the line that leads is found by its number.

    Where nothing of `bid` has the number, what led leads on.
    """
    leads = select(bid.c.id).where(bid.c.seq == bindparam("leading")).scalar_subquery()
    return (
        update(_AUCTION)
        .where(_AUCTION.c.id == _HERE)
        .values(
            {name: bindparam(name) for name in ("closes_at", "bid_seq", "bid_count")}
            | {name: bindparam(name) for name in ("leading_fen_per_t", "limit_fen_per_t")}
            | {"leading_bid_id": func.coalesce(leads, _AUCTION.c.leading_bid_id)}
        )
    )


_MADE = inserting(_BID, _LINE, rows="lines").returning(_BID.c.id, _BID.c.seq).cte("made")
_WRITE = _stands(_MADE).add_cte(outbox.inserting_events(rows="events").cte("told"))
_STANDS = _stands(_BID.select().where(_BID.c.auction_id == _HERE).subquery())


@dataclass(frozen=True, slots=True)
class State:
    """An auction as it stands under the lock, and the kept lines of the keys asked for, by key.

    facts: its row with `listing_code`, `mass_g`, the conditions `deposit_fen` and `licence`, what
    is known of the line that leads, and `told_at`: the database's clock, None where it has none.
    """

    facts: Row[Any]
    given: dict[str, Mapping[str, Any]]


def lock(session: Session, *, auction_id: int) -> None:
    """Lock an auction. Raises `NoSuchListing`.

    PostgreSQL wakes all who wait for a row that was changed, and all but one of them wait anew. So
    batches of several processes stand in line for a turn first, which is handed to one at a time;
    the row is locked all the same, against whoever closes or amends the auction.
    """
    connection = session.connection()
    asked = {"auction_id": auction_id}
    found = connection.execute(_LOCK[connection.dialect.name], asked).one_or_none()
    if found is None:
        raise NoSuchListing(listing=str(auction_id))


def read(session: Session, *, auction_id: int, keys: Sequence[str]) -> State:
    """Return how a locked auction stands, and which of `keys` were given before."""
    connection = session.connection()
    asked = {"auction_id": auction_id, "keys": keys}
    rows = connection.execute(_STATE[connection.dialect.name], asked).all()
    given = [row._mapping for row in rows if row.given_seq is not None]  # noqa: SLF001 - its name
    return State(
        rows[0],
        {row["given_client_bid_id"]: {n: row[_GIVEN + n] for n in _LINE} for row in given},
    )


def write(
    session: Session,
    *,
    stands: Mapping[str, Any],
    lines: Sequence[Mapping[str, Any]],
    events: Sequence[outbox.Event],
) -> None:
    """Add lines to the record, write how the auction stands, and keep the events.

    stands: `auction_id`, the columns that offers change, and `leading`: the number of the line
    that leads.
    """
    connection = session.connection()
    if connection.dialect.name == "postgresql":
        told = outbox.staged(session, events)
        rows = {"lines": as_json(lines), "events": as_json(told)}
        connection.execute(_WRITE, {**stands, **rows})
        return
    insert_many(session, _BID, lines)
    connection.execute(_STANDS, stands)
    outbox.record_all(session, events)
