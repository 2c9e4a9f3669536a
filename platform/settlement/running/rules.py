"""How advances are netted, how old what is open is, and what a statement's hash is over."""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

import orjson

AGES: Final = (30, 60, 90)


@dataclass(frozen=True, slots=True, order=True)
class Fact:
    """Something that changed what a payer owes a payee: above zero more, below zero less."""

    at: datetime
    fact: str
    code: str
    subject_code: str
    amount_fen: int


@dataclass(frozen=True, slots=True)
class Draw:
    """So much of an advance pays for so much of a delivery; places in the lists given."""

    advance: int
    delivery: int
    amount_fen: int


def netted(advances_fen: Sequence[int], deliveries_fen: Sequence[int]) -> list[Draw]:
    """Net what is left of advances against what is open of deliveries, the oldest first.

    >>> netted([100, 50], [30, 110])
    [Draw(advance=0, delivery=0, amount_fen=30), Draw(advance=0, delivery=1, amount_fen=70), Draw(advance=1, delivery=1, amount_fen=40)]
    """  # noqa: E501 - a worked line
    found: list[Draw] = []
    left = list(advances_fen)
    at = 0
    for delivery, open_fen in enumerate(deliveries_fen):
        still = open_fen
        while still > 0 and at < len(left):
            take = min(left[at], still)
            if take > 0:
                found.append(Draw(at, delivery, take))
            left[at] -= take
            still -= take
            at += left[at] <= 0
    return found


def aged(entries: Iterable[tuple[date, int]], *, today: date) -> tuple[int, ...]:
    """Return what is open in four buckets: up to 30, 60, 90 days old, and older; in fen.

    >>> aged([(date(2026, 3, 1), 5), (date(2025, 1, 1), 7)], today=date(2026, 3, 31))
    (5, 0, 0, 7)
    """
    buckets = [0] * (len(AGES) + 1)
    for day, fen in entries:
        age = (today - day).days
        buckets[sum(age > most for most in AGES)] += fen
    return tuple(buckets)


def statement_hash(
    *, account: str, month: str, opening_fen: int, facts: Sequence[Fact], before: str
) -> str:
    """Return the SHA-256 of a statement's canonical JSON. It names no party but by the account."""
    said = {
        "account": account,
        "month": month,
        "opening_fen": opening_fen,
        "closing_fen": opening_fen + sum(fact.amount_fen for fact in facts),
        "lines": [
            [fact.at.isoformat(), fact.fact, fact.code, fact.subject_code, fact.amount_fen]
            for fact in facts
        ],
        "before": before,
    }
    return hashlib.sha256(orjson.dumps(said, option=orjson.OPT_SORT_KEYS)).hexdigest()
