"""The forms of a contract's terms, its loads, results and claims, and of index prices."""

from datetime import date
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field

from remelt.platform.settlement.finals.entering import Load, Result
from remelt.platform.settlement.finals.terms import MIDNIGHT
from remelt.platform.settlement.pricing.indices import IndexDraft
from remelt.web.fields import (
    Count,
    Day,
    Kg,
    Percent,
    PositiveKg,
    Text,
    Tick,
    Words,
    Yuan,
    YuanPerT,
    decimal,
    maybe,
)
from remelt.web.forms import Form
from remelt.web.views.party_forms import TimeOfDay

PpmPercent = Annotated[int, BeforeValidator(decimal(scale=4, limit=1_000_000))]
"""Per cent by mass with up to four decimals -> parts per million."""
MaybePpm = Annotated[int | None, maybe(PpmPercent)]
MaybePercent = Annotated[int | None, maybe(Percent)]
MaybeDay = Annotated[date | None, maybe(Day)]
MaybeKg = Annotated[int | None, maybe(Kg)]
MaybeYuan = Annotated[int | None, maybe(Yuan)]
MaybeYuanPerT = Annotated[int | None, maybe(YuanPerT)]
MaybeTime = Annotated[int | None, maybe(TimeOfDay)]
MaybeCount = Annotated[int | None, maybe(Count)]
Side = Literal["seller", "buyer"]
Decided = Literal["", "seller", "buyer", "exchange"]
Short = Annotated[Text, Field(max_length=40)]


class LimitForm(Form):
    """A content that is free up to a limit."""

    analyte: Short = ""
    decided: Decided = ""
    splitting_pct: MaybePpm = None
    free_pct: MaybePpm = None
    reject_pct: MaybePpm = None

    def clause(self) -> dict[str, Any]:
        """Return the clause of the terms."""
        return _measured(self) | {"free_ppm": self.free_pct or 0, "reject_ppm": self.reject_pct}


class PenaltyForm(Form):
    """A content whose excess lowers the price."""

    analyte: Short = ""
    decided: Decided = ""
    splitting_pct: MaybePpm = None
    above_pct: MaybePpm = None
    step_pct: MaybePpm = None
    yuan_per_t: MaybeYuanPerT = None

    def clause(self) -> dict[str, Any]:
        """Return the clause of the terms."""
        return _measured(self) | {
            "above_ppm": self.above_pct or 0,
            "step_ppm": self.step_pct or 0,
            "fen_per_t": self.yuan_per_t or 0,
        }


class TermsForm(Form):
    """The terms of a contract as a person types them."""

    formula: Annotated[Text, Field(max_length=500)] = ""
    quotation: Short = ""
    provisional_pct: MaybePercent = None
    provisional_weight: Side = "seller"
    inside: Side = "buyer"
    outside: Side = "buyer"
    tolerance_pct: MaybePpm = None
    packing_kg: MaybeKg = None
    limits: list[LimitForm] = Field(default_factory=list)
    penalties: list[PenaltyForm] = Field(default_factory=list)
    payable: Short = ""
    payable_less_pct: MaybePpm = None
    umpire_yuan: MaybeYuan = None
    commission_pct: MaybePercent = None
    claim_days: MaybeCount = None
    called_by: Literal["", "seller", "buyer"] = ""
    called_first: MaybeDay = None
    called_last: MaybeDay = None
    called_kg: MaybeKg = None
    called_least_kg: MaybeKg = None
    called_opens: MaybeTime = None
    called_closes: MaybeTime = None
    called_default: Literal["avg", "last"] = "avg"

    def said(self) -> dict[str, Any]:
        """Return the terms as the settlement reads them."""
        said: dict[str, Any] = {
            "formula": self.formula or "?",
            "quotation": self.quotation or None,
            "weights": {
                "inside": self.inside,
                "outside": self.outside,
                "tolerance_ppm": self.tolerance_pct,
                "packing_g": self.packing_kg or 0,
                "step_g": 100,
            },
            "limits": [row.clause() for row in self.limits],
            "penalties": [row.clause() for row in self.penalties],
            "umpire_fen": self.umpire_yuan or 0,
            "commission_bp": self.commission_pct or 0,
            "claim_days": self.claim_days or 0,
        }
        if self.provisional_pct:
            share = {"share_bp": self.provisional_pct, "weight": self.provisional_weight}
            said["provisional"] = share
        if self.payable:
            said["payable"] = {"analyte": self.payable, "unit_ppm": self.payable_less_pct or 0}
        return said | self._called()

    def _called(self) -> dict[str, Any]:
        if not self.called_by or self.called_first is None or self.called_last is None:
            return {}
        return {
            "called": {
                "by": self.called_by,
                "first": self.called_first.isoformat(),
                "last": self.called_last.isoformat(),
                "mass_g": self.called_kg or 0,
                "least_g": self.called_least_kg or 0,
                "opens_min": self.called_opens or 0,
                "closes_min": MIDNIGHT if self.called_closes is None else self.called_closes,
                "default": self.called_default,
            }
        }


