"""What happens in the market, as the other rooms and the audit trail hear it.

Parties, sites and persons are named by their public codes.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from remelt.platform.kernel.outbox import Event


@dataclass(frozen=True, kw_only=True)
class ListingPublished(Event):
    """A lot is offered. `new_lot` says that the ledger does not know it yet.

    metal_bp: metal content of the grade in 1/10,000, None where unknown.
    origin_area: province (two digits) or country of collection.
    """

    name: ClassVar[str] = "listing-published"
    unkept: ClassVar[tuple[str, ...]] = ("seller_code", "person_code")
    listing_code: str
    lot_code: str
    new_lot: bool
    seller_code: str
    person_code: str
    site_code: str
    adcode: str
    metal: str
    grade_system: str
    grade_code: str
    grade_edition: str
    metal_bp: int | None
    form: str
    declared_mass_g: int
    origin: str
    evidence: str
    track: str
    origin_area: str
    photos: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class ListingWithdrawn(Event):
    """The seller took the listing back."""

    name: ClassVar[str] = "listing-withdrawn"
    unkept: ClassVar[tuple[str, ...]] = ("seller_code", "person_code")
    listing_code: str
    lot_code: str
    seller_code: str
    person_code: str


@dataclass(frozen=True, kw_only=True)
class BidPlaced(Event):
    """An offer was accepted and leads. `closes_at` is the end of bidding from now on."""

    name: ClassVar[str] = "bid-placed"
    listing_code: str
    seq: int
    price_fen_per_t: int
    closes_at: datetime


@dataclass(frozen=True, kw_only=True)
class BiddingClosed(Event):
    """Bidding has ended. `sold` says whether an offer at or over the reserve stood."""

    name: ClassVar[str] = "bidding-closed"
    listing_code: str
    lot_code: str
    sold: bool


@dataclass(frozen=True, kw_only=True)
class LotAwarded(Event):
    """The lot is sold: a contract stands. The lot is to be fetched and brought to the site."""

    name: ClassVar[str] = "lot-awarded"
    unkept: ClassVar[tuple[str, ...]] = ("seller_code", "buyer_code")
    contract_code: str
    listing_code: str
    lot_code: str
    metal: str
    seller_code: str
    buyer_code: str
    from_site_code: str
    deliver_to_site_code: str
    declared_mass_g: int
    price_fen_per_t: int


@dataclass(frozen=True, kw_only=True)
class TitlePassed(Event):
    """The lot was weighed away from where it was sold, and is now the buyer's."""

    name: ClassVar[str] = "title-passed"
    unkept: ClassVar[tuple[str, ...]] = ("seller_code", "buyer_code")
    contract_code: str
    lot_code: str
    seller_code: str
    buyer_code: str


@dataclass(frozen=True, kw_only=True)
class ContractRefused(Event):
    """The buyer's gate refused the goods: the contract is over, the lot stays the seller's."""

    name: ClassVar[str] = "contract-refused"
    contract_code: str
    lot_code: str
    cause: str


@dataclass(frozen=True, kw_only=True)
class BoardPriceSet(Event):
    """A site hung out a price for a grade, or took it off (`price_fen_per_t` None)."""

    name: ClassVar[str] = "board-price-set"
    site_code: str
    grade_system: str
    grade_code: str
    with_invoice: bool
    tier_from_g: int
    price_fen_per_t: int | None
    valid_from: datetime


@dataclass(frozen=True, kw_only=True)
class NeedStated(Event):
    """A buyer says what is looked for."""

    name: ClassVar[str] = "need-stated"
    need_code: str
    metal: str


@dataclass(frozen=True, kw_only=True)
class NeedEnded(Event):
    """A buyer took a need off the board."""

    name: ClassVar[str] = "need-ended"
    need_code: str


@dataclass(frozen=True, kw_only=True)
class QuestionAsked(Event):
    """Somebody asked about a listing, for everybody to read."""

    name: ClassVar[str] = "question-asked"
    listing_code: str
    question_code: str


@dataclass(frozen=True, kw_only=True)
class QuestionAnswered(Event):
    """The seller answered a question, for everybody to read."""

    name: ClassVar[str] = "question-answered"
    listing_code: str
    question_code: str


@dataclass(frozen=True, kw_only=True)
class TermsChanged(Event):
    """A seller changed the terms: another listing of the lot stands, and `bids` offers are void."""

    name: ClassVar[str] = "terms-changed"
    listing_code: str
    before_code: str
    bids: int


@dataclass(frozen=True, kw_only=True)
class ContractStopped(Event):
    """A contract stands still: a payment of it is disputed."""

    name: ClassVar[str] = "contract-stopped"
    contract_code: str
    cause: str


@dataclass(frozen=True, kw_only=True)
class ContractResumed(Event):
    """A contract goes on: nothing of it is disputed any more."""

    name: ClassVar[str] = "contract-resumed"
    contract_code: str
    cause: str
