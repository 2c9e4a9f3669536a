"""Sealed bids as pages and programs hand them in; their keys and their opening."""

from sqlmodel import Session

from remelt.platform.market.sealing.boxes import Envelope, make_seal, put_in
from remelt.platform.market.sealing.events import BidsOpened
from remelt.platform.market.sealing.halves import HalfFolder, NewKey
from remelt.platform.market.sealing.models import SealedBid
from remelt.platform.market.sealing.opening import open_bids
from remelt.platform.parties import queries as parties
from remelt.platform.parties.actors import Actor
from remelt.web.context import clock, settings, store
from remelt.web.streams import streams


def hand_in(code: str, *, who: Actor, deliver_to: str, price_fen_per_t: int, key: str) -> SealedBid:
    """Shut an offer on the listing `code` and keep it.

    No answer is stored under its key, as other forms and calls do: that would keep a digest of the
    price. Raises what `put_in` raises, and `NoSuchSite`.
    """
    with store().write() as session:
        row = put_in(
            session,
            clock=clock(),
            listing_code=code,
            bidder_id=who.organisation_id,
            person_id=who.person_id,
            envelope=Envelope(
                price_fen_per_t=price_fen_per_t,
                deliver_to_site_id=parties.site(session, code=deliver_to).key,
                client_key=key,
            ),
        )
    streams().ring()
    return row


def new_key(code: str, *, who: Actor) -> NewKey:
    """Make the key of an auction; the answer holds the holder's half, which is kept nowhere."""
    with store().write() as session:
        return make_seal(
            session,
            clock=clock(),
            listing_code=code,
            holder_id=who.organisation_id,
            person_id=who.person_id,
            folder=_halves(),
        )


def open_all(session: Session, code: str, *, who: Actor, half: str) -> BidsOpened:
    """Open the sealed bids of an auction with the holder's half."""
    return open_bids(
        session,
        clock=clock(),
        listing_code=code,
        holder_id=who.organisation_id,
        half=half,
        folder=_halves(),
    )


def _halves() -> HalfFolder:
    """Return where this installation's halves of keys lie."""
    return HalfFolder(settings().home / "keys" / "auctions")
