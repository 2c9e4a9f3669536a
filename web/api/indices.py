"""Price indices for programs: what they said, new ones, their calendars, files of quotes."""

from datetime import date, datetime
from typing import Annotated, Literal

from flask import Response
from pydantic import Field
from sqlmodel import Session

from remelt.platform.parties.actors import Actor
from remelt.platform.settlement.pricing import indices
from remelt.platform.settlement.pricing.models import IndexPrice
from remelt.platform.settlement.pricing.queries import index_lines, index_page
from remelt.web.api.base import api_blueprint, first, once
from remelt.web.context import clock, needs, require, store
from remelt.web.inputs import ApiIn, ApiOut, ApiQuery
from remelt.web.quoting import keep_quotes, read_quotes, work_again
from remelt.web.uploads import TableIn

bp = api_blueprint("indices", tag="Settlement")


class QuotesIn(ApiQuery):
    """Which quotes of an index: the newest up to a day."""

    until: date = date.max
    limit: Annotated[int, Field(ge=1, le=1000)] = 300


class PriceIndexIn(ApiIn):
    """A new index. vat_rate_bp: the VAT inside the published figure, in 1/10,000."""

    code: Annotated[str, Field(max_length=20, pattern=r"^[A-Za-z][A-Za-z0-9_]*$")]
    name_zh: Annotated[str, Field(min_length=1, max_length=60)]
    name_en: Annotated[str, Field(max_length=60)] = ""
    source: Annotated[str, Field(min_length=1, max_length=60)]
    unit: Literal["CNY/t", "USD/t", "CNY/USD"]
    calendar: Annotated[str, Field(min_length=1, max_length=20)]
    vat_rate_bp: Annotated[int, Field(ge=0, le=10_000)] = 0


class TradingDayIn(ApiIn):
    """Whether a calendar trades on a day, whatever its weekday; the last word counts."""

    calendar: Annotated[str, Field(min_length=1, max_length=20)]
    day: date
    trades: bool
    name: Annotated[str, Field(max_length=60)] = ""


class QuotesFileIn(TableIn):
    """A file of quotes, CSV or XLSX, in base64; taken in whole or not at all."""


class QuoteOut(ApiOut):
    """What an index said for a day, in millionths of its unit; the highest revision stands."""

    day: date
    revision: int
    value_e6: int
    published_at: datetime | None
    imported_at: datetime
    file_sha256: str


class PriceIndexOut(ApiOut):
    """An index with the last quote that stands."""

    code: str
    name_zh: str
    name_en: str
    source: str
    unit: str
    calendar: str
    vat_rate_bp: int
    last: QuoteOut | None = None


class PriceIndicesOut(ApiOut):
    """All indices that are kept."""

    indices: list[PriceIndexOut]


class TradingDayOut(ApiOut):
    """A day on which a calendar departs from its weekdays; the highest revision stands."""

    day: date
    revision: int
    trades: bool
    name: str


class QuotesOut(ApiOut):
    """An index with every revision of its quotes and of its calendar's days, latest day first."""

    index: PriceIndexOut
    quotes: list[QuoteOut]
    days: list[TradingDayOut]


class IndexAddedOut(ApiOut):
    """The index as it is kept."""

    code: str


class DayMarkedOut(ApiOut):
    """The revision of the day that this word is."""

    calendar: str
    day: date
    revision: int


class QuotesTakenOut(ApiOut):
    """New days, days that say another figure now, days that said the same; which indices."""

    added: int
    revised: int
    known: int
    codes: list[str]


def _kept(_who: Actor, price_index: str) -> None:
    with store().read() as session:
        indices.index(session, code=price_index)


def _quote(row: IndexPrice | None) -> QuoteOut | None:
    return None if row is None else QuoteOut.model_validate(row)


@bp.get("/indices")
@needs("settlement.indices")
@bp.output(PriceIndicesOut)
def listed() -> PriceIndicesOut:
    """The indices with their last quotes."""
    require("settlement.indices")
    with store().read() as session:
        lines = index_lines(session)
    return PriceIndicesOut(
        indices=[
            PriceIndexOut.model_validate(line.index).model_copy(update={"last": _quote(line.last)})
            for line in lines
        ]
    )


@bp.get("/indices/<price_index>")
@needs("settlement.indices")
@first(_kept, permission="settlement.indices", of="price_index", hurry=True)
@bp.input(QuotesIn, location="query", arg_name="asked")
@bp.output(QuotesOut)
def quotes(price_index: str, asked: QuotesIn) -> QuotesOut:
    """An index: its quotes up to a day with their revisions, and its calendar's days."""
    require("settlement.indices")
    with store().read() as session:
        page = index_page(session, code=price_index, until=asked.until, limit=asked.limit)
        last = next((row for row in page.quotes if row.key in page.standing), None)
    return QuotesOut(
        index=PriceIndexOut.model_validate(page.index).model_copy(update={"last": _quote(last)}),
        quotes=[QuoteOut.model_validate(row) for row in page.quotes],
        days=[TradingDayOut.model_validate(row) for row in page.days],
    )


@bp.post("/indices")
@needs("settlement.quote")
@bp.input(PriceIndexIn, arg_name="data")
@bp.output(IndexAddedOut, status_code=201)
def add(data: PriceIndexIn) -> Response:
    """Keep a new index."""
    who = require("settlement.quote")

    def act(session: Session) -> tuple[int, IndexAddedOut]:
        draft = indices.IndexDraft(**data.model_dump())
        row = indices.add_index(session, draft, clock=clock(), person_id=who.person_id)
        return 201, IndexAddedOut(code=row.code)

    return once(who, act)


@bp.post("/trading-days")
@needs("settlement.quote")
@bp.input(TradingDayIn, arg_name="data")
@bp.output(DayMarkedOut, status_code=201)
def day(data: TradingDayIn) -> Response:
    """Mark a holiday of a calendar, or a weekend that is worked; what follows is worked anew."""
    who = require("settlement.quote")

    def act(session: Session) -> tuple[int, DayMarkedOut]:
        row = indices.mark_day(session, clock=clock(), person_id=who.person_id, **data.model_dump())
        work_again(session, codes=[])
        return 201, DayMarkedOut.model_validate(row)

    return once(who, act)


@bp.post("/index-quotes")
@needs("settlement.quote")
@bp.input(QuotesFileIn, arg_name="data")
@bp.output(QuotesTakenOut, status_code=201)
def take_in(data: QuotesFileIn) -> Response:
    """Take in a file of quotes; contracts that follow them are worked anew."""
    who = require("settlement.quote")
    sent = data.sent()

    def act(session: Session) -> tuple[int, QuotesTakenOut]:
        done = keep_quotes(session, read_quotes(session, sent), person_id=who.person_id)
        return 201, QuotesTakenOut.model_validate(done)

    return once(who, act)
