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
    if not amount or not vector:
        return {}, {name: held for name, held in vector.items() if held}
    if len(vector) == 1:
        ((only, held_by_it),) = vector.items()
        rest = held_by_it - amount
        return {only: amount}, {only: rest} if rest else {}
    return _taken(vector, amount)


def _taken(vector: Mapping[str, int], amount: int) -> tuple[Vector, Vector]:
    """Do as `allot` does, and what is left at once: every working asks this for every lot."""
    whole, over = sum(vector.values()), amount
    taken: Vector = {}
    rests: Vector = {}
    left: list[int] = []
    for name in sorted(vector):
        part, remainder = divmod(amount * vector[name], whole)
        taken[name], rests[name] = part, vector[name] - part
        left.append(remainder)
        over -= part
    names = list(taken) if over else []
    for _ in range(over):
        at = left.index(max(left))
        taken[names[at]] += 1
        rests[names[at]] -= 1
        left[at] = -1
    return _present(taken), _present(rests)


def _present(vector: Vector) -> Vector:
    """Return `vector` without zero entries, itself where it has none."""
    if 0 not in vector.values():
        return vector
    return {name: amount for name, amount in vector.items() if amount}


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
