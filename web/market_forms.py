"""The forms of the market, and how what is typed becomes a draft."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, ValidationInfo
from pydantic_core import PydanticCustomError

from remelt.platform.kernel.errors import Refusal
from remelt.platform.market.drafts import Ascending, FixedPrice, ListingDraft
from remelt.platform.market.errors import TermUnfit, UnknownGrade
from remelt.platform.market.kinds import Conditions, Descending, Sealed
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

UNITS = {"kg": (3, 1), "t": (6, 1), "jin": (1, 50)}
DEFAULT_STEP_FEN = 5_000
HOUR_S, MINUTE_S = 3_600, 60
ROAD_CO2E_G_PER_TKM = 100  # a loaded lorry; the seller's weight on carbon, no footprint
HOURS = (1, 6, 24, 72, 168)
PRICE_TERMS = {
    "reserve_yuan_per_t": ("auction", "sealed"),
    "step_yuan_per_t": ("auction", "descending"),
    "floor_yuan_per_t": ("descending",),
    "lower_yuan_per_t": ("descending",),
    "lower_minutes": ("descending",),
}
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
    "floor_fen_per_t": "floor_yuan_per_t",
    "lower_by_fen_per_t": "lower_yuan_per_t",
    "lower_every_s": "lower_minutes",
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


def _optional(kind: Any) -> Any:
    """Read an empty field as None, else as `kind`'s own reader does."""
    reader = next(m for m in kind.__metadata__ if isinstance(m, BeforeValidator))
    read: Any = reader.func
    return BeforeValidator(lambda text: None if plain(text) == "" else read(text))


def _hours(text: Any) -> int:
    typed = plain(text)
    if typed not in map(str, HOURS):
        raise PydanticCustomError("enum", "not one of the listed")
    return int(typed)


def _maybe_kg(text: Any) -> int | None:
    return None if plain(text) == "" else decimal(scale=3, limit=MEGATONNE_G)(text)


MaybeYuanPerT = Annotated[int | None, _optional(YuanPerT)]
Hours = Annotated[int, BeforeValidator(_hours)]


class KeptPhoto(Form):
    """A photo that came with the form before."""

    sha: Annotated[Text, Field(pattern=r"^[0-9a-f]{64}$")]


class AskForm(Form):
    """What every seller says: the lot was looked at, and what is asked for it."""

    productive: Literal["no", "yes"]
    certificate: Annotated[Text, Field(max_length=200)] = ""
    hazard_free: Tick = False
    radiation_checked: Tick = False
    no_sealed_vessels: Tick = False
    price_mode: Literal["auction", "fixed", "sealed", "descending"]
    price_yuan_per_t: YuanPerT
    reserve_yuan_per_t: MaybeYuanPerT = None
    step_yuan_per_t: MaybeYuanPerT = None
    holder: Annotated[Text, Field(max_length=14)] = ""
    floor_yuan_per_t: MaybeYuanPerT = None
    lower_yuan_per_t: MaybeYuanPerT = None
    lower_minutes: Annotated[int | None, maybe(Count)] = None
    reserve_open: Tick = False
    deposit_yuan: Annotated[int | None, maybe(Yuan)] = None
    verify_hours: Annotated[int | None, maybe(Count)] = None
    pay_hours: Annotated[int | None, maybe(Count)] = None
    freight_yuan_per_tkm: Annotated[int | None, maybe(Yuan)] = None
    carbon_yuan_per_t: Annotated[int | None, maybe(Yuan)] = None
    tax_included: Tick = False
    vat_percent: Annotated[int | None, _optional(Percent)] = None
    open_hours: Hours
    award: Literal["close", "seller"] = "close"
    title: Annotated[Text, Field(max_length=120)] = ""
    description: Annotated[Text, Field(max_length=2000)] = ""

    def asked(self, *, now: datetime) -> dict[str, Any]:
        """Return this part of the draft; it closes some hours after `now`."""
        self._check_fits()
        return {
            "productive": self.productive == "yes",
            "certificate": self.certificate,
            "hazard_free": self.hazard_free,
            "radiation_checked": self.radiation_checked,
            "no_sealed_vessels": self.no_sealed_vessels,
            "price": self._price(),
            "conditions": self._conditions(),
            "tax_included": self.tax_included,
            "vat_rate_bp": self.vat_percent or 0,
            "closes_at": now + timedelta(hours=self.open_hours),
            "title": self.title,
            "description": self.description,
        }

    def _check_fits(self) -> None:
        """Refuse a price term that was typed for another way of selling."""
        for field, kinds in PRICE_TERMS.items():
            if getattr(self, field) is not None and self.price_mode not in kinds:
                raise TermUnfit(field=field)

    def _price(self) -> FixedPrice | Ascending | Sealed | Descending:
        start, auto = self.price_yuan_per_t, self.award == "close"
        step = DEFAULT_STEP_FEN if self.step_yuan_per_t is None else self.step_yuan_per_t
        if self.price_mode == "fixed":
            return FixedPrice(price_fen_per_t=start)
        if self.price_mode == "sealed":
            return Sealed(
                start_fen_per_t=start, reserve_fen_per_t=self.reserve_yuan_per_t,
                holder=self.holder, auto_award=auto,
            )  # fmt: skip
        if self.price_mode == "descending":
            return Descending(
                start_fen_per_t=start, floor_fen_per_t=self.floor_yuan_per_t or 0,
                lower_by_fen_per_t=self.lower_yuan_per_t or DEFAULT_STEP_FEN, step_fen_per_t=step,
                lower_every_s=(self.lower_minutes or 1) * MINUTE_S, holder=self.holder,
                auto_award=auto,
            )  # fmt: skip
        return Ascending(
            start_fen_per_t=start, step_fen_per_t=step, auto_award=auto,
            reserve_fen_per_t=self.reserve_yuan_per_t,
        )  # fmt: skip

    def _conditions(self) -> Conditions:
        freight = self.freight_yuan_per_tkm or 0
        return Conditions(
            reserve_open=self.reserve_open,
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


class Press(Form):
    """A form that is a single button."""


class BoardForm(Form):
    """One line of a price board. An empty price takes the line off."""

    grade: Words
    price_yuan_per_t: MaybeYuanPerT = None
    with_invoice: Tick = False
    vat_percent: Annotated[int | None, _optional(Percent)] = None
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
