"""A draft as typed: everything may be missing; and a kept draft as the form shows it again."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, ValidationInfo

from remelt.platform.market.preparing.keeping import DAY_S
from remelt.platform.market.preparing.models import LotDraft
from remelt.platform.market.preparing.said import conditions_said, price_said
from remelt.web.fields import Text, maybe, plain
from remelt.web.forms import Form
from remelt.web.market_forms import Hours, LotForm, read_mass
from remelt.web.price_forms import HOUR_S, MINUTE_S, MaybeYuanPerT

MASS_UNITS = Literal["", "kg", "t", "jin"]
TICKS = ("hazard_free", "radiation_checked", "no_sealed_vessels", "tax_included")
PRICE_FIELDS = {
    "price_fen_per_t": "price_yuan_per_t",
    "start_fen_per_t": "price_yuan_per_t",
    "step_fen_per_t": "step_yuan_per_t",
    "reserve_fen_per_t": "reserve_yuan_per_t",
    "floor_fen_per_t": "floor_yuan_per_t",
    "lower_by_fen_per_t": "lower_yuan_per_t",
    "most_rise_fen_per_t": "most_rise_yuan_per_t",
}
CONDITION_FIELDS = {
    "deposit_fen": "deposit_yuan",
    "freight_fen_per_tkm": "freight_yuan_per_tkm",
    "carbon_fen_per_t": "carbon_yuan_per_t",
}
LENGTHS = {
    "lower_every_s": ("lower_minutes", MINUTE_S),
    "sealed_s": ("sealed_minutes", MINUTE_S),
    "best_s": ("best_minutes", MINUTE_S),
    "open_within_s": ("opened_hours", HOUR_S),
}
TEXTS = ("metal", "form", "origin", "evidence", "track", "certificate", "title", "description")


def _mass(text: Any, info: ValidationInfo) -> int | None:
    return None if plain(text) == "" else read_mass(text, info)


class DraftForm(LotForm):
    """The form of a lot with nothing in it that must be there yet."""

    site: Text = ""
    grade: Text = ""
    mass_unit: Literal["kg", "t", "jin"] = "kg"
    mass: Annotated[int | None, BeforeValidator(_mass)] = None  # type: ignore[assignment]
    form: Text = ""
    origin: Text = ""
    evidence: Text = ""
    track: Text = ""
    productive: Literal["no", "yes"] = "no"
    price_mode: Literal["auction", "fixed", "sealed", "descending"] = "fixed"
    price_yuan_per_t: MaybeYuanPerT = None  # type: ignore[assignment]
    open_hours: Annotated[int | None, maybe(Hours)] = None  # type: ignore[assignment]

    def said(self) -> dict[str, Any]:
        """Return what was typed, in kept units, without what is empty."""
        system, _, code = self.grade.partition("|")
        said: dict[str, Any] = {name: getattr(self, name) for name in TEXTS}
        said |= {name: getattr(self, name) or None for name in TICKS[:3]}
        said |= {
            "grade_system": system if code else "",
            "grade_code": code,
            "declared_mass_g": self.mass,
            "origin_area": self.origin_area.upper(),
            "productive": self.productive == "yes",
            "tax_included": self.tax_included,
            "vat_rate_bp": self.vat_percent or 0,
            "price": None if self.price_yuan_per_t is None else price_said(self.price()),
        }
        said |= conditions_said(self._conditions())
        return {name: value for name, value in said.items() if value not in (None, "")}

    @property
    def open_s(self) -> int:
        """How long the lot stays on offer once published."""
        return (self.open_hours or DAY_S // HOUR_S) * HOUR_S


def values_of(row: LotDraft, *, site_code: str) -> dict[str, str]:
    """Return the form of a lot filled in from a draft, its photos as kept ones."""
    said = row.said
    values = {name: str(said[name]) for name in (*TEXTS, "origin_area") if said.get(name)}
    values |= {name: "yes" for name in TICKS if said.get(name)}
    values |= {"draft_code": row.code, "site": site_code, "open_hours": str(row.open_s // HOUR_S)}
    values["productive"] = "yes" if said.get("productive") else "no"
    if said.get("grade_code"):
        values["grade"] = f"{said['grade_system']}|{said['grade_code']}"
    if said.get("declared_mass_g"):
        values |= {"mass_unit": "kg", "mass": in_words(said["declared_mass_g"], 3)}
    if said.get("vat_rate_bp"):
        values["vat_percent"] = in_words(said["vat_rate_bp"], 2)
    for number, (sha, _width, _height) in enumerate(row.photos):
        values[f"kept-{number}-sha"] = sha
    return values | _price_values(said.get("price")) | condition_values(said.get("conditions", {}))


def _price_values(price: Mapping[str, Any] | None) -> dict[str, str]:
    if price is None:
        return {}
    values = {"price_mode": price["mode"], "holder": price.get("holder") or ""}
    values |= fall_values(price)
    if "auto_award" in price:
        values["award"] = "close" if price["auto_award"] else "seller"
    return values


def fall_values(price: Mapping[str, Any]) -> dict[str, str]:
    """Return the prices of a listing, and how one falls, as the form shows them."""
    values = {
        field_: in_words(price[name], 2)
        for name, field_ in PRICE_FIELDS.items()
        if price.get(name) is not None
    }
    for start, step in price.get("bands") or ():
        values["band_from_yuan_per_t"] = in_words(start, 2)
        values["band_step_yuan_per_t"] = in_words(step, 2)
    if price.get("tick_fen_per_t", 1) > 1:
        values["tick_yuan_per_t"] = in_words(price["tick_fen_per_t"], 2)
    for name, (field_, unit_s) in LENGTHS.items():
        if price.get(name):
            values[field_] = str(price[name] // unit_s)
    return values


def condition_values(asked: Mapping[str, Any]) -> dict[str, str]:
    """Return what is asked of bidders and winners as the form shows it."""
    values = {"reserve_open": "yes"} if asked.get("reserve_open") else {}
    if asked.get("licence"):
        values["licence"] = str(asked["licence"])
    for name, field_ in CONDITION_FIELDS.items():
        if asked.get(name):
            values[field_] = in_words(asked[name], 2)
    for name, field_ in (("verify_s", "verify_hours"), ("pay_s", "pay_hours")):
        if asked.get(name):
            values[field_] = str(asked[name] // HOUR_S)
    return values


def in_words(value: int, places: int) -> str:
    """Return a whole number of parts as a person types it: 4500 with 3 places is 4.5."""
    whole, rest = divmod(value, 10**places)
    return f"{whole}.{rest:0{places}d}".rstrip("0").rstrip(".")


class LotFileForm(Form):
    """Where the lots of the file lie, and units for headings that name none."""

    site: Text
    mass_unit: MASS_UNITS = ""
    price_unit: Literal["", "t", "kg", "jin"] = ""


class CheckedLotsForm(LotFileForm):
    """A file of lots that was checked, and whether its lots go on the market at once."""

    file: Annotated[Text, Field(pattern=r"^[0-9a-f]{64}$")]
    name: Annotated[Text, Field(max_length=200)] = ""
    then: Literal["publish", "keep"] = "keep"
