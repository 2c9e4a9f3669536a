"""The forms of the scale, the gate and the till, and how what is typed becomes their terms."""

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field

from remelt.platform.yard.inspection import Finding
from remelt.platform.yard.pricing import LineGiven
from remelt.platform.yard.sellers import SellerGiven
from remelt.platform.yard.weights import DeductionGiven
from remelt.web.fields import (
    Count,
    Day,
    Kg,
    LotCode,
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

LINES = 6
MaybeKg = Annotated[int | None, maybe(Kg)]
MaybePercent = Annotated[int | None, maybe(Percent)]
MaybeYuan = Annotated[int | None, maybe(Yuan)]
MaybeYuanPerT = Annotated[int | None, maybe(YuanPerT)]
MaybeCount = Annotated[int | None, maybe(Count)]
Short = Annotated[Text, Field(max_length=60)]
Note = Annotated[Text, Field(max_length=200)]
Plate = Annotated[Text, Field(max_length=12)]


def _deduct(text: Any) -> tuple[int | None, int | None] | None:
    """Read `20` as 20 kg and `2%` as a share: (mass_g, share_bp)."""
    typed = plain(text)
    if not typed:
        return None
    if typed.endswith("%"):
        return None, decimal(scale=2, limit=10_000)(typed[:-1].strip())
    return decimal(scale=3, limit=10**9)(typed), None


Deduct = Annotated[tuple[int | None, int | None] | None, BeforeValidator(_deduct)]


class LineForm(Form):
    """One material of a gate ticket; in succession gross may be left to the tare before."""

    grade: Words = Field(max_length=200)
    gross_kg: MaybeKg = None
    tare_kg: Kg
    deduct: Deduct = None
    deduct_kind: Text = ""
    price_yuan_per_t: MaybeYuanPerT = None
    reason: Note = ""
    origin: Literal["", "post_consumer", "pre_consumer", "unknown"] = ""
    own_lot: Tick = False
    productive: Tick = False

    def given(self, *, gross_g: int) -> LineGiven:
        """Return the line as the gate takes it."""
        deductions: tuple[DeductionGiven, ...] = ()
        if self.deduct is not None:
            mass_g, share_bp = self.deduct
            kind = self.deduct_kind or "dirt"
            deductions = (DeductionGiven(kind, mass_g=mass_g, share_bp=share_bp, accepted=True),)
        return LineGiven(
            grade=self.grade,
            gross_g=gross_g,
            tare_g=self.tare_kg,
            price_fen_per_t=self.price_yuan_per_t,
            reason=self.reason,
            deductions=deductions,
            productive=self.productive,
            own_lot=self.own_lot,
            origin=self.origin or "unknown",
        )


class BuyForm(Form):
    """A purchase at the gate."""

    site: Text = ""
    seller_code: Text = ""
    seller_name: Short = ""
    seller_phone: Annotated[Text, Field(max_length=30)] = ""
    id_number: Annotated[Text, Field(max_length=30)] = ""
    consent: Tick = False
    plate: Plate = ""
    mode: Literal["platform", "successive"] = "platform"
    lines: list[LineForm] = Field(default_factory=list, max_length=20)
    method: Text = ""
    reference: Short = ""
    rounded_off_yuan: MaybeYuan = None
    tare_stored: Tick = False
    with_invoice: Tick = False
    radiation_nsv_h: MaybeCount = None
    background_nsv_h: MaybeCount = None
    device: Short = ""
    note: Note = ""

    def seller(self) -> SellerGiven | str:
        """Return the chosen card's code, or the seller as told."""
        if self.seller_code:
            return self.seller_code
        return SellerGiven(
            name=self.seller_name,
            phone=self.seller_phone,
            plate=self.plate,
            id_number=self.id_number,
            consent=self.consent,
        )

    def given(self) -> list[LineGiven]:
        """Return the lines; a gross left empty in succession is the tare before it."""
        found: list[LineGiven] = []
        for line in self.lines:
            left_g = found[-1].tare_g if found and self.mode == "successive" else 0
            found.append(line.given(gross_g=left_g if line.gross_kg is None else line.gross_kg))
        return found

    def radiation(self) -> Finding | None:
        """Return the reading on the load, None when nothing was measured."""
        return reading(self.radiation_nsv_h, self.background_nsv_h, self.device)


class DeductForm(Form):
    """One deduction of a weighed lot."""

    kind: Text = ""
    deduct: Deduct = None
    accepted: Tick = False

    def given(self) -> DeductionGiven:
        """Return the deduction as the scale takes it."""
        mass_g, share_bp = self.deduct or (None, None)
        return DeductionGiven(
            self.kind, mass_g=mass_g, share_bp=share_bp, accepted=self.accepted or None
        )


class FindingForm(Form):
    """One line of the inspection. `item` is `tier.item`; a line without a method is none."""

    item: Text
    method: Text = ""
    failed: Tick = False
    value_percent: MaybePercent = None
    uncertainty_percent: MaybePercent = None
    note: Note = ""

    def given(self) -> Finding:
        """Return the finding as the inspection takes it."""
        tier, _, item = self.item.partition(".")
        return Finding(
            tier=tier,
            item=item,
            method=self.method,
            passed=not self.failed,
            value_bp=self.value_percent,
            uncertainty_bp=self.uncertainty_percent,
            note=self.note,
        )


class WeighForm(Form):
    """A lot on the scale."""

    site: Text = ""
    lot_code: LotCode
    kind: Literal["receipt", "dispatch"] = "receipt"
    gross_kg: Kg
    tare_kg: Kg
    tare_stored: Tick = False
    further: Tick = False
    plate: Plate = ""
    deductions: list[DeductForm] = Field(default_factory=list, max_length=6)
    findings: list[FindingForm] = Field(default_factory=list, max_length=10)
    radiation_nsv_h: MaybeCount = None
    background_nsv_h: MaybeCount = None
    device: Short = ""
    hold: Tick = False
    note: Note = ""

    def given(self) -> list[DeductionGiven]:
        """Return the deductions that say how much."""
        return [line.given() for line in self.deductions if line.deduct is not None or line.kind]

    def found(self) -> list[Finding]:
        """Return the findings, the radiation reading and the hold among them."""
        found = [line.given() for line in self.findings if line.method]
        radiation = reading(
            self.radiation_nsv_h, self.background_nsv_h, self.device, hold=self.hold
        )
        if radiation is not None:
            found.append(radiation)
        elif self.hold:
            found.append(
                Finding(
                    tier="key", item="forbidden", method="visual", passed=False, hold=True,
                    note=self.note,
                )
            )  # fmt: skip
        return found


class HoldForm(Form):
    """A load that is held at the gate."""

    site: Text = ""
    plate: Annotated[Words, Field(max_length=12)]
    radiation_nsv_h: MaybeCount = None
    background_nsv_h: MaybeCount = None
    device: Short = ""
    note: Note = ""

    def found(self) -> Finding:
        """Return the finding that holds the load."""
        radiation = reading(self.radiation_nsv_h, self.background_nsv_h, self.device, hold=True)
        return radiation or Finding(
            tier="key", item="forbidden", method="visual", passed=False, hold=True, note=self.note
        )


class ReasonForm(Form):
    """A reason, for taking something back or letting it go."""

    reason: Annotated[Text, Field(max_length=200)] = ""


class ImportForm(Form):
    """Whose file it is and what its headings leave open."""

    site: Text = ""
    mass_unit: Literal["", "kg", "jin", "t", "g"] = ""
    price_unit: Literal["", "t", "kg", "jin"] = ""
    paid_by: Literal["", "cash", "wechat", "alipay", "bank"] = ""


class CheckedForm(ImportForm):
    """A file that was checked and is taken in now."""

    file: Annotated[Text, Field(pattern=r"^[0-9a-f]{64}$")]
    name: Annotated[Text, Field(max_length=200)] = ""


class PaymentForm(Form):
    """A payment as it stands on the statement."""

    amount_yuan: Yuan
    paid_on: Day
    method: Text = "bank"
    reference: Short = ""


def reading(
    nsv_h: int | None, background: int | None, device: str, *, hold: bool = False
) -> Finding | None:
    """Return a radiation reading as a finding, None when nothing was measured."""
    if nsv_h is None and background is None:
        return None
    return Finding(
        tier="key",
        item="radioactivity",
        method="gamma",
        radiation_nsv_h=nsv_h,
        background_nsv_h=background,
        device=device,
        hold=hold,
    )
