"""Finding listings: words of one and two Chinese characters included, on both databases.

Each listing's words stand beside it cut into characters and pairs (`kernel.text`): an FTS5
table on SQLite, a tsvector with a GIN index on PostgreSQL, both made by `migrations.ddl`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import ColumnElement, case, func, select, text
from sqlmodel import Session, col

from remelt.platform.catalogue import queries as catalogue
from remelt.platform.catalogue.models import GradeAlias, Place
from remelt.platform.kernel.text import bigrams, search_terms
from remelt.platform.market.auction_models import Auction
from remelt.platform.market.models import Listing, ListingPhoto
from remelt.platform.market.state import taking_bids

PAGE = 24
Sort = Literal["closing", "newest", "mass", "price"]
_MODE = case((col(Auction.kind) == "fixed", "fixed"), else_="auction")
SORTS: tuple[Sort, ...] = ("closing", "newest", "mass", "price")


@dataclass(frozen=True, slots=True, kw_only=True)
class BoardFilter:
    """What the board of open listings is narrowed to; empty and None take all.

    prefecture: its six-digit adcode. mass_from_g, mass_to_g: grams, both ends included.
    page: from 1.
    """

    words: str = ""
    metal: str = ""
    grade_system: str = ""
    grade_code: str = ""
    form: str = ""
    track: str = ""
    prefecture: str = ""
    origin: str = ""
    price_mode: str = ""
    mass_from_g: int | None = None
    mass_to_g: int | None = None
    sort: Sort = "closing"
    page: int = 1


@dataclass(frozen=True, slots=True)
class ListingCard:
    """One listing on the board. The reserve and the parties are not on it."""

    code: str
    title: str
    metal: str
    grade_system: str
    grade_code: str
    grade_zh: str
    grade_en: str
    form: str
    declared_mass_g: int
    place_zh: str
    place_en: str
    origin: str
    track: str
    productive: bool
    price_mode: str
    kind: str
    fixed_fen_per_t: int | None
    start_fen_per_t: int | None
    leading_fen_per_t: int | None
    tax_included: bool
    vat_rate_bp: int
    bid_count: int
    opens_at: datetime
    closes_at: datetime
    photo: str | None


@dataclass(frozen=True, slots=True)
class BoardPage:
    """One page of the board, and how many listings match in all."""

    cards: list[ListingCard]
    total: int
    page: int
    pages: int


def open_listings(session: Session, *, now: datetime, wanted: BoardFilter) -> BoardPage:
    """Return the page of listings that take bids or buyers at `now`. Two statements."""
    conditions = _conditions(session, now=now, wanted=wanted)
    counted = select(func.count(col(Listing.id))).join_from(Listing, Auction).where(*conditions)
    total = session.execute(counted).scalar_one()
    pages = max(1, -(-total // PAGE))
    page = min(max(1, wanted.page), pages)
    statement = (
        _cards()
        .where(*conditions)
        .order_by(*_order(wanted.sort))
        .limit(PAGE)
        .offset((page - 1) * PAGE)
    )
    cards = [ListingCard(*row) for row in session.execute(statement)]
    return BoardPage(cards=cards, total=total, page=page, pages=pages)


def index_listings(session: Session, listings: Sequence[Listing]) -> None:
    """Keep the words that these listings are found by."""
    if session.get_bind().dialect.name == "sqlite":
        statement = "INSERT INTO listing_search (rowid, terms) VALUES (:id, :terms)"
    else:
        statement = (
            "INSERT INTO listing_search (listing_id, terms)"
            " VALUES (:id, array_to_tsvector(string_to_array(:terms, ' ')))"
        )
    terms = terms_of_all(session, listings)
    rows = [{"id": each.key, "terms": said} for each, said in zip(listings, terms, strict=True)]
    session.execute(text(statement), rows)


def terms_of(session: Session, listing: Listing) -> str:
    """Return the words that a listing is found by, cut as the index holds them."""
    return terms_of_all(session, [listing])[0]


def terms_of_all(session: Session, listings: Sequence[Listing]) -> list[str]:
    """Return of each listing what `terms_of` returns. Two statements, whatever their number."""
    called = _aliases(session, listings)
    metals = {row.code: (row.name_zh, row.name_en) for row in catalogue.metals(session)}
    return [
        bigrams(
            " ".join(
                [
                    each.title, each.grade_zh, each.grade_en, each.grade_code, each.metal,
                    each.place_zh, each.place_en,
                    *called.get((each.grade_system, each.grade_code), ()),
                    *metals.get(each.metal, ()),
                ]
            )
        )
        for each in listings
    ]  # fmt: skip


def fits(wanted: BoardFilter, listing: Listing, auction: Auction, *, terms: str) -> bool:
    """Tell whether a listing is one that the board would show under this filter once it is open.

    terms: the listing's, of `terms_of`. A test compares this with the board's SQL.
    """
    least, most = wanted.mass_from_g, wanted.mass_to_g
    said = listing.model_dump() | {"price_mode": auction.price_mode}
    return (
        all(value in ("", said.get(name)) for name, value in _named(wanted))
        and listing.adcode.startswith(wanted.prefecture[:4])
        and (least is None or listing.declared_mass_g >= least)
        and (most is None or listing.declared_mass_g <= most)
        and _all_held(search_terms(wanted.words[:100]), terms.split(" "))
    )


def place_names(session: Session, *, adcode: str) -> tuple[str, str]:
    """Return a county with its prefecture, in Chinese and English; empty where unknown."""
    chain = [adcode[:4] + "00", adcode]
    rows = session.execute(select(Place).where(col(Place.adcode).in_(chain))).scalars()
    newest = {row.adcode: row for row in sorted(rows, key=lambda row: row.valid_from)}
    found = [newest[code] for code in dict.fromkeys(chain) if code in newest]
    zh = "".join(place.name_zh for place in found)
    return zh, ", ".join(place.name_en for place in reversed(found))


def _aliases(session: Session, listings: Sequence[Listing]) -> dict[tuple[str, str], list[str]]:
    """Return what the grades of these listings are called, by system and code."""
    rows = session.execute(
        select(col(GradeAlias.system), col(GradeAlias.code), col(GradeAlias.alias))
        .where(
            col(GradeAlias.system).in_({each.grade_system for each in listings}),
            col(GradeAlias.code).in_({each.grade_code for each in listings}),
        )
        .distinct()
    )
    found: dict[tuple[str, str], list[str]] = {}
    for system, code, alias in rows:
        found.setdefault((system, code), []).append(alias)
    return found


def _conditions(
    session: Session, *, now: datetime, wanted: BoardFilter
) -> list[ColumnElement[bool]]:
    conditions = [taking_bids(now)]
    columns: dict[str, Any] = {name: getattr(Listing, name, _MODE) for name, _ in _named(wanted)}
    conditions += [columns[name] == value for name, value in _named(wanted) if value]
    if wanted.prefecture:
        conditions.append(col(Listing.adcode).startswith(wanted.prefecture[:4], autoescape=True))
    if wanted.mass_from_g is not None:
        conditions.append(col(Listing.declared_mass_g) >= wanted.mass_from_g)
    if wanted.mass_to_g is not None:
        conditions.append(col(Listing.declared_mass_g) <= wanted.mass_to_g)
    terms = search_terms(wanted.words[:100])
    if terms:
        conditions.append(_holds(terms, sqlite=session.get_bind().dialect.name == "sqlite"))
    return conditions


def _named(wanted: BoardFilter) -> tuple[tuple[str, str], ...]:
    """Return the columns of a listing that a filter asks one word of, and the word."""
    return (
        ("metal", wanted.metal),
        ("grade_system", wanted.grade_system),
        ("grade_code", wanted.grade_code),
        ("form", wanted.form),
        ("track", wanted.track),
        ("origin", wanted.origin),
        ("price_mode", wanted.price_mode),
    )


def _all_held(asked: list[str], held: list[str]) -> bool:
    """Tell whether every term stands among those held; Latin ones match from their start."""
    whole = frozenset(held)
    return all(
        term in whole or (term.isascii() and any(each.startswith(term) for each in held))
        for term in asked
    )


def _holds(terms: list[str], *, sqlite: bool) -> Any:
    """Return the condition that a listing holds every term; Latin words match from their start.

    Terms are letters and digits only (`search_terms`), so quoting them is enough.
    """
    if sqlite:
        asked = " ".join(f'"{term}"*' if term.isascii() else f'"{term}"' for term in terms)
        found = "SELECT rowid FROM listing_search WHERE listing_search MATCH :asked"
    else:
        asked = " & ".join(f"'{term}':*" if term.isascii() else f"'{term}'" for term in terms)
        found = "SELECT listing_id FROM listing_search WHERE terms @@ CAST(:asked AS tsquery)"
    return text(f"listing.id IN ({found})").bindparams(asked=asked)


def _order(sort: Sort) -> tuple[ColumnElement[Any], ...]:
    price = func.coalesce(col(Auction.leading_fen_per_t), col(Auction.start_fen_per_t))
    first: dict[Sort, ColumnElement[Any]] = {
        "closing": col(Auction.closes_at).asc(),
        "newest": col(Listing.published_at).desc(),
        "mass": col(Listing.declared_mass_g).desc(),
        "price": price.desc(),
    }
    return first[sort], col(Listing.id).asc()


def _cards() -> Any:
    photo = (
        select(col(ListingPhoto.sha256))
        .where(col(ListingPhoto.listing_id) == col(Listing.id), col(ListingPhoto.ord) == 0)
        .scalar_subquery()
    )
    fixed = case((_MODE == "fixed", col(Auction.start_fen_per_t)))
    start = case((_MODE == "auction", col(Auction.start_fen_per_t)))
    return select(
        col(Listing.code), col(Listing.title), col(Listing.metal), col(Listing.grade_system),
        col(Listing.grade_code), col(Listing.grade_zh), col(Listing.grade_en), col(Listing.form),
        col(Listing.declared_mass_g), col(Listing.place_zh), col(Listing.place_en),
        col(Listing.origin), col(Listing.track), col(Listing.productive),
        _MODE, col(Auction.kind), fixed, start,
        col(Auction.leading_fen_per_t), col(Listing.tax_included), col(Listing.vat_rate_bp),
        col(Auction.bid_count), col(Auction.opens_at), col(Auction.closes_at), photo,
    ).join_from(Listing, Auction)  # fmt: skip
