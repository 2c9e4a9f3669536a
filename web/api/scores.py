"""What offers come to by their owner's measure, for programs."""

from typing import Self

from remelt.platform.market.measuring import Measured, scores
from remelt.platform.market.needs.stating import need_by_code
from remelt.platform.market.offerings import offering
from remelt.platform.market.tenders.explaining import tender_scores
from remelt.platform.parties import queries as parties
from remelt.web.api.base import api_blueprint
from remelt.web.context import clock, needs, require, store
from remelt.web.inputs import ApiOut

bp = api_blueprint("scores", tag="Market")


class ScoreLineOut(ApiOut):
    """One line, in fen per tonne as it lies, signed: price, vat, freight, carbon or penalty."""

    name: str
    fen_per_t: int


class ScoreOut(ApiOut):
    """An offer measured: the lines add up to the gross figure; the recovered one ranks.

    place: the rank where all are shown. bidder: its code for the seller of a listing, the seller's
    number on a need, empty for one's own. road_m: the straight way and 35 %, null where a position
    is missing; then complete is false. The rates are the owner's, recovery_bp the catalogue's.
    """

    place: int | None
    bidder: str
    lines: list[ScoreLineOut]
    gross_fen_per_t: int
    recovered_fen_per_t: int
    complete: bool
    road_m: int | None
    recovery_bp: int
    vat_rate_bp: int
    freight_fen_per_tkm: int
    co2e_g_per_tkm: int
    carbon_fen_per_t: int

    @classmethod
    def of(cls, found: Measured, *, place: int | None, bidder: str) -> Self:
        """Return a score with what it was worked out from."""
        quote, rates = found.quote, found.rates
        return cls(
            place=place, bidder=bidder,
            lines=[ScoreLineOut.model_validate(line) for line in found.score.lines],
            gross_fen_per_t=found.score.gross_fen_per_t,
            recovered_fen_per_t=found.score.recovered_fen_per_t,
            complete=found.score.complete, road_m=quote.road_m, recovery_bp=quote.recovery_bp,
            vat_rate_bp=quote.vat_rate_bp, freight_fen_per_tkm=rates.freight_fen_per_tkm,
            co2e_g_per_tkm=rates.co2e_g_per_tkm, carbon_fen_per_t=rates.carbon_fen_per_t,
        )  # fmt: skip


class ScoresOut(ApiOut):
    """Scores, the best first."""

    items: list[ScoreOut]


@bp.get("/listings/<code>/scores")
@needs("market.browse")
@bp.output(ScoresOut)
def get_listing_scores(code: str) -> ScoresOut:
    """Show the seller what each offer comes to once bidding is over; a bidder its own."""
    who = require("market.browse")
    with store().read() as session:
        lot = offering(session, code=code)
        rows = scores(session, lot, viewer_id=who.organisation_id, now=clock().now(session))
        names = parties.organisations_by_id(session, ids={each.bid.bidder_id for each in rows})
    return ScoresOut(
        items=[
            ScoreOut.of(
                each.measured, place=each.place,
                bidder=names[each.bid.bidder_id].code if each.place else "",
            )
            for each in rows
        ]
    )  # fmt: skip


@bp.get("/needs/<need>/scores")
@needs("market.browse")
@bp.output(ScoresOut)
def get_need_scores(need: str) -> ScoresOut:
    """Show the buyer what each lot would cost it; a seller its own."""
    who = require("market.browse")
    with store().read() as session:
        rows = tender_scores(
            session, need=need_by_code(session, code=need), viewer_id=who.organisation_id
        )
    return ScoresOut(
        items=[
            ScoreOut.of(
                each.measured, place=place if len(rows) > 1 else None,
                bidder="" if each.mine else str(each.number),
            )
            for place, each in enumerate(rows, start=1)
        ]
    )  # fmt: skip
