"""What the API of combined sales takes and tells."""

from typing import Annotated, Any, Literal

from pydantic import Field

from remelt.platform.market.combined.queries import SaleCard, SaleView
from remelt.web.api.market_in import Code, FenPerT, Grams
from remelt.web.fmt import stamp
from remelt.web.inputs import ApiIn, ApiOut, Moment


class SaleLotIn(ApiIn):
    """A listing that goes into the sale; its reserve is what it asks unless one is given."""

    listing: Code
    reserve_fen_per_t: FenPerT | None = None
    exempt: Annotated[str, Field(max_length=200)] = ""


class SaleIn(ApiIn):
    """A combined sale to open; freight in fen and carbon in g CO2e per tonne-kilometre.

    whole: sold only together, as one bundle of at most 20 lots.
    """

    title: Annotated[str, Field(max_length=120)] = ""
    closes_at: Moment
    lots: Annotated[list[SaleLotIn], Field(min_length=1, max_length=500)]
    freight_fen_per_tkm: Annotated[int, Field(ge=0, le=10**6)] = 0
    co2e_g_per_tkm: Annotated[int, Field(ge=0, le=10**7)] = 0
    carbon_fen_per_t: FenPerT = 0
    preserve_permille: Annotated[int, Field(ge=0, le=1_000)] = 30
    whole: bool = False


class PackageLineIn(ApiIn):
    """A lot and its price in fen per tonne, tax as the sale says."""

    lot: Code
    price_fen_per_t: FenPerT


class PackageIn(ApiIn):
    """An offer for all of its lots together."""

    lines: Annotated[list[PackageLineIn], Field(min_length=1, max_length=20)]
    deliver_to: Code
    use: Literal["wrought", "cast"]
    mark: Annotated[str, Field(max_length=8)] = ""
    capacity_g: Grams | None = None


class SaleLotOut(ApiOut):
    """A lot of a sale. sold: None before the award; price: for its seller and buyer alone."""

    lot_code: str
    listing_code: str
    grade_system: str
    grade_code: str
    declared_mass_g: int
    reserve_fen_per_t: int
    wrought: bool
    exempt: str
    sold: bool | None
    contract_code: str | None
    price_fen_per_t: int | None


class PackageOut(ApiOut):
    """One's own offer. won: None before the award."""

    seq: int
    prices: dict[str, int]
    use: str
    mark: str
    capacity_g: int | None
    won: bool | None


class SaleOut(ApiOut):
    """A combined sale as the viewer sees it: own offers alone. search: empty before the award.

    stuck_for: why the award failed, told to the seller alone.
    """

    code: str
    title: str
    state: str
    own: bool
    closes_at: str
    tax_included: bool
    vat_rate_bp: int
    freight_fen_per_tkm: int
    co2e_g_per_tkm: int
    carbon_fen_per_t: int
    preserve_permille: int
    whole: bool
    stuck_for: str
    problem_sha256: str
    lots: list[SaleLotOut]
    offers: list[PackageOut]
    search: dict[str, Any]

    @classmethod
    def of(cls, view: SaleView) -> "SaleOut":
        """Return a sale as programs see it."""
        sale = view.sale
        same = ("code", "title", "tax_included", "vat_rate_bp", "freight_fen_per_tkm",
                "co2e_g_per_tkm", "carbon_fen_per_t", "preserve_permille",
                "problem_sha256", "whole")  # fmt: skip
        codes = {lot.key: listing.lot_code for lot, listing in view.lots}
        return cls(
            **{name: getattr(sale, name) for name in same},
            state=view.state,
            own=view.own,
            stuck_for=sale.stuck_for if view.own else "",
            closes_at=stamp(sale.closes_at),
            lots=_lots(view),
            offers=[
                PackageOut(
                    seq=each.offer.seq,
                    prices={codes[line.lot_id]: line.price_fen_per_t for line in each.lines},
                    use="wrought" if each.offer.wrought else "cast",
                    mark=each.offer.mark,
                    capacity_g=each.offer.capacity_g,
                    won=each.won,
                )
                for each in view.mine
            ],
            search=view.search,
        )


class SaleCardOut(ApiOut):
    """One sale of the list."""

    code: str
    title: str
    state: str
    own: bool
    lots: int
    mass_g: int
    closes_at: str

    @classmethod
    def of(cls, card: SaleCard) -> "SaleCardOut":
        """Return one line of the list as programs see it."""
        return cls(
            code=card.sale.code,
            title=card.sale.title,
            state=card.state,
            own=card.own,
            lots=card.lots,
            mass_g=card.mass_g,
            closes_at=stamp(card.sale.closes_at),
        )


class SalesOut(ApiOut):
    """Sales that take offers, one's own, and those one made offers in."""

    items: list[SaleCardOut]


class AwardOut(ApiOut):
    """An award as one file: what the verifier reads."""

    format: str
    sale: dict[str, Any]
    certificate: dict[str, Any]
    search: dict[str, Any]


def _lots(view: SaleView) -> list[SaleLotOut]:
    decided = view.state == "decided"
    return [
        SaleLotOut(
            lot_code=listing.lot_code,
            listing_code=listing.code,
            grade_system=listing.grade_system,
            grade_code=listing.grade_code,
            declared_mass_g=listing.declared_mass_g,
            reserve_fen_per_t=lot.reserve_fen_per_t,
            wrought=lot.wrought,
            exempt=lot.exempt,
            sold=listing.lot_code in view.sold if decided else None,
            contract_code=made.code if made else None,
            price_fen_per_t=made.price_fen_per_t if made else None,
        )
        for lot, listing in view.lots
        for made in (view.contracts.get(listing.key),)
    ]
