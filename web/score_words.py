"""The lines of a score in the reader's language, each with where its number comes from."""

from dataclasses import dataclass
from typing import Final

from flask_babel import gettext as _

from remelt.platform.market.measuring import Measured
from remelt.platform.market.score import WHOLE_BP, Line
from remelt.platform.market.ways import ROAD_PCT
from remelt.web import fmt
from remelt.web.messages.marks import N_

LINES: Final = {
    "price": N_("Price as offered"),
    "vat": N_("VAT that the invoice passes on"),
    "freight": N_("Freight"),
    "carbon": N_("Carbon of the way"),
    "penalty": N_("No papers of origin"),
}


@dataclass(frozen=True, slots=True)
class ScoreLine:
    """One line: what it is called, how much it is in fen per tonne gross, whence it comes."""

    word: str
    fen_per_t: int
    origin: str


@dataclass(frozen=True, slots=True)
class ScoreCard:
    """An offer explained. heading: whose it is. metal: where the recovered share comes from."""

    heading: str
    lines: list[ScoreLine]
    gross_fen_per_t: int
    recovered_fen_per_t: int
    metal: str
    complete: bool


def score_card(found: Measured, *, heading: str) -> ScoreCard:
    """Return the explanation of an offer."""
    return ScoreCard(
        heading=heading,
        lines=[
            ScoreLine(_(LINES[line.name]), line.fen_per_t, _origin(line, found))
            for line in found.score.lines
        ],
        gross_fen_per_t=found.score.gross_fen_per_t,
        recovered_fen_per_t=found.score.recovered_fen_per_t,
        metal=_metal(found.quote.recovery_bp),
        complete=found.score.complete,
    )  # fmt: skip


def _metal(recovery_bp: int) -> str:
    """Say what of the mass is metal, and who says so; a grade without a figure counts whole."""
    if recovery_bp == WHOLE_BP:
        return str(_("the whole mass: the catalogue has no lower metal content for the grade"))
    share = fmt.percent(recovery_bp, zh=fmt.is_chinese())
    return str(_("%(share)s of the mass is metal, as the catalogue has the grade", share=share))


def _origin(line: Line, found: Measured) -> str:
    quote, rates, zh = found.quote, found.rates, fmt.is_chinese()
    way = fmt.distance(quote.road_m, zh=zh)
    told = {
        "price": _("the offer itself"),
        "vat": _("%(rate)s inside the price", rate=fmt.percent(quote.vat_rate_bp, zh=zh)),
        "freight": _("%(way)s at %(price)s per t·km; the straight way and %(more)s", way=way,
                     more=f"{ROAD_PCT - 100}%", price=fmt.money(rates.freight_fen_per_tkm, zh=zh)),
        "carbon": _("%(way)s at %(g)s g CO₂e per t·km and %(price)s per t CO₂e", way=way,
                    g=rates.co2e_g_per_tkm, price=fmt.money(rates.carbon_fen_per_t, zh=zh)),
        "penalty": _("set by the buyer when it invited"),
    }  # fmt: skip
    return str(told[line.name])
