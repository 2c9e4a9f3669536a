"""Price boards: what a site pays for a grade, from when, by mass, with or without invoice.

Entries are only added; the newest that has begun holds. A line without a price is off the board.
"""

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from operator import itemgetter

import sqlalchemy
from sqlalchemy import func
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select

from remelt.platform.catalogue import queries as catalogue
from remelt.platform.catalogue.errors import NoSuchGrade
from remelt.platform.kernel import outbox
from remelt.platform.kernel.clock import Clock
from remelt.platform.market.drafts import check_price
from remelt.platform.market.errors import BackdatedPrice, MassOutOfBounds, UnknownGrade, UnknownWord
from remelt.platform.market.events import BoardPriceSet
from remelt.platform.market.models import MAX_MASS_G, PriceBoardEntry
from remelt.platform.market.ways import distance_m
from remelt.platform.parties.errors import NoSuchSite
from remelt.platform.parties.models import Site

MAX_VAT_BP = 10_000


@dataclass(frozen=True, slots=True)
class BoardLine:
    """One line of a board as it hangs: a grade, a tier of mass, a price."""

    site_id: int
    grade_system: str
    grade_code: str
    with_invoice: bool
    vat_rate_bp: int
    tier_from_g: int
    price_fen_per_t: int
    valid_from: datetime


def set_price(
    session: Session,
    *,
    clock: Clock,
    site_id: int,
    organisation_id: int,
    person_id: int,
    grade_system: str,
    grade_code: str,
    price_fen_per_t: int | None,
    with_invoice: bool,
    vat_rate_bp: int = 0,
    tier_from_g: int = 0,
    valid_from: datetime | None = None,
) -> PriceBoardEntry:
    """Hang out a price from `valid_from` (now, when None); `price_fen_per_t` None takes it off.

    price_fen_per_t: fen per tonne, with VAT at `vat_rate_bp` when `with_invoice`.
    tier_from_g: the price holds for purchases from this mass up.

    Raises `NoSuchSite` for a site of others or one that buys nothing, `UnknownGrade`,
    `PriceOutOfBounds`, `MassOutOfBounds` or `BackdatedPrice`.
    """
    site = _own_buying_site(session, site_id=site_id, organisation_id=organisation_id)
    try:
        catalogue.grade(session, system=grade_system, code=grade_code)
    except NoSuchGrade as reason:
        raise UnknownGrade(field="grade_code", grade=grade_code[:40]) from reason
    now = clock.now(session)
    starts = valid_from or now
    _check_line(price_fen_per_t, vat_rate_bp=vat_rate_bp, tier_from_g=tier_from_g)
    if starts < now:
        raise BackdatedPrice(field="valid_from")
    entry = PriceBoardEntry(
        site_id=site_id,
        grade_system=grade_system,
        grade_code=grade_code,
        with_invoice=with_invoice,
        vat_rate_bp=vat_rate_bp,
        tier_from_g=tier_from_g,
        price_fen_per_t=price_fen_per_t,
        valid_from=starts,
        set_at=now,
        person_id=person_id,
    )
    session.add(entry)
    outbox.record(
        session,
        BoardPriceSet(
            at=now,
            site_code=site.code,
            grade_system=grade_system,
            grade_code=grade_code,
            with_invoice=with_invoice,
            tier_from_g=tier_from_g,
            price_fen_per_t=price_fen_per_t,
            valid_from=starts,
        ),
    )
    return entry


def board_price(
    session: Session,
    *,
    site_id: int,
    grade_system: str,
    grade_code: str,
    mass_g: int,
    with_invoice: bool,
    at: datetime,
) -> BoardLine | None:
    """Return the line that prices `mass_g` of a grade at `at`: the highest tier reached."""
    lines = [
        line
        for line in board(session, site_ids=[site_id], at=at)
        if (line.grade_system, line.grade_code) == (grade_system, grade_code)
        and line.with_invoice == with_invoice
        and line.tier_from_g <= mass_g
    ]
    return max(lines, key=lambda line: line.tier_from_g, default=None)


@dataclass(frozen=True, slots=True)
class Hangings:
    """Every price that ever hung at a site: what `board_price` says, for many moments at once."""

    by_grade: Mapping[tuple[str, str, bool], Mapping[int, Sequence[tuple[datetime, int | None]]]]

    def price_fen_per_t(
        self, *, grade_system: str, grade_code: str, mass_g: int, with_invoice: bool, at: datetime
    ) -> int | None:
        """Return what `mass_g` of a grade was worth at `at`; None where no line priced it."""
        tiers = self.by_grade.get((grade_system, grade_code, with_invoice), {})
        for tier_from_g in sorted(tiers, reverse=True):
            hung = tiers[tier_from_g]
            begun = bisect_right(hung, at, key=itemgetter(0))
            price = hung[begun - 1][1] if begun else None
            if tier_from_g <= mass_g and price is not None:
                return price
        return None


