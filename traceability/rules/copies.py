"""Copies of frozen things with some fields other than they were."""

from typing import Any, TypeVar

T = TypeVar("T")


def but(original: T, **changes: Any) -> T:
    """Return a copy of a frozen dataclass with `changes`: `replace`, five times as fast.

    Only for classes without slots that check nothing as they are made. Raises `TypeError` for a
    name that is no field.
    """
    fields = vars(original)
    if not changes.keys() <= fields.keys():
        raise TypeError(f"no such field: {sorted(changes.keys() - fields.keys())}")
    copy = object.__new__(type(original))
    vars(copy).update(fields, **changes)
    return copy
