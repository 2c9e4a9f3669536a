"""What the market's API takes: masses in g, prices in fen per tonne, times with their offset."""

from typing import Annotated, Any, Literal

from pydantic import Field

from remelt.platform.market.drafts import Ascending, FixedPrice, ListingDraft
from remelt.platform.market.kinds import DAY_S, OPEN_WITHIN_S, Conditions, Descending, Sealed
from remelt.platform.market.search import BoardFilter, Sort
from remelt.web.inputs import ApiIn, ApiQuery, Moment

Code = Annotated[str, Field(min_length=1, max_length=14)]
Grams = Annotated[int, Field(ge=0, le=10**13)]
FenPerT = Annotated[int, Field(ge=0, le=10**12)]


class ListingsIn(ApiQuery):
    """The board of open listings, narrowed and searched."""

    words: Annotated[str, Field(max_length=100)] = ""
    metal: Annotated[str, Field(max_length=10)] = ""
    grade_system: Annotated[str, Field(max_length=20)] = ""
    grade_code: Annotated[str, Field(max_length=40)] = ""
    form: Annotated[str, Field(max_length=20)] = ""
    track: Annotated[str, Field(max_length=20)] = ""
    prefecture: Annotated[str, Field(max_length=6)] = ""
    origin: Annotated[str, Field(max_length=20)] = ""
    price_mode: Annotated[str, Field(max_length=10)] = ""
    mass_from_g: Grams | None = None
    mass_to_g: Grams | None = None
    sort: Sort = "closing"
    page: Annotated[int, Field(ge=1, le=10_000)] = 1

    def wanted(self) -> BoardFilter:
        """Return the filter."""
        return BoardFilter(**self.model_dump())


class FixedIn(ApiIn):
    """Sold to the first who takes it at this price."""

    mode: Literal["fixed"]
    price_fen_per_t: FenPerT


Band = Annotated[list[FenPerT], Field(min_length=2, max_length=2)]


class AuctionIn(ApiIn):
    """Sold to the highest offer at or over the reserve.

    bands: pairs of a price and the least rise from it on; tick: what offers are whole multiples
    of; most_rise: by how much at most an offer may pass the least that leads.
    """

    mode: Literal["auction"]
    start_fen_per_t: FenPerT
    step_fen_per_t: FenPerT
    reserve_fen_per_t: FenPerT | None = None
    extension_s: Annotated[int, Field(ge=0, le=900)] = 120
    auto_award: bool = True
    bands: Annotated[list[Band], Field(max_length=8)] = Field(default_factory=list)
    tick_fen_per_t: FenPerT = 1
    most_rise_fen_per_t: FenPerT | None = None


class SealedIn(ApiIn):
    """Sealed bids, opened together after the end. holder: empty for the seller itself."""

    mode: Literal["sealed"]
    start_fen_per_t: FenPerT
    reserve_fen_per_t: FenPerT | None = None
    holder: Annotated[str, Field(max_length=14)] = ""
    open_within_s: Annotated[int, Field(ge=60, le=30 * DAY_S)] = OPEN_WITHIN_S
    auto_award: bool = True


class DescendingIn(ApiIn):
    """A price that falls until somebody takes it; then sealed bids, and the taker's last word."""

    mode: Literal["descending"]
    start_fen_per_t: FenPerT
    floor_fen_per_t: FenPerT
    lower_by_fen_per_t: FenPerT
    lower_every_s: Annotated[int, Field(ge=1, le=DAY_S)]
    step_fen_per_t: FenPerT
    holder: Annotated[str, Field(max_length=14)] = ""
    sealed_s: Annotated[int, Field(ge=1, le=30 * DAY_S)] = 3_600
    best_s: Annotated[int, Field(ge=1, le=30 * DAY_S)] = 900
    open_within_s: Annotated[int, Field(ge=60, le=30 * DAY_S)] = OPEN_WITHIN_S
    auto_award: bool = True


Seconds = Annotated[int, Field(ge=0, le=30 * DAY_S)]


class ConditionsIn(ApiIn):
    """What is asked of bidders and winners, and what is counted off sealed offers."""

    reserve_open: bool = False
    licence: Annotated[str, Field(max_length=20)] = ""
    deposit_fen: Annotated[int, Field(ge=1, le=10**12)] | None = None
    verify_s: Seconds | None = None
    pay_s: Seconds | None = None
    freight_fen_per_tkm: Annotated[int, Field(ge=0, le=10_000)] = 0
    co2e_g_per_tkm: Annotated[int, Field(ge=0, le=5_000)] = 0
    carbon_fen_per_t: Annotated[int, Field(ge=0, le=10**7)] = 0


PRICES = {"fixed": FixedPrice, "auction": Ascending, "sealed": Sealed, "descending": Descending}


class TermsIn(ApiIn):
    """Other terms for a lot that stands on offer; what the lot is stays as it was listed."""

    price: Annotated[FixedIn | AuctionIn | SealedIn | DescendingIn, Field(discriminator="mode")]
    conditions: ConditionsIn = ConditionsIn()
    tax_included: bool
    vat_rate_bp: Annotated[int, Field(ge=0, le=10_000)] = 0
    closes_at: Moment
    opens_at: Moment | None = None
    title: Annotated[str, Field(max_length=120)] = ""
    description: Annotated[str, Field(max_length=2000)] = ""

    def asked(self) -> dict[str, Any]:
        """Return the terms as the fields of a draft."""
        facts = self.model_dump(include=set(TermsIn.model_fields) - {"price", "conditions"})
        price: Any = PRICES[self.price.mode](**self.price.model_dump(exclude={"mode"}))
        return facts | {"price": price, "conditions": Conditions(**self.conditions.model_dump())}


class ListingIn(TermsIn):
    """A lot to be offered at once.

    lot_code: a lot that the ledger knows as ours; what the ledger says of it then stands over
    what is given here.
    """

    site: Code
    lot_code: Code | None = None
    metal: Annotated[str, Field(max_length=10)]
    grade_system: Annotated[str, Field(max_length=20)]
    grade_code: Annotated[str, Field(max_length=40)]
    form: Annotated[str, Field(max_length=20)]
    declared_mass_g: Grams
    origin: Annotated[str, Field(max_length=20)]
    evidence: Annotated[str, Field(max_length=20)]
    productive: bool
    certificate: Annotated[str, Field(max_length=200)] = ""
    hazard_free: bool
    radiation_checked: bool
    no_sealed_vessels: bool
    track: Annotated[str, Field(max_length=20)]
    origin_area: Annotated[str, Field(max_length=2)] = ""

    def draft(self) -> ListingDraft:
        """Return it as a draft."""
        facts = self.model_dump(include=set(ListingIn.model_fields) - set(TermsIn.model_fields))
        del facts["site"], facts["lot_code"]
        return ListingDraft(**facts, **self.asked())


class OfferIn(ApiIn):
    """A purchase at the price as seen, or any other offer of a price."""

    price_fen_per_t: FenPerT
    deliver_to: Code


class BidIn(OfferIn):
    """A bid. limit_fen_per_t: up to where the house raises it when others outbid it, unseen."""

    limit_fen_per_t: FenPerT | None = None


class BoardLineIn(ApiIn):
    """A line of a price board from `valid_from` (now when null) on; price null takes it off."""

    grade_system: Annotated[str, Field(max_length=20)]
    grade_code: Annotated[str, Field(max_length=40)]
    price_fen_per_t: FenPerT | None
    with_invoice: bool
    vat_rate_bp: Annotated[int, Field(ge=0, le=10_000)] = 0
    tier_from_g: Grams = 0
    valid_from: Moment | None = None
