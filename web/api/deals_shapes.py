"""Terms, inputs and settlements of contracts as programs read them."""

from datetime import date, datetime
from typing import Any, Self

from remelt.platform.settlement.finals.models import SettlementStatement
from remelt.platform.settlement.finals.queries import DealView, Owed
from remelt.platform.settlement.models import Settlement
from remelt.web.deal_page import Shown, shown_lines
from remelt.web.inputs import ApiOut


class LoadOut(ApiOut):
    """A load that stands; ours: weighed on a scale of this platform; photo: its address."""

    code: str
    side: str
    load: str
    ticket: str
    ours: bool
    day: date
    gross_g: int
    tare_g: int
    deducted_g: int
    entered_at: datetime
    photo_sha256: str | None


class ResultOut(ApiOut):
    """A result that one's side may see."""

    code: str
    side: str
    analyte: str
    ppm: int
    laboratory: str
    entered_at: datetime
    report_sha256: str | None


class CallOut(ApiOut):
    """A part of the tonnage whose price was called."""

    code: str
    index_code: str
    day: date
    mass_g: int
    called_at: datetime


class WantedOut(ApiOut):
    """What the final settlement waits for: weight, assay, umpire, quote, call or price."""

    what: str
    name: str
    detail: str


class OriginOut(ApiOut):
    """Where a figure comes from: its name, and the address of the page that shows it."""

    name: str
    text: str
    address: str


class FigureOut(ApiOut):
    """One figure: an integer in `unit`, the rule it follows, and where it comes from."""

    key: str
    value: int
    unit: str
    rule: str
    origins: list[OriginOut]

    @classmethod
    def of(cls, line: list[Any], shown: Shown) -> Self:
        """Return a line of a statement with the addresses of its origins."""
        key, value, unit, rule, names = line
        pairs = zip(names, shown.origins, strict=True)
        return cls(
            key=key, value=value, unit=unit, rule=rule,
            origins=[OriginOut(name=n, text=o.text, address=o.address) for n, o in pairs],
        )  # fmt: skip


class StandingOut(ApiOut):
    """provisional, claim-window, disputed or agreed; until: the end of the claim window."""

    state: str
    until: datetime | None


class RevisionOut(ApiOut):
    """One revision of a settlement; stage and sha256 are null where nothing is owed any more."""

    settlement: str
    revision: int
    stage: str | None
    amount_fen: int
    computed_at: datetime
    sha256: str | None

    @classmethod
    def of(cls, row: Settlement, why: SettlementStatement | None) -> Self:
        """Return a revision."""
        return cls(
            settlement=row.code, revision=row.revision, amount_fen=row.amount_fen,
            computed_at=row.computed_at, stage=None if why is None else why.stage,
            sha256=None if why is None else why.sha256,
        )  # fmt: skip


class WordOut(ApiOut):
    """What a side said about the final settlement."""

    side: str
    word: str
    about: str
    text: str
    said_at: datetime


class BalanceOut(ApiOut):
    """What is owed and paid, in fen."""

    amount_fen: int
    confirmed_fen: int
    open_fen: int
    state: str


class DebitNoteOut(ApiOut):
    """A debit note: what the seller owes back under a contract."""

    code: str
    contract: str
    settlement: str
    amount_fen: int
    owes: bool
    issued_at: datetime

    @classmethod
    def of(cls, row: Owed) -> Self:
        """Return a debit note; owes: by one's own organisation."""
        note = row.note
        return cls(
            code=note.code, contract=row.contract_code, settlement=row.settlement_code,
            amount_fen=note.amount_fen, owes=row.owes, issued_at=note.issued_at,
        )  # fmt: skip


class DebitNotesOut(ApiOut):
    """Debit notes on either side, the newest first."""

    items: list[DebitNoteOut]


class DealOut(ApiOut):
    """The settlement of a contract on signed terms: inputs, what is missing, figures, claims.

    sealed: contents whose other result is hidden until one's own is in. figures: of the
    revision in force, each with its origins.
    """

    contract: str
    side: str
    terms_sha256: str
    loads: list[LoadOut]
    results: list[ResultOut]
    sealed: list[str]
    calls: list[CallOut]
    waiting: list[WantedOut]
    revisions: list[RevisionOut]
    figures: list[FigureOut]
    standing: StandingOut | None
    balance: BalanceOut | None
    words: list[WordOut]

    @classmethod
    def of(cls, view: DealView) -> Self:
        """Return the settlement of a contract to one of its sides."""
        seller = view.sold.contract.seller_id
        lines = [] if view.statement is None else view.statement.statement["lines"]
        figures = zip(lines, shown_lines(view), strict=True)
        return cls(
            contract=view.sold.contract.code,
            side=view.side,
            terms_sha256=view.signed.sha256,
            loads=[LoadOut.model_validate(row) for row in view.weights],
            results=[ResultOut.model_validate(row) for row in view.assays],
            sealed=list(view.hidden),
            calls=[CallOut.model_validate(row) for row in view.calls],
            waiting=[
                WantedOut.model_validate(each)
                for each in ([] if view.waiting is None else view.waiting.wanted)
            ],
            revisions=[RevisionOut.of(row, why) for row, why in view.revisions],
            figures=[FigureOut.of(line, shown) for line, shown in figures],
            standing=None if view.standing is None else StandingOut.model_validate(view.standing),
            balance=None if view.balance is None else BalanceOut.model_validate(view.balance),
            words=[
                WordOut(
                    side="seller" if row.organisation_id == seller else "buyer", word=row.word,
                    about=row.about, text=row.text, said_at=row.said_at,
                )
                for row in view.words
            ],
        )  # fmt: skip


class WorkedOut(ApiOut):
    """How one revision was worked: its record makes the statement again, byte by byte."""

    settlement: str
    stage: str
    sha256: str
    record: dict[str, Any]
    statement: dict[str, Any]


class ExposedOut(ApiOut):
    """A contract whose price is open, and how much of its tonnage."""

    contract: str
    metal: str
    buys: bool
    formula: str
    mass_g: int
    open_g: int


class ExposureOut(ApiOut):
    """Open prices by contract."""

    items: list[ExposedOut]
