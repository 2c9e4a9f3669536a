"""What the API of ladles, tolling, returns and analyses gives: g, mg, ppm, fen."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from remelt.platform.works.assays import ElementLine, Result
from remelt.platform.works.flow_models import LadleNote
from remelt.platform.works.ladles import Delivery
from remelt.platform.works.tolling_queries import AccountCard
from remelt.web.inputs import ApiOut


class NoteOut(ApiOut):
    """One side's note of a ladle."""

    code: str
    side: str
    ladle: str
    tap: str
    lot_code: str | None
    gross_g: int
    tare_g: int
    net_g: int
    temperature_c: int
    at: datetime
    primary: bool


class LadleMatchOut(ApiOut):
    """Two notes of one ladle; difference_g: received less sent. The sender's mass counts."""

    sent: NoteOut
    received: NoteOut
    difference_g: int
    beyond_tolerance: bool

    @classmethod
    def of(cls, one: Delivery) -> "LadleMatchOut":
        """Return a delivery."""
        return cls(
            sent=NoteOut.model_validate(one.sent),
            received=NoteOut.model_validate(one.received),
            difference_g=one.difference_g,
            beyond_tolerance=one.beyond_tolerance,
        )


class LadlesOut(ApiOut):
    """Deliveries, and notes that no other meets."""

    unmatched: list[NoteOut]
    deliveries: list[LadleMatchOut]

    @classmethod
    def of(cls, waiting: Sequence[LadleNote], done: Sequence[Delivery]) -> "LadlesOut":
        """Return both lists."""
        return cls(
            unmatched=[NoteOut.model_validate(note) for note in waiting],
            deliveries=[LadleMatchOut.of(one) for one in done],
        )


class MetalAccountOut(ApiOut):
    """A metal account in g; balance_g is still owed, below zero more was given back."""

    code: str
    owner: str
    processor: str
    site: str
    metal: str
    material: str
    product: str
    terms: str
    state: str
    yield_bp: int
    fee_fen_per_t: int
    received_g: int
    owed_g: int
    returned_g: int
    balance_g: int
    fee_fen: int

    @classmethod
    def of(cls, card: AccountCard) -> "MetalAccountOut":
        """Return an account with its sums."""
        names = ("code", "metal", "material", "product", "terms", "yield_bp", "fee_fen_per_t")
        sums = ("received_g", "owed_g", "returned_g", "balance_g", "fee_fen", "state")
        return cls(
            owner=card.owner.code,
            processor=card.processor.code,
            site=card.site.code,
            **{name: getattr(card.account, name) for name in names},
            **{name: getattr(card, name) for name in sums},
        )


class MetalAccountsOut(ApiOut):
    """Metal accounts."""

    items: list[MetalAccountOut]


class ReturnOut(ApiOut):
    """One return with its cause and who bears the way."""

    code: str
    kind: str
    lot_code: str
    mass_g: int
    customer: str
    cause: str
    note: str
    freight_by: str
    co2e_by: str
    co2e_g: int | None
    at: datetime
    arrived_at: datetime | None
    agreed_at: datetime | None


class ReturnsOut(ApiOut):
    """Returns."""

    items: list[ReturnOut]


class ElementOut(ApiOut):
    """One element: before, measured, standard deviation, and the signed difference in mg."""

    element: str
    before_ppm: int
    ppm: int
    sd_ppm: int | None
    difference_mg: int


class AssayOut(ApiOut):
    """One analysis of a lot."""

    lot: str
    method: str
    sample: str
    lines: list[ElementOut]


class AssaysOut(ApiOut):
    """Analyses, one per lot."""

    items: list[AssayOut]

    @classmethod
    def of(cls, said: Mapping[str, Sequence[ElementLine]], *, result: Result) -> "AssaysOut":
        """Return the difference lines by lot."""
        return cls(
            items=[
                AssayOut(
                    lot=code,
                    method=result.method,
                    sample=result.sample,
                    lines=[ElementOut.model_validate(line) for line in lines],
                )
                for code, lines in said.items()
            ]
        )
