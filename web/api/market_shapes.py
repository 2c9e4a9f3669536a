"""What the market's API gives: masses in g, prices in fen per tonne, times in UTC."""

from datetime import datetime
from typing import Self

from remelt.platform.market.bids.offers import Answer, refusal_of
from remelt.platform.market.boards import BoardLine
from remelt.platform.market.models import Contract
from remelt.platform.market.offerings import Offering
from remelt.platform.market.queries import Sold
from remelt.platform.market.rooms import Room, Rung
from remelt.platform.market.search import BoardPage
from remelt.web.api.kind_shapes import TermsOut
from remelt.web.errors import say, status_of
from remelt.web.inputs import ApiOut


class ListingCardOut(ApiOut):
    """One open listing."""

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
    fixed_fen_per_t: int | None
    start_fen_per_t: int | None
    leading_fen_per_t: int | None
    tax_included: bool
    vat_rate_bp: int
    bid_count: int
    opens_at: datetime
    closes_at: datetime
    photo: str | None


class ListingsOut(ApiOut):
    """A page of open listings."""

    items: list[ListingCardOut]
    total: int
    page: int
    pages: int

    @classmethod
    def of(cls, found: BoardPage) -> Self:
        """Return a page of the board."""
        cards = [ListingCardOut.model_validate(card) for card in found.cards]
        return cls(items=cards, total=found.total, page=found.page, pages=found.pages)


class RungOut(ApiOut):
    """An accepted offer; `number` stands for the bidder."""

    seq: int
    number: int
    mine: bool
    price_fen_per_t: int
    placed_at: datetime


class LadderOut(ApiOut):
    """Accepted offers in the order of decision."""

    items: list[RungOut]

    @classmethod
    def of(cls, rungs: list[Rung]) -> Self:
        """Return the offers."""
        return cls(items=[RungOut.model_validate(rung) for rung in rungs])


class ListingOut(ApiOut):
    """A listing and how it stands. Whether a hidden reserve is met is told, never what it is.

    kind: ascending, fixed, sealed or descending. shut: sealed bids that wait for their opening.
    """

    code: str
    lot_code: str | None
    state: str
    metal: str
    grade_system: str
    grade_code: str
    grade_edition: str
    form: str
    declared_mass_g: int
    origin: str
    evidence: str
    productive: bool
    track: str
    origin_area: str
    title: str
    description: str
    kind: str
    price_mode: str
    shut: int
    opened_at: datetime | None
    fixed_fen_per_t: int | None
    start_fen_per_t: int | None
    step_fen_per_t: int | None
    leading_fen_per_t: int | None
    least_fen_per_t: int | None
    reserve_met: bool | None
    bid_count: int
    tax_included: bool
    vat_rate_bp: int
    opens_at: datetime
    closes_at: datetime
    hard_close_at: datetime
    now: datetime
    terms: TermsOut

    @classmethod
    def of(cls, row: Offering, *, seen: Room, own: bool, terms: TermsOut) -> Self:
        """Return a listing; its lot code is for the seller until the lot changes hands."""
        listing, auction = row.listing, row.auction
        shared = {
            name: getattr(each, name)
            for each in (auction, listing)
            for name in cls.model_fields
            if hasattr(each, name)
        }
        return cls.model_validate(
            shared
            | {
                "lot_code": listing.lot_code if own else None,
                "start_fen_per_t": None if auction.kind == "fixed" else auction.start_fen_per_t,
                "state": seen.state,
                "least_fen_per_t": seen.least_fen_per_t,
                "reserve_met": seen.reserve_met,
                "now": seen.now,
                "terms": terms,
            }
        )


class BidOut(ApiOut):
    """The answer to an offer. A refusal says why and with which status.

    seq: its place in the record; null where it was too low, or too late, by what stood recorded
    when it came: such an offer is not kept.
    """

    seq: int | None
    verdict: str
    code: str | None
    detail: str | None
    price_fen_per_t: int
    least_fen_per_t: int | None
    placed_at: datetime
    closes_at: datetime

    @classmethod
    def of(cls, bid: Answer) -> tuple[int, Self]:
        """Return the HTTP status and the answer: 201, or the status of the refusal."""
        refused = refusal_of(bid)
        answer = cls(
            seq=bid.seq,
            verdict=bid.verdict,
            code=None if refused is None else refused.code,
            detail=None if refused is None else say(refused),
            price_fen_per_t=bid.price_fen_per_t,
            least_fen_per_t=bid.least_fen_per_t,
            placed_at=bid.placed_at,
            closes_at=bid.closes_at,
        )
        return 201 if refused is None else status_of(refused), answer


class ContractOut(ApiOut):
    """A contract, to its two parties."""

    code: str
    lot_code: str
    seller: str
    buyer: str
    from_site: str
    deliver_to: str
    declared_mass_g: int
    price_fen_per_t: int
    tax_included: bool
    vat_rate_bp: int
    made_at: datetime
    title_passed_at: datetime | None
    refused_at: datetime | None
    refused_for: str
    terms: dict[str, int | str | bool]

    @classmethod
    def of(cls, sold: Sold) -> Self:
        """Return a contract with the codes of its parties and sites."""
        row: Contract = sold.contract
        shared = {name: getattr(row, name) for name in cls.model_fields if hasattr(row, name)}
        return cls.model_validate(
            shared
            | {
                "seller": sold.seller.code,
                "buyer": sold.buyer.code,
                "from_site": sold.from_site.code,
                "deliver_to": sold.to_site.code,
            }
        )


class ContractsOut(ApiOut):
    """Contracts, the newest first."""

    items: list[ContractOut]


class BoardLineOut(ApiOut):
    """One line of a board."""

    grade_system: str
    grade_code: str
    with_invoice: bool
    vat_rate_bp: int
    tier_from_g: int
    price_fen_per_t: int
    valid_from: datetime


class BoardOut(ApiOut):
    """What a site pays now."""

    site: str
    items: list[BoardLineOut]

    @classmethod
    def of(cls, site: str, lines: list[BoardLine]) -> Self:
        """Return the lines that hang."""
        return cls(site=site, items=[BoardLineOut.model_validate(line) for line in lines])
