"""Why a lot may carry no claim, in one text: a correction under way stands before other reasons."""

from collections.abc import Iterable

CORRECTING = "correcting"
UNEXPLAINED = "unexplained"


def combined(reasons: Iterable[str]) -> str:
    """Return the one text that says all of `reasons`; empty when there is none.

    >>> combined(["", "unexplained", "correcting"])
    'correcting,unexplained'
    >>> combined(["", ""])
    ''
    """
    every = {each for reason in reasons for each in reason.split(",") if each}
    under_way = [CORRECTING] if CORRECTING in every else []
    others = every - {CORRECTING}
    worst = [UNEXPLAINED] if UNEXPLAINED in others else sorted(others)[:1]
    return ",".join(under_way + worst)


def settled(reason: str) -> str:
    """Return what remains of `reason` once no correction is under way.

    >>> settled("correcting,unexplained")
    'unexplained'
    """
    return ",".join(each for each in reason.split(",") if each != CORRECTING)
