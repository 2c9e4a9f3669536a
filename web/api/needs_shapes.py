"""What the API takes and gives of needs, searches, questions and the inbox: g, fen per t, UTC."""

from datetime import datetime
from typing import Annotated, Any, Self

from pydantic import Field

from remelt.platform.market.following.models import Question, SavedSearch
from remelt.platform.market.needs.matching import LotFit
from remelt.platform.market.needs.models import Need
from remelt.platform.market.needs.stating import NeedDraft
from remelt.platform.parties.models import Notice
from remelt.web.api.market_in import Code, FenPerT, Grams, ListingsIn
from remelt.web.inputs import ApiIn, ApiOut, ApiQuery, Moment


class NeedsIn(ApiQuery):
    """The board of needs, of one metal or all."""

    metal: Annotated[str, Field(max_length=10)] = ""
    page: Annotated[int, Field(ge=1, le=10_000)] = 1


class GradeIn(ApiIn):
    """A grade of the catalogue."""

    system: Annotated[str, Field(max_length=20)]
    code: Annotated[str, Field(max_length=40)]


class NeedIn(ApiIn):
    """A need; empty lists and nulls ask for nothing."""

    site: Code
    metal: Annotated[str, Field(max_length=10)]
    grades: Annotated[list[GradeIn], Field(max_length=40)] = Field(default_factory=list)
    forms: Annotated[list[str], Field(max_length=9)] = Field(default_factory=list)
    tracks: Annotated[list[str], Field(max_length=3)] = Field(default_factory=list)
    mass_g: Grams
    least_lot_g: Grams | None = None
    most_fen_per_t: FenPerT | None = None
    tax_included: bool = False
    vat_rate_bp: Annotated[int, Field(ge=0, le=10_000)] = 0
    productive: bool = False
    most_distance_m: Annotated[int, Field(ge=1, le=20_100_000)] | None = None
    most_co2e_g_per_t: Annotated[int, Field(ge=0, le=10_000_000)] | None = None
    purpose: Annotated[str, Field(max_length=100)] = ""
    note: Annotated[str, Field(max_length=1000)] = ""
    ends_at: Moment

    def draft(self) -> NeedDraft:
        """Return it as a draft."""
        said = self.model_dump(exclude={"site", "grades", "forms", "tracks"})
        return NeedDraft(
            **said,
            grades=tuple((each.system, each.code) for each in self.grades),
            forms=tuple(self.forms),
            tracks=tuple(self.tracks),
        )


class NeedOut(ApiOut):
    """A need. The buyer is not named; `own` says whether it is the caller's."""

    code: str
    own: bool
    metal: str
    grades: list[str]
    forms: list[str]
    tracks: list[str]
    mass_g: int
    least_lot_g: int
    most_fen_per_t: int | None
    tax_included: bool
    vat_rate_bp: int
    productive: bool
    most_distance_m: int | None
    most_co2e_g_per_t: int | None
    purpose: str
    note: str
    place_zh: str
    place_en: str
    stated_at: datetime
    ends_at: datetime
    ended_at: datetime | None

    @classmethod
    def of(cls, row: Need, *, own: bool) -> Self:
        """Return a need as shown."""
        shared = {name: getattr(row, name) for name in cls.model_fields if name != "own"}
        return cls.model_validate(shared | {"own": own})


class NeedsOut(ApiOut):
    """Needs."""

    items: list[NeedOut]


class ReasonOut(ApiOut):
    """How one point stands; limit and found in kept units, null where it has no figures."""

    point: str
    verdict: str
    limit: int | None
    found: int | None


class FitOut(ApiOut):
    """A lot on offer, and how it fits."""

    listing: str
    declared_mass_g: int
    fits: bool
    reasons: list[ReasonOut]


class FitsOut(ApiOut):
    """Lots that fit, best first, then those that miss by one point."""

    items: list[FitOut]

    @classmethod
    def of(cls, found: list[LotFit]) -> Self:
        """Return judged lots."""
        return cls(
            items=[
                FitOut(
                    listing=each.listing.code,
                    declared_mass_g=each.listing.declared_mass_g,
                    fits=each.fit.fits,
                    reasons=[ReasonOut.model_validate(one) for one in each.fit.reasons],
                )
                for each in found
            ]
        )


class SearchIn(ApiIn):
    """A search of the board under a name. wanted: as the query of GET /listings."""

    name: Annotated[str, Field(max_length=60)]
    alert: bool = True
    wanted: dict[str, str | int | None] = Field(default_factory=dict, max_length=16)

    def asked(self) -> ListingsIn:
        """Return what is searched for. Raises `InputRefused` for what the board does not know."""
        given = {name: str(value) for name, value in self.wanted.items() if value is not None}
        return ListingsIn.model_validate(given)


class SearchOut(ApiOut):
    """A saved search; `wanted` holds what it sets."""

    code: str
    name: str
    alert: bool
    wanted: dict[str, Any]
    saved_at: datetime
    ended_at: datetime | None

    @classmethod
    def of(cls, row: SavedSearch) -> Self:
        """Return a saved search."""
        return cls.model_validate(row)


class SearchesOut(ApiOut):
    """Saved searches."""

    items: list[SearchOut]


class QuestionIn(ApiIn):
    """A question; it and its answer are public, the asker's name is not."""

    asked: Annotated[str, Field(max_length=500)]


class QuestionAnswerIn(ApiIn):
    """The seller's answer, for everybody to read."""

    answer: Annotated[str, Field(max_length=1000)]


class QuestionOut(ApiOut):
    """A question and its answer, empty while there is none."""

    code: str
    asked: str
    asked_at: datetime
    answer: str
    answered_at: datetime | None

    @classmethod
    def of(cls, row: Question) -> Self:
        """Return a question; who asked is not told."""
        return cls.model_validate(row)


class QuestionsOut(ApiOut):
    """What was asked about a listing, in order."""

    items: list[QuestionOut]


class WatchOut(ApiOut):
    """Whether the organisation watches the listing."""

    listing: str
    watching: bool


class WatchedOut(ApiOut):
    """Codes of the listings on the watch list, those watched last first."""

    items: list[str]


class NoticeOut(ApiOut):
    """What the organisation was told; `subject` is the code of the listing or need."""

    kind: str
    subject: str
    facts: dict[str, Any]
    at: datetime
    read_at: datetime | None

    @classmethod
    def of(cls, row: Notice) -> Self:
        """Return a notice."""
        return cls.model_validate(row)


class InboxIn(ApiQuery):
    """A page of the inbox."""

    page: Annotated[int, Field(ge=1, le=10_000)] = 1


class InboxOut(ApiOut):
    """A page of the inbox, the newest first, and how many nobody has read."""

    items: list[NoticeOut]
    unread: int


class ReadIn(ApiIn):
    """All that was told until then is read."""

    until: Moment
