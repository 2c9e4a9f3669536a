"""What could be charged at a site: its stock, lots on the market, and bought metal."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, select

from remelt.platform.catalogue import queries as catalogue
from remelt.platform.catalogue.carbon import co2e_g
from remelt.platform.catalogue.models import Factor, Grade
from remelt.platform.market.auction_models import Auction
from remelt.platform.market.bids.reading import least_bid
from remelt.platform.market.boards import board_price
from remelt.platform.market.models import Contract, Listing
from remelt.platform.market.offerings import Offering
from remelt.platform.market.state import holding_lot, taking_bids
from remelt.platform.market.ways import by_road_m, distance_m
from remelt.platform.parties.models import Site
from remelt.platform.works.alloy_classes import Named, alloy_classes
from remelt.platform.works.charge_models import Material
from remelt.platform.works.charging.problem import TONNE_G, WHOLE_BP, Content, Source
from remelt.platform.works.contents import Chemist, assays_of_lots, purity_bp, with_base
from remelt.platform.works.queries import StockLine, stock
from remelt.platform.works.recipes import materials
from remelt.traceability.models import Lot

ENDLESS_G = 10_000_000_000
METRES_PER_KM = 1_000


@dataclass(frozen=True, kw_only=True)
class Haul:
    """How bought lots come: fen per tonne-kilometre, and the factor of the truck, if known.

    recover_vat: the price counts net of the VAT on the invoice. usual_yield_bp: metal recovered
    from a lot of which neither the smelter nor its grade says.
    """

    fen_per_tkm: int
    factor_id: str | None = None
    recover_vat: bool = True
    usual_yield_bp: int = 9_000


@dataclass(frozen=True, slots=True)
class Gathered:
    """Sources for the planner, what the page says of each by key, and what was left out.

    left_out: (code, grade, why) with why of `contents`, `price`.
    """

    sources: tuple[Source, ...]
    said: Mapping[str, dict[str, Any]]
    left_out: tuple[tuple[str, str, str], ...]


@dataclass(frozen=True, slots=True)
class _Found:
    """One lot with all that is asked of it; None where nobody knows."""

    key: str
    grade: Named
    mass_g: int
    lot_id: int | None
    metal_bp: int | None
    price_fen_per_t: int | None
    co2e_g_per_t: int
    said: dict[str, Any]


def gather(
    session: Session,
    *,
    site: Site,
    organisation_code: str,
    metal: str,
    haul: Haul,
    now: datetime,
    market: bool,
    whole: bool,
) -> Gathered:
    """Return everything of a metal that could be charged at a site today.

    market: lots that others offer now too, at the least price they would take. whole: those are
    charged whole; lots in stock may always be cut.
    """
    known = materials(session, organisation_id=site.organisation_id)
    own = _stock(session, site=site, organisation_code=organisation_code, metal=metal)
    offers = _offers(session, site=site, metal=metal, now=now) if market else []
    lots = _lots(session, [offer.listing.lot_code for offer, _from in offers])
    every = [*(line.lot for line in own), *lots.values()]
    grades = {(lot.grade_system, lot.grade_code) for lot in every} | {
        (offer.listing.grade_system, offer.listing.grade_code) for offer, _from in offers
    }
    classes = alloy_classes(session, grades)
    chemist = Chemist(
        materials=known,
        classes=classes,
        alloys=catalogue.alloys(session, base_metal=metal),
        assays=assays_of_lots(session, [lot.key for lot in every]),
    )
    found = [_own(session, line.lot, site=site, chemist=chemist, now=now) for line in own]
    rows = {(row.system, row.code): row for row in catalogue.grades(session, metal=metal)}
    factor = catalogue.factor(session, haul.factor_id) if haul.factor_id else None
    found += [
        _offer(offer, lots.get(offer.listing.lot_code), haul=haul, factor=factor,
               metal_bp=_content(rows.get((offer.listing.grade_system, offer.listing.grade_code))),
               metres=distance_m(site, from_site))
        for offer, from_site in offers
    ]  # fmt: skip
    return _sorted_out(
        found, chemist=chemist, classes=classes, bought=known, whole=whole, metal=metal,
        usual_bp=haul.usual_yield_bp,
    )  # fmt: skip


def _stock(session: Session, *, site: Site, organisation_code: str, metal: str) -> list[StockLine]:
    """Stock of one's own that nobody was promised; what was cast here is product, not charge."""
    lines = stock(session, organisation_code=organisation_code, site_codes=[site.code], metal=metal)
    codes = [line.lot.code for line in lines]
    held = set(
        session.exec(
            select(Listing.lot_code).where(col(Listing.lot_code).in_(codes), holding_lot())
        )
    ) | set(
        session.exec(
            select(Contract.lot_code).where(
                col(Contract.lot_code).in_(codes), col(Contract.title_passed_at).is_(None)
            )
        )
    )
    return [
        line for line in lines if _is_charge(line, organisation_code) and line.lot.code not in held
    ]


def _is_charge(line: StockLine, organisation_code: str) -> bool:
    """Tell whether a lot is of one's own and no product or dross of a furnace."""
    lot, state = line.lot, line.state
    return lot.owner == organisation_code and lot.form != "dross" and state.melted_g < lot.mass_g


