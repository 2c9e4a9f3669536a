"""What the API of ladles, tolling, returns and analyses takes: g, ppm, fen, 1/10,000, UTC."""

from datetime import UTC, datetime
from typing import Annotated, Literal

from pydantic import Field

from remelt.platform.works.assays import Result
from remelt.platform.works.molten import Ladle, Tapped
from remelt.platform.works.tolling_terms import Terms
from remelt.platform.yard.returning import Cause
from remelt.web.api.works_in import Code, Grams, Name
from remelt.web.inputs import ApiIn, Moment

Number = Annotated[str, Field(min_length=1, max_length=20)]
Element = Annotated[str, Field(pattern="^[A-Z][a-z]?$")]
Ppm = Annotated[int, Field(ge=0, le=1_000_000)]
Bp = Annotated[int, Field(gt=0, le=10_000)]
Bearer = Literal["here", "there", "carrier"]


class LadleIn(ApiIn):
    """One ladle as either side writes it down; `at` with its offset."""

    site: Code
    ladle: Number
    tap: Number
    gross_g: Grams
    tare_g: Annotated[int, Field(ge=0, le=10**12)]
    temperature_c: Annotated[int, Field(ge=0, le=3_000)]
    at: Moment

    def note(self) -> Ladle:
        """Return it as the works take it."""
        return Ladle(
            ladle=self.ladle,
            tap=self.tap,
            gross_g=self.gross_g,
            tare_g=self.tare_g,
            temperature_c=self.temperature_c,
            at=datetime.astimezone(self.at, UTC),
        )


class SentIn(LadleIn):
    """The sender's note: `lot`, a liquid lot on hand, or primary metal of an alloy as tapped.

    to_site: of the receiver; without one the own cast house, which writes no second note.
    """

    to_site: Code | None = None
    lot: Code | None = None
    alloy: Name = ""
    standard: Annotated[str, Field(max_length=100)] = ""
    purity_bp: Bp | None = None
    factor_id: Annotated[str, Field(max_length=60)] | None = None

    def what(self) -> Tapped | str:
        """Return what is in the ladle."""
        if self.lot:
            return self.lot
        return Tapped(
            alloy=self.alloy,
            standard=self.standard,
            purity_bp=self.purity_bp,
            factor_id=self.factor_id,
        )


class ReceivedIn(LadleIn):
    """The receiver's note; sender: code of the organisation."""

    sender: Code


class MatchIn(ApiIn):
    """Two notes that are one ladle, by their codes."""

    sent: Code
    received: Code


class MetalAccountIn(ApiIn):
    """A metal account that the processor offers to an owner."""

    site: Code
    owner_site: Code
    metal: Annotated[str, Field(min_length=1, max_length=10)]
    product: Annotated[str, Field(min_length=1, max_length=60)]
    terms: Literal["own_metal", "equivalent", "swap"]
    yield_bp: Bp
    fee_fen_per_t: Annotated[int, Field(ge=0, le=10**10)] = 0
    material: Literal["scrap", "dross"] = "scrap"

    def agreed(self) -> Terms:
        """Return it as the works take it."""
        return Terms(**self.model_dump(exclude={"site", "owner_site"}))


class BookingIn(ApiIn):
    """What is done with a lot of an account; `take_in` gives the mass weighed."""

    account: Code
    what: Literal["accept", "send", "take_in", "give_back", "take_home"]
    lot: Code | None = None
    mass_g: Grams | None = None


class WhyIn(ApiIn):
    """Why metal goes back; `here` is who sends it back or takes it back."""

    site: Code
    lot: Code
    cause: Literal[
        "radiation",
        "forbidden",
        "grade",
        "chemistry",
        "moisture",
        "weight",
        "surface",
        "order",
        "other",
    ]
    note: Annotated[str, Field(max_length=300)] = ""
    freight_by: Bearer
    co2e_by: Bearer
    co2e_g: Annotated[int, Field(ge=0, le=10**12)] | None = None

    def why(self) -> Cause:
        """Return it as the yard takes it."""
        return Cause(
            cause=self.cause,
            note=self.note,
            freight_by=self.freight_by,
            co2e_by=self.co2e_by,
            co2e_g=self.co2e_g,
        )


class AgreeIn(ApiIn):
    """The CO2e of the way back, from who bears it; left out, it stays missing by name."""

    co2e_g: Annotated[int, Field(ge=0, le=10**12)] | None = None


class ReturnIn(WhyIn):
    """A lot that goes back, or with `customer` and `mass_g` what a customer returned."""

    to_site: Code | None = None
    customer: Annotated[str, Field(max_length=80)] = ""
    mass_g: Grams | None = None


class AssayIn(ApiIn):
    """A spectrometer's result of lots at a site, in parts per million; balance: base metal."""

    site: Code
    lots: Annotated[list[Code], Field(min_length=1, max_length=50)]
    elements_ppm: Annotated[dict[Element, Ppm], Field(min_length=1, max_length=40)]
    sd_ppm: dict[Element, Ppm] = Field(default_factory=dict)
    method: Annotated[str, Field(min_length=1, max_length=40)]
    sample: Annotated[str, Field(min_length=1, max_length=40)]
    balance: Element | None = None

    def result(self) -> Result:
        """Return it as the works take it."""
        return Result(**self.model_dump(exclude={"site", "lots"}))
