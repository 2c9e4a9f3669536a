"""Copies of frozen things with some fields other than they were."""

from typing import Any, TypeVar

T = TypeVar("T")


def but(original: T, **changes: Any) -> T:
    """Return a copy of a frozen dataclass with `changes`: `replace`, ten times as fast.

    Only for classes without slots that check nothing as they are made. Raises `TypeError` for a
    name that is no field.
    """
    copy = object.__new__(type(original))
    fields = copy.__dict__
    fields.update(original.__dict__)
    count = len(fields)
    fields.update(changes)
    if len(fields) != count:
        raise TypeError(f"no such field: {sorted(changes.keys() - original.__dict__.keys())}")
    return copy
