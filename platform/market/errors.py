"""What the market refuses."""

from remelt.platform.kernel.errors import Conflict, Forbidden, Invalid, NotFound


class NoSuchListing(NotFound):
    """No listing with this code, or none that this person may see."""

    code = "no-such-listing"


class NoSuchContract(NotFound):
    """No contract with this code between this organisation and another."""

    code = "no-such-contract"


class UnknownGrade(Invalid):
    """The grade is not in the catalogue, or belongs to another metal."""

    code = "unknown-grade"


class HazardousLot(Invalid):
    """The grade is hazardous waste or barred: it moves from licence to licence, not here."""

    code = "hazardous-lot"


class NotScreened(Invalid):
    """A safety tick is missing."""

    code = "not-screened"


class CertificateMissing(Invalid):
    """Productive scrap needs the certificate of the unit that it comes from."""

    code = "certificate-missing"


class MassOutOfBounds(Invalid):
    """The declared mass is not between 1 kg and 10,000 t."""

    code = "mass-out-of-bounds"


class TooSmallForAuction(Invalid):
    """An auction starts at a minimum mass; smaller lots take a fixed price."""

    code = "too-small-for-auction"


class PriceOutOfBounds(Invalid):
    """The price is not between 0.01 and 1,000,000 yuan per tonne."""

    code = "price-out-of-bounds"


class LicenceMissing(Invalid):
    """The seller sells only to whom has a filing, and this buyer has none in force."""

    code = "licence-missing"


class TermUnfit(Invalid):
    """The way of selling that was chosen has no such term."""

    code = "term-unfit"


class BidOffTick(Invalid):
    """Offers are whole multiples of what the seller set."""

    code = "bid-off-tick"


class RiseTooGreat(Invalid):
    """The offer passes the least that leads by more than the seller's largest rise."""

    code = "rise-too-great"


class StepsUnfit(Invalid):
    """Bands do not rise, or a price of the seller's is no whole multiple of its own tick."""

    code = "steps-unfit"


class ReserveUnderStart(Invalid):
    """The reserve is under the starting price."""

    code = "reserve-under-start"


class BadTimes(Invalid):
    """Opening and closing times are not in order, or too near or too far."""

    code = "bad-times"


class BadTrack(Invalid):
    """Track and area of origin contradict each other or the place of the lot."""

    code = "bad-track"


class TooManyPhotos(Invalid):
    """More photos than a listing takes."""

    code = "too-many-photos"


class UnknownWord(Invalid):
    """A value is none of those that the trade knows."""

    code = "unknown-word"


class LotAlreadyListed(Conflict):
    """The lot stands in an open listing or an open contract."""

    code = "lot-already-listed"


class LotSoldElsewhere(Conflict):
    """Another contract over the lot came first."""

    code = "lot-sold-elsewhere"


class PooledLot(Conflict):
    """The lot is a heap that grows and shrinks: nobody can weigh what was sold."""

    code = "pooled-lot"


class HeldLot(Conflict):
    """An inspection holds the lot; it is not sold until it is released."""

    code = "held-lot"


class HeelLot(Conflict):
    """The lot is a heel: it stays in the furnace."""

    code = "heel-lot"


class NotYourLot(Forbidden):
    """The lot belongs to another organisation."""

    code = "not-your-lot"


class OwnListing(Invalid):
    """The seller cannot bid on its own listing."""

    code = "own-listing"


class LinkedBidder(Invalid):
    """The bidder is linked to the seller."""

    code = "linked-bidder"


class UnfitForProductive(Invalid):
    """Productive scrap may be bought only by an authorised enterprise."""

    code = "unfit-for-productive-scrap"


class BiddingNotOpen(Conflict):
    """Bidding has not begun."""

    code = "bidding-not-open"


class BiddingOver(Conflict):
    """Bidding has ended."""

    code = "bidding-over"


class BiddingStillOpen(Conflict):
    """The listing cannot be awarded while bidding is open."""

    code = "bidding-still-open"


class ListingIsWithdrawn(Conflict):
    """The seller took the listing back."""

    code = "listing-is-withdrawn"


class AlreadySold(Conflict):
    """The lot is sold."""

    code = "already-sold"


class NotAnAuction(Invalid):
    """The listing has a fixed price: it takes no bids."""

    code = "not-an-auction"


class NotAtFixedPrice(Invalid):
    """The listing is an auction: it cannot be bought at once."""

    code = "not-at-fixed-price"


class PriceChanged(Conflict):
    """The price on the page is not the price of the listing."""

    code = "price-changed"


class BidTooLow(Invalid):
    """The offer is under the least that the auction takes now; the reserve stays secret."""

    code = "bid-too-low"


class LimitUnderPrice(Invalid):
    """The limit of an offer is under its price."""

    code = "limit-under-price"


class LimitNeedsReason(Invalid):
    """A credit limit is set or lifted without saying why."""

    code = "limit-needs-reason"


class NothingToAward(Conflict):
    """No offer at or over the reserve stands."""

    code = "nothing-to-award"


class BidsStand(Conflict):
    """An accepted bid stands: the listing cannot be taken back while bidding is open."""

    code = "bids-stand"


class BackdatedPrice(Invalid):
    """A board price starts now or later; the past stays as it hung."""

    code = "backdated-price"


class ContractSuspended(Conflict):
    """A payment of this contract is disputed: it stands still until that is decided."""

    code = "contract-suspended"