def hangings(session: Session, *, site_id: int) -> Hangings:
    """Read every price of a site. One statement."""
    entry = PriceBoardEntry
    rows = session.execute(
        sqlalchemy.select(
            col(entry.grade_system), col(entry.grade_code), col(entry.with_invoice),
            col(entry.tier_from_g), col(entry.valid_from), col(entry.price_fen_per_t),
        )
        .where(col(entry.site_id) == site_id)
        .order_by(col(entry.valid_from), col(entry.id))
    )  # fmt: skip
    found: dict[tuple[str, str, bool], dict[int, list[tuple[datetime, int | None]]]] = {}
    for system, code, with_invoice, tier_from_g, valid_from, price in rows:
        tiers = found.setdefault((system, code, with_invoice), {})
        tiers.setdefault(tier_from_g, []).append((valid_from, price))
    return Hangings(found)


def board(session: Session, *, site_ids: Iterable[int], at: datetime) -> list[BoardLine]:
    """Return every line that hangs at these sites at `at`, by site, grade and tier."""
    newest = aliased(PriceBoardEntry)
    ranked = (
        select(
            newest.id,
            func.row_number()
            .over(
                partition_by=(
                    col(newest.site_id), col(newest.grade_system), col(newest.grade_code),
                    col(newest.with_invoice), col(newest.tier_from_g),
                ),
                order_by=(col(newest.valid_from).desc(), col(newest.id).desc()),
            )
            .label("rank"),
        )
        .where(col(newest.site_id).in_(list(site_ids)), col(newest.valid_from) <= at)
        .subquery()
    )  # fmt: skip
    entry = PriceBoardEntry
    rows = session.exec(
        select(entry)
        .join(ranked, ranked.c.id == col(entry.id))
        .where(ranked.c.rank == 1, col(entry.price_fen_per_t).is_not(None))
        .order_by(
            col(entry.site_id), col(entry.grade_system), col(entry.grade_code),
            col(entry.with_invoice), col(entry.tier_from_g),
        )
    )  # fmt: skip
    return [_line(row) for row in rows]


@dataclass(frozen=True, slots=True)
class NearbyBoard:
    """A buying site, how far it is as the crow flies (None without positions), its lines."""

    site: Site
    distance_m: int | None
    lines: list[BoardLine]


def boards_near(
    session: Session, *, site: Site | None, at: datetime, limit: int = 6
) -> list[NearbyBoard]:
    """Return boards of purchase points with prices, the nearest to `site` first. Two statements.

    Without a position: those of the same prefecture first.
    """
    sites = session.exec(
        select(Site)
        .where(
            col(Site.ended_at).is_(None),
            col(Site.can_purchase_point).is_(True),
            col(Site.id).in_(select(PriceBoardEntry.site_id)),
        )
        .order_by(col(Site.id))
    ).all()
    ranked = sorted(sites, key=lambda other: _rank(site, other))[:limit]
    by_site: dict[int, list[BoardLine]] = {}
    for line in board(session, site_ids=[each.key for each in ranked], at=at):
        by_site.setdefault(line.site_id, []).append(line)
    return [
        NearbyBoard(site=each, distance_m=distance_m(site, each), lines=by_site.get(each.key, []))
        for each in ranked
        if each.key in by_site
    ]


def buys(site: Site) -> bool:
    """Tell whether a site may have a price board."""
    return site.can_purchase_point or site.can_hub or site.can_smelt


def _rank(site: Site | None, other: Site) -> tuple[bool, int, bool, int]:
    metres = distance_m(site, other)
    same = site is not None and site.adcode[:4] == other.adcode[:4]
    return metres is None, metres or 0, not same, other.key


def _own_buying_site(session: Session, *, site_id: int, organisation_id: int) -> Site:
    site = session.exec(
        select(Site).where(
            Site.id == site_id,
            Site.organisation_id == organisation_id,
            col(Site.ended_at).is_(None),
        )
    ).one_or_none()
    if site is None or not buys(site):
        raise NoSuchSite(field="site")
    return site


def _check_line(price_fen_per_t: int | None, *, vat_rate_bp: int, tier_from_g: int) -> None:
    if price_fen_per_t is not None:
        check_price(price_fen_per_t, field="price_fen_per_t")
    if not 0 <= tier_from_g <= MAX_MASS_G:
        raise MassOutOfBounds(field="tier_from_g", mass_g=tier_from_g)
    if not 0 <= vat_rate_bp <= MAX_VAT_BP:
        raise UnknownWord(field="vat_rate_bp", value=str(vat_rate_bp)[:40])


def _line(entry: PriceBoardEntry) -> BoardLine:
    return BoardLine(
        site_id=entry.site_id,
        grade_system=entry.grade_system,
        grade_code=entry.grade_code,
        with_invoice=entry.with_invoice,
        vat_rate_bp=entry.vat_rate_bp,
        tier_from_g=entry.tier_from_g,
        price_fen_per_t=entry.price_fen_per_t or 0,
        valid_from=entry.valid_from,
    )
