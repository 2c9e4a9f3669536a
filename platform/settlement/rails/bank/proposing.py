"""What a line of a statement may be for: proposals with their reasons. Touches no database."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Final

CENT: Final = 1
LEAST_REFERENCE: Final = 6
MOST: Final = 5
PAIRS_AMONG: Final = 40


@dataclass(frozen=True, slots=True)
class Due:
    """Money that is expected to move: a settlement's open rest, or what is told or let go.

    kind: settlement, payment, deposit or payout; minor: above zero; references: what the transfer
    should carry; names: of the other party, in every writing known. back: what was paid too much
    under a settlement comes back.
    """

    kind: str
    code: str
    subject: str
    minor: int
    references: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    back: bool = False


@dataclass(frozen=True, slots=True)
class Share:
    """How much of a line goes to one thing that is due."""

    due: Due
    minor: int


@dataclass(frozen=True, slots=True)
class Proposal:
    """What a line may be for. left_minor: of the line, unexplained; short_minor: of what is due.

    why: reference, references, amount-and-name, pair, amount, cent, part or more.
    """

    shares: tuple[Share, ...]
    why: str
    left_minor: int = 0
    short_minor: int = 0


def propose(minor: int, *, text: str, name: str, dues: Sequence[Due]) -> list[Proposal]:
    """Return what a line of `minor` (above zero) may be for, the likeliest first, at most five.

    A reference counts more than amount and name, these more than the amount alone. A difference
    of one cent is proposed as such and never smoothed over.
    """
    said = _plain(text)
    named = [due for due in dues if any(_found(each, said) for each in due.references)]
    found: list[Proposal] = []
    if named:
        found += _by_reference(minor, named)
    theirs = [due for due in dues if any(_same(name, each) for each in due.names)]
    found += [_whole((due,), "amount-and-name") for due in theirs if due.minor == minor]
    found += [
        _whole(pair, "pair")
        for pair in combinations(theirs[:PAIRS_AMONG], 2)
        if sum(due.minor for due in pair) == minor
    ]
    found += [_near(minor, (due,)) for due in theirs if abs(due.minor - minor) == CENT]
    exact = [due for due in dues if due.minor == minor]
    if len(exact) == 1 and not found:
        found.append(_whole(tuple(exact), "amount"))
    return _once(found)[:MOST]


def _by_reference(minor: int, named: Sequence[Due]) -> list[Proposal]:
    exact = [due for due in named if due.minor == minor]
    if exact:
        return [_whole((due,), "reference") for due in exact]
    left = minor - sum(due.minor for due in named)
    if left == 0:
        return [_whole(tuple(named), "references")]
    if abs(left) == CENT:
        return [_near(minor, tuple(named))]
    shares, rest = [], minor
    for due in named:
        taken = min(rest, due.minor)
        if taken:
            shares.append(Share(due, taken))
        rest -= taken
    short = sum(each.due.minor - each.minor for each in shares)
    return [Proposal(tuple(shares), "more" if rest else "part", rest, short)]


def _whole(dues: tuple[Due, ...], why: str) -> Proposal:
    return Proposal(tuple(Share(due, due.minor) for due in dues), why)


def _near(minor: int, dues: tuple[Due, ...]) -> Proposal:
    """One cent more or less than what is due: the last takes what is short."""
    left = minor - sum(due.minor for due in dues)
    shares = [Share(due, due.minor) for due in dues]
    if left < 0:
        shares[-1] = Share(dues[-1], dues[-1].minor + left)
        shares = [each for each in shares if each.minor]
    return Proposal(tuple(shares), "cent", max(left, 0), max(-left, 0))


def _once(found: Sequence[Proposal]) -> list[Proposal]:
    return list({proposal.shares: proposal for proposal in reversed(found)}.values())[::-1]


def _found(reference: str, said: str) -> bool:
    plain = _plain(reference)
    return len(plain) >= LEAST_REFERENCE and plain in said


def _same(name: str, other: str) -> bool:
    return bool(_plain(name)) and _plain(name) == _plain(other)


def _plain(text: str) -> str:
    """Upper case letters, digits and Han characters alone."""
    return "".join(each for each in text.upper() if each.isalnum())