def _offers(
    session: Session, *, site: Site, metal: str, now: datetime
) -> list[tuple[Offering, Site]]:
    """Lots that others offer now, with where they lie."""
    rows = session.exec(
        select(Listing, Auction, Site)
        .join(Auction, col(Auction.listing_id) == col(Listing.id))
        .join(Site, col(Site.id) == col(Listing.site_id))
        .where(
            taking_bids(now),
            Listing.metal == metal,
            Listing.seller_id != site.organisation_id,
        )
        .order_by(col(Listing.id))
    )
    return [(Offering(listing, auction), lies_at) for listing, auction, lies_at in rows]


def _lots(session: Session, codes: Iterable[str]) -> dict[str, Lot]:
    rows = session.exec(select(Lot).where(col(Lot.code).in_(list(codes))))
    return {lot.code: lot for lot in rows}


def _content(grade: Grade | None) -> int | None:
    if grade is None:
        return None
    return grade.metal_nominal_bp if grade.metal_nominal_bp is not None else grade.metal_min_bp


def _own(session: Session, lot: Lot, *, site: Site, chemist: Chemist, now: datetime) -> _Found:
    grade = (lot.grade_system, lot.grade_code)
    said = chemist.material(grade)
    price = said.price_fen_per_t if said else None
    if price is None:
        line = board_price(
            session, site_id=site.key, grade_system=grade[0], grade_code=grade[1],
            mass_g=lot.mass_g, with_invoice=False, at=now,
        )  # fmt: skip
        price = line.price_fen_per_t if line else None
    return _Found(
        key=lot.code,
        grade=grade,
        mass_g=lot.mass_g,
        lot_id=lot.key,
        metal_bp=lot.metal_bp,
        price_fen_per_t=price,
        co2e_g_per_t=max(0, lot.vectors.co2e_g) * TONNE_G // lot.mass_g,
        said={"kind": "stock", "grade": lot.grade_code, "primary": lot.origin == "primary"},
    )


def _offer(
    offer: Offering,
    lot: Lot | None,
    *,
    haul: Haul,
    factor: Factor | None,
    metal_bp: int | None,
    metres: int | None,
) -> _Found:
    """A lot on the market at the least price that it could be had for, delivered, net of VAT."""
    listing, auction = offer.listing, offer.auction
    ask = auction.fixed_fen_per_t or least_bid(auction)
    road_m = by_road_m(metres or 0)
    freight = haul.fen_per_tkm * road_m // METRES_PER_KM
    relieved = listing.vat_rate_bp if listing.tax_included and haul.recover_vat else 0
    way = co2e_g(TONNE_G * road_m, factor, unit="g*m") if factor else 0
    carried = max(0, lot.vectors.co2e_g) * TONNE_G // lot.mass_g if lot and lot.mass_g else 0
    return _Found(
        key=listing.code,
        grade=(listing.grade_system, listing.grade_code),
        mass_g=listing.declared_mass_g,
        lot_id=lot.key if lot else None,
        metal_bp=metal_bp,
        price_fen_per_t=None
        if ask is None
        else ask * WHOLE_BP // (WHOLE_BP + relieved) + freight,
        co2e_g_per_t=carried + way,
        said={
            "kind": "market", "grade": listing.grade_code, "title": listing.title,
            "name_zh": listing.grade_zh, "name_en": listing.grade_en,
            "ask_fen_per_t": ask, "vat_bp": relieved, "freight_fen_per_t": freight,
            "road_m": road_m if metres is not None else None, "primary": False,
            "tax_included": listing.tax_included,
        },
    )  # fmt: skip


def _sorted_out(
    found: Iterable[_Found],
    *,
    chemist: Chemist,
    classes: Mapping[Named, str],
    bought: Iterable[Material],
    whole: bool,
    metal: str,
    usual_bp: int,
) -> Gathered:
    sources, said, left_out = [], {}, []
    for each in found:
        known = chemist.of(each.grade, lot_id=each.lot_id)
        material = chemist.material(each.grade)
        recovered = material.yield_bp if material else each.metal_bp or usual_bp
        if known is None or not each.price_fen_per_t:
            left_out.append((each.key, each.grade[1], "price" if known else "contents"))
            continue
        sources.append(
            Source(
                key=each.key,
                mass_g=each.mass_g,
                price_fen_per_t=each.price_fen_per_t,
                elements=with_base(known.elements, metal),
                yield_bp=recovered,
                co2e_g_per_t=each.co2e_g_per_t,
                scrap=not each.said["primary"],
                whole=whole and each.said["kind"] == "market",
                alloy_class=classes.get(each.grade, ""),
            )
        )
        said[each.key] = each.said | {"how": known.how}
    for row in bought:
        if row.kind == "bought":
            sources.append(_bought(row, metal=metal))
            said[row.code] = {"kind": "bought", "grade": row.name, "element": row.element,
                              "purity_bp": purity_bp(row),
                              "carbon_known": row.co2e_g_per_t is not None}  # fmt: skip
    return Gathered(tuple(sources), said, tuple(left_out))


def _bought(row: Material, *, metal: str) -> Source:
    elements = {name: Content(*pair) for name, pair in row.contents.items()}
    return Source(
        key=row.code,
        mass_g=ENDLESS_G,
        price_fen_per_t=row.price_fen_per_t or 0,
        elements=with_base(elements, metal) if row.element == metal else elements,
        yield_bp=row.yield_bp,
        co2e_g_per_t=row.co2e_g_per_t or 0,
        scrap=False,
    )
