"""A lot and the outcome of an event, as the rules see them: frozen, no database."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from remelt.traceability.states import State
from remelt.traceability.terms import LotSpec


@dataclass(frozen=True, kw_only=True)
class LotView:
    """Everything that events decide about a lot.

    source: code of the one lot, as first brought in, that all of it comes from; empty when mixed.
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
    state: State = field(default_factory=State)
    status: str = "registered"
    handed_over: bool = False
    claims_blocked: str = ""
    role: str = "product"
    pool_key: str | None = None
    made_by: str = ""
    made_at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class Line:
    """What enters (+) or leaves (-) the books by an event."""

    kind: str
    state: State
    name: str = ""
    lot_code: str | None = None
    metal: str = ""
    beyond_tolerance: bool = False


@dataclass(frozen=True, kw_only=True)
class Link:
    """`mass_g` of the child came from the parent."""

    child: str
    parent: str
    mass_g: int
    internal: bool


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What an event makes true: lots as they are after it, links, book lines, melt lines."""

    lots: tuple[LotView, ...] = ()
    links: tuple[Link, ...] = ()
    lines: tuple[Line, ...] = ()
    melts: tuple[dict[str, Any], ...] = ()
    touched: tuple[str, ...] = ()


Lots = Mapping[str, LotView]
