"""What the yard's API takes and gives: masses in g, money in fen, times in UTC."""

from datetime import date, datetime
from typing import Annotated, Literal

from pydantic import Field

from remelt.platform.yard.inspection import Finding
from remelt.platform.yard.pricing import LineGiven
from remelt.platform.yard.sellers import SellerGiven
from remelt.platform.yard.weights import SCALE_LIMIT_G, DeductionGiven
from remelt.traceability.terms import Evidence, Origin
from remelt.web.inputs import ApiIn, ApiOut, ApiQuery

Grams = Annotated[int, Field(ge=0, le=SCALE_LIMIT_G)]
Code = Annotated[str, Field(min_length=1, max_length=20)]
Short = Annotated[str, Field(max_length=60)]
Note = Annotated[str, Field(max_length=200)]
Plate = Annotated[str, Field(max_length=12)]


class DeductionIn(ApiIn):
    """A deduction: `mass_g`, or `share_bp` (1/10,000 of the net without packaging)."""

    kind: Code
    mass_g: Grams | None = None
    share_bp: Annotated[int, Field(ge=1, le=10_000)] | None = None
    accepted: bool | None = None

    def given(self) -> DeductionGiven:
        """Return it as the scale takes it."""
        return DeductionGiven(
            self.kind, mass_g=self.mass_g, share_bp=self.share_bp, accepted=self.accepted
        )


class FindingIn(ApiIn):
    """One finding of an inspection; radiation in nSv/h."""

    tier: Code
    item: Code
    method: Code
    passed: bool = True
    value_bp: Annotated[int, Field(ge=0, le=10_000)] | None = None
    uncertainty_bp: Annotated[int, Field(ge=0, le=10_000)] | None = None
    radiation_nsv_h: Annotated[int, Field(ge=0, le=10**9)] | None = None
    background_nsv_h: Annotated[int, Field(ge=0, le=10**9)] | None = None
    device: Short = ""
    hold: bool = False
    note: Note = ""

    def given(self) -> Finding:
        """Return it as the inspection takes it."""
        return Finding(**self.model_dump())


class TicketIn(ApiIn):
    """The weighing of a lot that stands at one of the organisation's sites.

    further: the lot came in several trucks, and this one's net is added to those before it.
    """

    site_code: Code
    lot_code: Code
    gross_g: Grams
    tare_g: Grams
    kind: Literal["receipt", "dispatch"] = "receipt"
    deductions: Annotated[list[DeductionIn], Field(max_length=10)] = Field(default_factory=list)
    findings: Annotated[list[FindingIn], Field(max_length=20)] = Field(default_factory=list)
    plate: Plate = ""
    tare_stored: bool = False
    further: bool = False
    note: Note = ""


class SellerIn(ApiIn):
    """The seller: the `code` of a card, or a person. The identity number only with consent."""

    code: Annotated[str, Field(max_length=20)] = ""
    name: Short = ""
    phone: Annotated[str, Field(max_length=30)] = ""
    id_number: Annotated[str, Field(max_length=30)] = ""
    consent: bool = False

    def given(self, plate: str) -> SellerGiven | str:
        """Return it as the gate takes it."""
        if self.code:
            return self.code
        facts = self.model_dump(exclude={"code"})
        return SellerGiven(plate=plate, **facts)


class PurchaseLineIn(ApiIn):
    """One material; without a price the board's holds, another price needs a reason."""

    grade: Annotated[str, Field(min_length=1, max_length=200)]
    gross_g: Grams
    tare_g: Grams
    price_fen_per_t: Annotated[int, Field(gt=0, le=100_000_000)] | None = None
    reason: Note = ""
    deductions: Annotated[list[DeductionIn], Field(max_length=10)] = Field(default_factory=list)
    productive: bool = False
    own_lot: bool = False
    form: Annotated[str, Field(max_length=20)] = "loose"
    origin: Origin = "unknown"
    evidence: Evidence = "declared"

    def given(self) -> LineGiven:
        """Return it as the gate takes it."""
        facts = self.model_dump(exclude={"deductions"})
        return LineGiven(deductions=tuple(each.given() for each in self.deductions), **facts)


class PurchaseIn(ApiIn):
    """A purchase at the gate: one seller, several materials, paid at once."""

    site_code: Code
    seller: SellerIn
    lines: Annotated[list[PurchaseLineIn], Field(min_length=1, max_length=20)]
    method: Literal["cash", "wechat", "alipay", "bank"]
    mode: Literal["platform", "successive"] = "platform"
    plate: Plate = ""
    reference: Short = ""
    rounding_fen: Annotated[int, Field(gt=-100, lt=100)] = 0
    tare_stored: bool = False
    with_invoice: bool = False
    note: Note = ""
    radiation: FindingIn | None = None


class TicketsIn(ApiQuery):
    """Which tickets: of a kind, holding a text, before an id (see `next_before`)."""

    kind: Literal["gate", "receipt", "dispatch"] | None = None
    q: Annotated[str, Field(max_length=40)] = ""
    before: Annotated[int, Field(ge=1, lt=2**63)] | None = None
    limit: Annotated[int, Field(ge=1, le=200)] = 50


class TicketLineOut(ApiOut):
    """One material of a ticket: masses in g, price in fen per tonne, amount in fen."""

    lot_code: str
    pool_code: str | None
    metal: str
    grade_system: str
    grade_code: str
    gross_g: int
    tare_g: int
    net_g: int
    deducted_g: int
    payable_g: int
    declared_g: int | None
    price_fen_per_t: int | None
    board_price_fen_per_t: int | None
    override_reason: str
    amount_fen: int | None


class GatePaymentOut(ApiOut):
    """What changed hands at the gate."""

    method: str
    due_fen: int
    rounding_fen: int
    amount_fen: int
    needs_second: bool
    settled: bool


class TicketOut(ApiOut):
    """A ticket; `sign` is -1 for a counter ticket, whose masses and amounts are taken off."""

    code: str
    site_code: str
    year: int
    number: int
    kind: str
    source: str
    mode: str
    plate: str
    opened_at: datetime
    closed_at: datetime
    scale_division_g: int | None
    scale_verified_until: date | None
    tare_stored: bool
    outside_number: str | None
    sign: int
    voids: str | None
    voided_by: str | None
    reason: str
    seller_code: str | None
    lines: list[TicketLineOut]
    payment: GatePaymentOut | None


class TicketCardOut(ApiOut):
    """A ticket in a list."""

    code: str
    site_code: str
    year: int
    number: int
    kind: str
    source: str
    plate: str
    opened_at: datetime
    net_g: int
    amount_fen: int | None
    line_count: int
    is_counter: bool
    voided: bool
    waiting: bool


class TicketsOut(ApiOut):
    """Tickets, the latest first; `next_before` pages on, None at the end."""

    tickets: list[TicketCardOut]
    next_before: int | None
