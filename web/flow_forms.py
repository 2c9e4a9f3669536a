"""Forms of ladles, tolling, returns and analyses: what a person types, kept as g, ppm and fen."""

from datetime import UTC, datetime, time, timedelta
from typing import Annotated

from pydantic import BeforeValidator, Field

from remelt.platform.kernel.clock import BEIJING
from remelt.platform.works.assays import Result
from remelt.platform.works.molten import Ladle, Tapped
from remelt.platform.works.tolling_terms import Terms
from remelt.platform.yard.returning import Cause
from remelt.web.fields import (
    Count,
    Day,
    Kg,
    LotCode,
    Percent,
    PositiveKg,
    Text,
    Tick,
    Words,
    YuanPerT,
    decimal,
    maybe,
    plain,
)
from remelt.web.forms import Form
from remelt.web.views.party_forms import TimeOfDay
from remelt.web.works_forms import KgOrNone, Pair, PercentOrNone

Ppm = Annotated[int, BeforeValidator(decimal(scale=4, limit=1_000_000))]
"""Per cent with up to four decimals -> parts per million."""
PpmOrNone = Annotated[int | None, maybe(Ppm)]
CAUSE = "^(radiation|forbidden|grade|chemistry|moisture|weight|surface|order|other)$"
BEARER = "^(here|there|carrier)$"


class LadleForm(Form):
    """One ladle as either side writes it down."""

    site: Words = Field(max_length=14)
    ladle: Words = Field(max_length=20)
    tap: Words = Field(max_length=20)
    gross_kg: PositiveKg
    tare_kg: Kg
    temperature_c: Count
    day: Day
    hour: TimeOfDay

    def note(self) -> Ladle:
        """Return it as the works take it."""
        midnight = datetime.combine(self.day, time(), tzinfo=BEIJING)
        return Ladle(
            ladle=self.ladle,
            tap=self.tap,
            gross_g=self.gross_kg,
            tare_g=self.tare_kg,
            temperature_c=self.temperature_c,
            at=(midnight + timedelta(minutes=self.hour)).astimezone(UTC),
        )


class SendForm(LadleForm):
    """The sender's note: a liquid lot on hand, or primary metal of an alloy as tapped."""

    to_site: Text = Field(default="", max_length=14)
    lot: Text = Field(default="", max_length=14)
    alloy: Pair = None
    purity_pct: PercentOrNone = None
    factor: Text = Field(default="", max_length=60)

    def what(self) -> Tapped | str:
        """Return what is in the ladle."""
        if self.lot:
            return self.lot
        standard, alloy = self.alloy or ("", "")
        return Tapped(
            alloy=alloy,
            standard=standard,
            purity_bp=self.purity_pct,
            factor_id=self.factor or None,
        )


class ReceiveForm(LadleForm):
    """The receiver's note."""

    sender: Words = Field(max_length=14)


class MatchForm(Form):
    """Two notes that are one ladle."""

    sent: Words = Field(max_length=14)
    received: Words = Field(max_length=14)


class TollForm(Form):
    """A metal account to offer."""

    site: Words = Field(max_length=14)
    owner_site: Words = Field(max_length=14)
    metal: Words = Field(max_length=10)
    material: Words = Field(pattern="^(scrap|dross)$")
    product: Words = Field(max_length=60)
    terms: Words = Field(pattern="^(own_metal|equivalent|swap)$")
    yield_pct: Percent
    fee_yuan_per_t: Annotated[int | None, maybe(YuanPerT)] = None

    def agreed(self) -> Terms:
        """Return it as the works take it."""
        return Terms(
            metal=self.metal,
            product=self.product,
            terms=self.terms,
            yield_bp=self.yield_pct,
            fee_fen_per_t=self.fee_yuan_per_t or 0,
            material=self.material,
        )


class TollLotForm(Form):
    """A lot of a metal account; what the processor weighed."""

    what: Words = Field(pattern="^(send|take_in|give_back|take_home)$")
    lot: LotCode
    mass_kg: KgOrNone = None


class WhyForm(Form):
    """Why metal goes back, and who bears the way."""

    site: Words = Field(max_length=14)
    lot_code: LotCode
    cause: Words = Field(pattern=CAUSE)
    note: Text = Field(default="", max_length=300)
    freight_by: Words = Field(pattern=BEARER)
    co2e_by: Words = Field(pattern=BEARER)
    co2e_kg: KgOrNone = None

    def why(self) -> Cause:
        """Return it as the yard takes it."""
        return Cause(
            cause=self.cause,
            note=self.note,
            freight_by=self.freight_by,
            co2e_by=self.co2e_by,
            co2e_g=self.co2e_kg,
        )


class ReturnForm(WhyForm):
    """A lot to send back."""

    to_site: Text = Field(default="", max_length=14)


class TakeBackForm(WhyForm):
    """What a customer outside of the platform returned."""

    customer: Words = Field(max_length=80)
    mass_kg: PositiveKg


class ElementForm(Form):
    """One element of an analysis."""

    element: Words = Field(pattern="^[A-Z][a-z]?$")
    share_pct: Ppm
    sd_pct: PpmOrNone = None


class AssayForm(Form):
    """A spectrometer's result."""

    method: Words = Field(max_length=40)
    sample: Words = Field(max_length=40)
    elements: list[ElementForm] = Field(default=[], max_length=40)
    balance: Tick = False

    def result(self, *, metal: str) -> Result:
        """Return it as the works take it; the base metal is the rest when ticked."""
        return Result(
            elements_ppm={each.element: each.share_pct for each in self.elements},
            sd_ppm={e.element: e.sd_pct for e in self.elements if e.sd_pct is not None},
            method=self.method,
            sample=self.sample,
            balance=metal if self.balance else None,
        )


class AmendForm(Form):
    """The next edition of a definition."""

    from_month: Words = Field(pattern="^20[0-9]{2}-(0[1-9]|1[0-2])$")
    text_zh: Words = Field(max_length=1_000)
    text_en: Words = Field(max_length=1_000)
    remelt_forms: Text = Field(default="", max_length=200)
    area: Text = Field(default="", max_length=6, pattern="^([0-9]{2}|[0-9]{4}|[0-9]{6})?$")
    reason: Words = Field(max_length=300)

    def parameters(self) -> dict[str, object]:
        """Return the parameters as the definition keeps them."""
        forms = [plain(each) for each in self.remelt_forms.split(",")]
        return {"remelt_forms": [each for each in forms if each], "area": self.area}
