"""A lot and the outcome of an event, as the rules see them: frozen, no database."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from remelt.traceability.rules.states import NOTHING, State
from remelt.traceability.terms import LotSpec


@dataclass(frozen=True, kw_only=True)
class LotView:
    """Everything that events decide about a lot.

    source: code of the one lot, as first brought in, that all of it comes from; empty when mixed.
    outside: what left the ledger's world under this code and has not come back.
    """

    code: str
    spec: LotSpec
    owner: str
    supplier: str = ""
    source: str = ""
    custodian: str
    site_code: str
    adcode: str
    declared_mass_g: int = 0
    state: State = NOTHING
    outside: State = NOTHING
    status: str = "registered"
    handed_over: bool = False
    claims_blocked: str = ""
    role: str = "product"
    pool_key: str | None = None
    made_by: str = ""
    made_at: datetime | None = None


UNMADE = LotView(
    code="",
    spec=LotSpec(metal="", grade_system="", grade_code="", form="", origin="unknown"),
    owner="",
    custodian="",
    site_code="",
    adcode="",
)


@dataclass(frozen=True, kw_only=True)
class Line:
    """What enters (+) or leaves (-) the books by an event.

    restates: key of the earlier event whose line this one sets right, by the difference. sign: -1
    takes back the flag that a difference was beyond tolerance.
    """

    kind: str
    state: State
    name: str = ""
    lot_code: str | None = None
    metal: str = ""
    beyond_tolerance: bool = False
    sign: int = 1
    restates: int | None = None


@dataclass(frozen=True, kw_only=True)
class Link:
    """`mass_g` of the child came from the parent."""

    child: str
    parent: str
    mass_g: int
    internal: bool


@dataclass(frozen=True, kw_only=True)
class Restated:
    """What a correction says anew of earlier events, each by its key or hash.

    before: a lot as the event found it; links: what its lots gave, and what the child held after
    it; melts: its melt lines, by hash. changes: (event that is said anew, the earlier event that
    says how, None where this very event does).
    """

    before: tuple[tuple[int, LotView], ...] = ()
    links: tuple[tuple[int, Link, int], ...] = ()
    melts: tuple[tuple[str, dict[str, Any]], ...] = ()
    changes: tuple[tuple[int, int | None], ...] = ()


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What an event makes true: lots as they are after it, links, book lines, melt lines.

    before: lots as they were, for every event that reads more than one lot; with it and the
    events any later correction can be derived from here on.
    """

    lots: tuple[LotView, ...] = ()
    links: tuple[Link, ...] = ()
    lines: tuple[Line, ...] = ()
    melts: tuple[dict[str, Any], ...] = ()
    touched: tuple[str, ...] = ()
    before: tuple[LotView, ...] = ()
    restated: Restated = Restated()


@dataclass(frozen=True, kw_only=True)
class Past:
    """One earlier event as it is believed now, and what it read of lots: see `Outcome.before`.

    lines, melts: what the books hold of it, later corrections included. first: where the event is
    corrected and about one lot only, that lot's own events before it, from its last working on.
    """

    key: int
    hash: str
    facts: dict[str, Any]
    before: Mapping[str, LotView] = field(default_factory=dict)
    lines: tuple[Line, ...] = ()
    melts: Mapping[str, dict[str, Any]] = field(default_factory=dict)
    first: tuple["Past", ...] = ()


def _no_events(_differing: Mapping[str, LotView]) -> Iterable[Past]:
    return ()


@dataclass(frozen=True, kw_only=True)
class Cone:
    """All that a correction can reach, in order: what an outcome needs besides the lots it names.

    events: gives the events that touch a lot which differs, and may give more; it is told the lots
    that differ as they change. changes: key of an event -> what it should have said; said_by: as
    `Restated.changes`. codes: every lot that may be reached, the corrected one first. taken: what
    taking the events again gave, where that was done already.
    """

    events: Callable[[Mapping[str, LotView]], Iterable[Past]] = _no_events
    changes: Mapping[int, dict[str, Any]] = field(default_factory=dict)
    said_by: tuple[tuple[int, int | None], ...] = ()
    codes: tuple[str, ...] = ()
    taken: Any = None


Lots = Mapping[str, LotView]
