"""What the market's API takes: masses in g, prices in fen per tonne, times with their offset."""

from typing import Annotated, Literal

from pydantic import Field

from remelt.platform.market.drafts import Ascending, FixedPrice, ListingDraft
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


class AuctionIn(ApiIn):
    """Sold to the highest offer at or over the reserve."""

    mode: Literal["auction"]
    start_fen_per_t: FenPerT
    step_fen_per_t: FenPerT
    reserve_fen_per_t: FenPerT | None = None
    extension_s: Annotated[int, Field(ge=0, le=900)] = 120
    auto_award: bool = True


class ListingIn(ApiIn):
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
    price: Annotated[FixedIn | AuctionIn, Field(discriminator="mode")]
    tax_included: bool
    vat_rate_bp: Annotated[int, Field(ge=0, le=10_000)] = 0
    closes_at: Moment
    opens_at: Moment | None = None
    title: Annotated[str, Field(max_length=120)] = ""
    description: Annotated[str, Field(max_length=2000)] = ""

    def draft(self) -> ListingDraft:
        """Return it as a draft."""
        facts = self.model_dump(exclude={"site", "price", "lot_code"})
        priced = self.price.model_dump(exclude={"mode"})
        fixed = isinstance(self.price, FixedIn)
        return ListingDraft(**facts, price=FixedPrice(**priced) if fixed else Ascending(**priced))


class OfferIn(ApiIn):
    """A bid, or a purchase at the price as seen."""

    price_fen_per_t: FenPerT
    deliver_to: Code


class BoardLineIn(ApiIn):
    """A line of a price board from `valid_from` (now when null) on; price null takes it off."""

    grade_system: Annotated[str, Field(max_length=20)]
    grade_code: Annotated[str, Field(max_length=40)]
    price_fen_per_t: FenPerT | None
    with_invoice: bool
    vat_rate_bp: Annotated[int, Field(ge=0, le=10_000)] = 0
    tier_from_g: Grams = 0
    valid_from: Moment | None = None
