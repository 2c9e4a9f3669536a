"""What an auction asks beside its price, as programs read it."""

from typing import Self

from sqlmodel import Session

from remelt.platform.market.offerings import Offering
from remelt.platform.market.terms import terms_of
from remelt.platform.parties import queries as parties
from remelt.web.inputs import ApiOut


class TermsOut(ApiOut):
    """The terms of an auction. reserve_fen_per_t: null where it is hidden; its owner sees it.

    licence: a filing that whoever buys needs, empty for none. holder: code of the organisation with
    the other half of the key of sealed bids. decide_s: how long after the close a seller that
    decides by hand may take; null for others. For the others see `ListingIn`.
    """

    reserve_open: bool
    reserve_fen_per_t: int | None
    licence: str
    deposit_fen: int | None
    verify_s: int | None
    pay_s: int | None
    decide_s: int | None
    holder: str | None
    open_within_s: int | None
    bands: list[list[int]]
    tick_fen_per_t: int
    most_rise_fen_per_t: int | None
    floor_fen_per_t: int | None
    lower_by_fen_per_t: int | None
    lower_every_s: int | None
    sealed_s: int | None
    best_s: int | None
    extension_s: int
    auto_award: bool
    freight_fen_per_tkm: int
    co2e_g_per_tkm: int
    carbon_fen_per_t: int

    @classmethod
    def of(cls, session: Session, row: Offering, *, own: bool) -> Self:
        """Return the terms as the owner, or anybody else, may read them."""
        auction, terms = row.auction, terms_of(session, auction_id=row.auction.key)
        shared = {
            name: getattr(each, name)
            for each in (auction, terms)
            for name in cls.model_fields
            if hasattr(each, name)
        }
        holder = None
        if terms.holder_id is not None:
            holder = parties.organisation_by_id(session, organisation_id=terms.holder_id).code
        seen = own or terms.reserve_open
        hidden = {"reserve_fen_per_t": auction.reserve_fen_per_t if seen else None}
        return cls.model_validate(shared | hidden | {"holder": holder})
