"""The forms of needs, saved searches and questions."""

from datetime import datetime, timedelta
from typing import Annotated, Any

from pydantic import BeforeValidator, Field
from pydantic_core import PydanticCustomError

from remelt.platform.market.needs.matching import parted
from remelt.platform.market.needs.stating import NeedDraft
from remelt.web.fields import (
    MEGATONNE_G,
    Percent,
    Text,
    Tick,
    Words,
    YuanPerT,
    decimal,
    maybe,
    plain,
)
from remelt.web.forms import Form

DAYS = (3, 7, 14, 30, 90)
Tonnes = Annotated[int, BeforeValidator(decimal(scale=6, limit=MEGATONNE_G))]
Km = Annotated[int, BeforeValidator(decimal(scale=3, limit=50_000_000))]
KgPerT = Annotated[int, BeforeValidator(decimal(scale=3, limit=10_000_000))]


def _days(text: Any) -> int:
    typed = plain(text)
    if typed not in map(str, DAYS):
        raise PydanticCustomError("enum", "not one of the listed")
    return int(typed)


def _moment(text: Any) -> datetime:
    try:
        read = datetime.fromisoformat(plain(text))
    except ValueError:
        raise PydanticCustomError("date", "not a time") from None
    if read.tzinfo is None:
        raise PydanticCustomError("date", "not a time")
    return read


class GradeRow(Form):
    """One grade that would do, as `system|code`."""

    grade: Text


class FormRow(Form):
    """One form that would do."""

    form: Text


class TrackRow(Form):
    """One track that would do."""

    track: Text


class NeedForm(Form):
    """What a buyer looks for, as typed."""

    metal: Words
    site: Words
    grades: list[GradeRow] = Field(default_factory=list, max_length=40)
    forms: list[FormRow] = Field(default_factory=list, max_length=9)
    tracks: list[TrackRow] = Field(default_factory=list, max_length=3)
    mass_t: Tonnes
    least_lot_t: Annotated[int | None, maybe(Tonnes)] = None
    price_yuan_per_t: Annotated[int | None, maybe(YuanPerT)] = None
    tax_included: Tick = False
    vat_percent: Annotated[int | None, maybe(Percent)] = None
    productive: Tick = False
    most_km: Annotated[int | None, maybe(Km)] = None
    most_co2e_kg_per_t: Annotated[int | None, maybe(KgPerT)] = None
    open_days: Annotated[int, BeforeValidator(_days)]
    purpose: Annotated[Text, Field(max_length=100)] = ""
    note: Annotated[Text, Field(max_length=1000)] = ""

    def draft(self, *, now: datetime) -> NeedDraft:
        """Return what was typed as a draft that ends some days after `now`."""
        return NeedDraft(
            metal=self.metal,
            mass_g=self.mass_t,
            ends_at=now + timedelta(days=self.open_days),
            grades=tuple(parted(row.grade) for row in self.grades),
            forms=tuple(row.form for row in self.forms),
            tracks=tuple(row.track for row in self.tracks),
            least_lot_g=self.least_lot_t,
            most_fen_per_t=self.price_yuan_per_t,
            tax_included=self.tax_included,
            vat_rate_bp=self.vat_percent or 0,
            productive=self.productive,
            most_distance_m=self.most_km,
            most_co2e_g_per_t=self.most_co2e_kg_per_t,
            purpose=self.purpose,
            note=self.note,
        )


class SearchForm(Form):
    """A search of the board under a name, with the filters as the board's address holds them."""

    name: Text
    alert: Tick = False
    asked: Annotated[Text, Field(max_length=1000)] = ""


class QuestionForm(Form):
    """A question about a listing."""

    asked: Text


class AnswerForm(Form):
    """The seller's answer to a question."""

    answer: Text


class ReadForm(Form):
    """Everything that was on the page is read: what was told until then."""

    until: Annotated[datetime, BeforeValidator(_moment)]