class LoadForm(Form):
    """One load on one's own scale."""

    load: Annotated[Words, Field(max_length=20)]
    ticket: Annotated[Words, Field(max_length=40)]
    day: Day
    gross_kg: PositiveKg
    tare_kg: Kg
    deducted_kg: MaybeKg = None

    def given(self, *, photo_sha256: str | None) -> Load:
        """Return the load in kept units."""
        return Load(
            load=self.load, ticket=self.ticket, day=self.day, gross_g=self.gross_kg,
            tare_g=self.tare_kg, deducted_g=self.deducted_kg or 0, photo_sha256=photo_sha256,
        )  # fmt: skip


class ResultForm(Form):
    """A laboratory's result, one's own or the umpire's."""

    analyte: Annotated[Words, Field(max_length=10)]
    content_pct: PpmPercent
    laboratory: Annotated[Text, Field(max_length=60)] = ""
    umpire: Tick = False

    def given(self, *, report_sha256: str | None) -> Result:
        """Return the result in kept units."""
        return Result(
            analyte=self.analyte, ppm=self.content_pct, umpire=self.umpire,
            laboratory=self.laboratory, report_sha256=report_sha256,
        )  # fmt: skip


class CallForm(Form):
    """A part of the tonnage whose price is called today."""

    mass_kg: PositiveKg


class WordForm(Form):
    """What a party says about the final settlement."""

    word: Literal["agree", "object", "withdraw"]
    about: Literal["", "weight", "quality", "price", "other"] = ""
    text: Annotated[Text, Field(max_length=400)] = ""


class IndexForm(Form):
    """A new index."""

    code: Annotated[Words, Field(max_length=20, pattern=r"^[A-Za-z][A-Za-z0-9_]*$")]
    name_zh: Annotated[Words, Field(max_length=60)]
    name_en: Annotated[Text, Field(max_length=60)] = ""
    source: Annotated[Words, Field(max_length=60)]
    unit: Literal["CNY/t", "USD/t", "CNY/USD"]
    calendar: Annotated[Words, Field(max_length=20)]
    vat_pct: MaybePercent = None

    def draft(self) -> IndexDraft:
        """Return the index in kept units."""
        return IndexDraft(
            code=self.code, name_zh=self.name_zh, name_en=self.name_en, source=self.source,
            unit=self.unit, calendar=self.calendar, vat_rate_bp=self.vat_pct or 0,
        )  # fmt: skip


class TradingDayForm(Form):
    """A holiday of a calendar, or a weekend that is worked."""

    calendar: Annotated[Words, Field(max_length=20)]
    day: Day
    trades: Literal["no", "yes"] = "no"
    name: Annotated[Text, Field(max_length=60)] = ""


class QuotesForm(Form):
    """A file of quotes; it comes beside the form."""


def _measured(row: LimitForm | PenaltyForm) -> dict[str, Any]:
    return {
        "analyte": row.analyte,
        "decided": row.decided or "exchange",
        "splitting_ppm": row.splitting_pct,
    }
