"""Whole-number splits by largest remainder: the sum is exact, no part exceeds its weight's due."""

from collections.abc import Mapping, Sequence

Vector = dict[str, int]


def allot(total: int, weights: Sequence[int]) -> list[int]:
    """Share `total` over `weights`, each part rounded so that the sum is `total`.

    Units left over by rounding go to the largest remainders, earlier parts first. Weights are
    at least 0; when all are 0 the parts are equal. A negative total is shared like its positive.

    >>> allot(10, [1, 1, 1])
    [4, 3, 3]
    >>> allot(-7, [2, 1])
    [-5, -2]
    >>> allot(5, [0, 0])
    [3, 2]
    """
    if not weights:
        return []
    if total < 0:
        return [-part for part in allot(-total, weights)]
    whole = sum(weights)
    if whole == 0:
        return allot(total, [1] * len(weights))
    parts = [total * weight // whole for weight in weights]
    over = total - sum(parts)
    if over:
        left = [total * weight % whole for weight in weights]
        for _ in range(over):
            at = left.index(max(left))
            parts[at] += 1
            left[at] = -1
    return parts


def scaled(vector: Mapping[str, int], total: int) -> Vector:
    """Return `vector` scaled to sum to `total`; names in order, zero entries left out.

    >>> scaled({"post_consumer": 2, "unknown": 1}, 4)
    {'post_consumer': 3, 'unknown': 1}
    """
    if len(vector) == 1:
        return dict.fromkeys(vector, total) if total else {}
    names = sorted(vector)
    parts = allot(total, [vector[name] for name in names])
    return {name: part for name, part in zip(names, parts, strict=True) if part}


def take(vector: Mapping[str, int], amount: int) -> tuple[Vector, Vector]:
    """Take `amount` out of `vector` evenly; return what was taken and what is left.

    0 <= amount <= the vector's sum; no entry gives more than it holds.

    >>> take({"Al": 90, "unknown": 10}, 50)
    ({'Al': 45, 'unknown': 5}, {'Al': 45, 'unknown': 5})
    """
    if not amount:
        return {}, {name: held for name, held in vector.items() if held}
    if len(vector) == 1:
        ((only, held_by_it),) = vector.items()
        rest = held_by_it - amount
        return {only: amount}, {only: rest} if rest else {}
    names = sorted(vector)
    held = [vector[name] for name in names]
    parts = allot(amount, held)
    taken = dict(zip(names, parts, strict=True))
    rests = {name: vector[name] - part for name, part in taken.items() if vector[name] != part}
    return (taken if all(parts) else {n: part for n, part in taken.items() if part}), rests


def more(*vectors: Mapping[str, int]) -> Vector:
    """Return the entry-wise sum, zero entries left out."""
    summed: Vector = {}
    for vector in vectors:
        for name, amount in vector.items():
            summed[name] = summed.get(name, 0) + amount
    return tidy(summed)


def less(vector: Mapping[str, int], other: Mapping[str, int]) -> Vector:
    """Return `vector` without `other`, zero entries left out."""
    if vector == other:
        return {}
    left = dict(vector)
    for name, amount in other.items():
        left[name] = left.get(name, 0) - amount
    return tidy(left)


def tidy(vector: Mapping[str, int]) -> Vector:
    """Return `vector` in name order without zero entries."""
    if len(vector) < 2:  # noqa: PLR2004 - nothing to put in order
        return {name: amount for name, amount in vector.items() if amount}
    return {name: vector[name] for name in sorted(vector) if vector[name]}
