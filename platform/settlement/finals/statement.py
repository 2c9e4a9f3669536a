"""A settlement as it is explained: each figure with its unit, its rule and where it comes from."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Literal

from remelt.platform.settlement.finals.terms import canonical_json

Unit = Literal["g", "fen", "fen/t", "ppm", "ppb", "e6", "steps", "code"]
Stage = Literal["provisional", "final"]


@dataclass(frozen=True, slots=True)
class Line:
    """One figure. key: what it is, `name` or `name:detail`; value: an integer in `unit`.

    rule: the clause or rule it follows; origins: what it was worked from, each `kind:reference`:
    ticket:CODE, assay:CODE, index:CODE@day#revision, call:CODE@day, terms:CLAUSE, line:KEY.
    """

    key: str
    value: int
    unit: Unit
    rule: str
    origins: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, order=True)
class Wanted:
    """What a settlement still waits for. what: weight, assay, umpire, quote, call or price."""

    what: str
    name: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Charge:
    """What a third party gets out of a settlement: commission or umpire; bearer: who pays it."""

    kind: Literal["commission", "umpire"]
    bearer: Literal["seller", "buyer"]
    amount_fen: int


@dataclass(frozen=True, slots=True)
class Statement:
    """What is owed at one stage, worked from terms and inputs alone.

    value_fen: what the goods are worth; due_fen: what of it this stage asks for. rejectable:
    contents above the limit at which the buyer may refuse.
    """

    stage: Stage
    terms_sha256: str
    net_g: int
    payable_g: int
    price_fen_per_t: int
    value_fen: int
    due_fen: int
    lines: tuple[Line, ...]
    charges: tuple[Charge, ...] = ()
    rejectable: tuple[str, ...] = ()

    @property
    def by_key(self) -> dict[str, Line]:
        """Return the lines by key."""
        return {line.key: line for line in self.lines}

    def value(self, key: str) -> int:
        """Return the figure of one line."""
        return self.by_key[key].value


@dataclass(frozen=True, slots=True)
class Waiting:
    """Nothing to state yet: what is waited for, all of it, by name."""

    wanted: tuple[Wanted, ...]


@dataclass(slots=True)
class Sheet:
    """The lines and wants that gather while a settlement is worked."""

    lines: dict[str, Line] = field(default_factory=dict)
    wanted: set[Wanted] = field(default_factory=set)

    def put(self, key: str, value: int, unit: Unit, *, rule: str, of: Iterable[str] = ()) -> int:
        """Write a line, once, and return its value."""
        self.lines.setdefault(key, Line(key, value, unit, rule, tuple(of)))
        return value

    def want(self, what: str, name: str, detail: str = "") -> None:
        """Say that something is missing."""
        self.wanted.add(Wanted(what, name, detail))

    @property
    def waiting(self) -> Waiting:
        """Everything that is missing."""
        return Waiting(tuple(sorted(self.wanted)))


def statement_json(statement: Statement) -> dict[str, Any]:
    """Return a statement as plain JSON."""
    return {
        "stage": statement.stage,
        "terms_sha256": statement.terms_sha256,
        "net_g": statement.net_g,
        "payable_g": statement.payable_g,
        "price_fen_per_t": statement.price_fen_per_t,
        "value_fen": statement.value_fen,
        "due_fen": statement.due_fen,
        "lines": [[x.key, x.value, x.unit, x.rule, list(x.origins)] for x in statement.lines],
        "charges": [[x.kind, x.bearer, x.amount_fen] for x in statement.charges],
        "rejectable": list(statement.rejectable),
    }


def statement_bytes(statement: Statement) -> bytes:
    """Return a statement's canonical JSON: the same terms and inputs give the same bytes."""
    return canonical_json(statement_json(statement))


def statement_sha256(statement: Statement) -> str:
    """Return the SHA-256 of a statement's canonical JSON."""
    return hashlib.sha256(statement_bytes(statement)).hexdigest()
