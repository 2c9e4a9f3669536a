"""The forms of the market, and how what is typed becomes a draft."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, ValidationInfo
from pydantic_core import PydanticCustomError

from remelt.platform.kernel.errors import Refusal
from remelt.platform.market.drafts import ListingDraft
from remelt.platform.market.errors import UnknownGrade
from remelt.platform.market.kinds import (
    Conditions,
)
from remelt.web.fields import (
    MEGATONNE_G,
    Count,
    Percent,
    Text,
    Tick,
    Words,
    Yuan,
    YuanPerT,
    decimal,
    maybe,
    plain,
)
from remelt.web.forms import Form
from remelt.web.price_forms import MaybeYuanPerT, PriceForm, optional

UNITS = {"kg": (3, 1), "t": (6, 1), "jin": (1, 50)}
HOUR_S = 3_600
ROAD_CO2E_G_PER_TKM = 100  # a loaded lorry; the seller's weight on carbon, no footprint
HOURS = (1, 6, 24, 72, 168)
FIELDS = {
    "declared_mass_g": "mass",
    "grade_code": "grade",
    "fixed_fen_per_t": "price_yuan_per_t",
    "start_fen_per_t": "price_yuan_per_t",
    "price_fen_per_t": "price_yuan_per_t",
    "limit_fen_per_t": "limit_yuan_per_t",
    "step_fen_per_t": "step_yuan_per_t",
    "reserve_fen_per_t": "reserve_yuan_per_t",
    "closes_at": "open_hours",
    "bands": "band_from_yuan_per_t",
    "tick_fen_per_t": "tick_yuan_per_t",
    "most_rise_fen_per_t": "most_rise_yuan_per_t",
    "floor_fen_per_t": "floor_yuan_per_t",
    "lower_by_fen_per_t": "lower_yuan_per_t",
    "lower_every_s": "lower_minutes",
    "sealed_s": "sealed_minutes",
    "best_s": "best_minutes",
    "open_within_s": "opened_hours",
    "deposit_fen": "deposit_yuan",
    "verify_s": "verify_hours",
    "pay_s": "pay_hours",
    "freight_fen_per_tkm": "freight_yuan_per_tkm",
    "carbon_fen_per_t": "carbon_yuan_per_t",
    "expires_at": "stands_hours",
    "ceiling_fen_per_t": "ceiling_yuan_per_t",
    "vat_rate_bp": "vat_percent",
    "deliver_to": "deliver_to_site",
    "tier_from_g": "tier_from_kg",
    "valid_from": "valid_from_at",
}


def read_mass(text: Any, info: ValidationInfo) -> int:
    """Read a mass in the unit chosen before it; 斤 is 500 g and takes one decimal."""
    scale, grams = UNITS[info.data.get("mass_unit", "kg")]
    return decimal(scale=scale, limit=MEGATONNE_G)(text) * grams


def _hours(text: Any) -> int:
    typed = plain(text)
    if typed not in map(str, HOURS):
        raise PydanticCustomError("enum", "not one of the listed")
    return int(typed)


def _maybe_kg(text: Any) -> int | None:
    return None if plain(text) == "" else decimal(scale=3, limit=MEGATONNE_G)(text)


Hours = Annotated[int, BeforeValidator(_hours)]


class KeptPhoto(Form):
    """A photo that came with the form before."""

    sha: Annotated[Text, Field(pattern=r"^[0-9a-f]{64}$")]


class AskForm(PriceForm):
    """What every seller says: the lot was looked at, and what is asked for it."""

    productive: Literal["no", "yes"]
    certificate: Annotated[Text, Field(max_length=200)] = ""
    hazard_free: Tick = False
    radiation_checked: Tick = False
    no_sealed_vessels: Tick = False
    reserve_open: Tick = False
    licence: Annotated[Text, Field(max_length=20)] = ""
    deposit_yuan: Annotated[int | None, maybe(Yuan)] = None
    verify_hours: Annotated[int | None, maybe(Count)] = None
    pay_hours: Annotated[int | None, maybe(Count)] = None
    freight_yuan_per_tkm: Annotated[int | None, maybe(Yuan)] = None
    carbon_yuan_per_t: Annotated[int | None, maybe(Yuan)] = None
    tax_included: Tick = False
    vat_percent: Annotated[int | None, optional(Percent)] = None
    open_hours: Hours
    title: Annotated[Text, Field(max_length=120)] = ""
    description: Annotated[Text, Field(max_length=2000)] = ""

    def asked(self, *, now: datetime) -> dict[str, Any]:
        """Return this part of the draft; it closes some hours after `now`."""
        return {
            "productive": self.productive == "yes",
            "certificate": self.certificate,
            "hazard_free": self.hazard_free,
            "radiation_checked": self.radiation_checked,
            "no_sealed_vessels": self.no_sealed_vessels,
            "price": self.price(),
            "conditions": self._conditions(),
            "tax_included": self.tax_included,
            "vat_rate_bp": self.vat_percent or 0,
            "closes_at": now + timedelta(hours=self.open_hours),
            "title": self.title,
            "description": self.description,
        }

    def _conditions(self) -> Conditions:
        freight = self.freight_yuan_per_tkm or 0
        return Conditions(
            reserve_open=self.reserve_open,
            licence=self.licence,
            deposit_fen=self.deposit_yuan,
            verify_s=_seconds(self.verify_hours),
            pay_s=_seconds(self.pay_hours),
            freight_fen_per_tkm=freight,
            co2e_g_per_tkm=ROAD_CO2E_G_PER_TKM if self.carbon_yuan_per_t else 0,
            carbon_fen_per_t=self.carbon_yuan_per_t or 0,
        )


def _seconds(hours: int | None) -> int | None:
    return None if hours is None else hours * HOUR_S


class LotForm(AskForm):
    """A new lot as its seller types it. `grade` is `system|code`; `step` says which button."""

    step: Literal["check", "publish", "change", "draft"] = "check"
    draft_code: Text = ""
    site: Words
    metal: Text = ""
    grade: Words
    mass_unit: Literal["kg", "t", "jin"]
    mass: Annotated[int, BeforeValidator(read_mass)]
    form: Words
    origin: Text
    evidence: Text
    track: Text
    origin_area: Annotated[Text, Field(max_length=2)] = ""
    kept: list[KeptPhoto] = Field(default_factory=list, max_length=12)

    def draft(self, *, now: datetime) -> ListingDraft:
        """Return what was typed as a draft that closes some hours after `now`."""
        system, _, code = self.grade.partition("|")
        if not code:
            raise UnknownGrade(field="grade", grade=self.grade[:40])
        return ListingDraft(
            metal=self.metal,
            grade_system=system,
            grade_code=code,
            form=self.form,
            declared_mass_g=self.mass,
            origin=self.origin,
            evidence=self.evidence,
            track=self.track,
            origin_area=self.origin_area.upper(),
            **self.asked(now=now),
        )


class BidForm(Form):
    """An offer on an auction, or the price seen on a fixed-price listing."""

    price_yuan_per_t: YuanPerT
    limit_yuan_per_t: MaybeYuanPerT = None
    deliver_to_site: Words


class BoardForm(Form):
    """One line of a price board. An empty price takes the line off."""

    grade: Words
    price_yuan_per_t: MaybeYuanPerT = None
    with_invoice: Tick = False
    vat_percent: Annotated[int | None, optional(Percent)] = None
    tier_from_kg: Annotated[int | None, BeforeValidator(_maybe_kg)] = None


@contextmanager
def as_typed(**other: str) -> Iterator[None]:
    """Let a refusal of the market name the field that the person typed into.

    other: fields that this form calls otherwise.
    """
    fields = FIELDS | other
    try:
        yield
    except Refusal as refused:
        named = refused.field
        if named in fields:
            refused.facts["field"] = fields[named]
        raise
