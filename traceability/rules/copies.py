"""Copies of frozen things with some fields other than they were."""

from typing import Any, TypeVar

T = TypeVar("T")


def but(original: T, **changes: Any) -> T:
    """Return a copy of a frozen dataclass with `changes`: `replace`, six times as fast.

    Only for classes without slots that check nothing as they are made. Raises `TypeError` for a
    name that is no field.
    """
    fields = vars(original)
    both = fields | changes
    if len(both) != len(fields):
        raise TypeError(f"no such field: {sorted(changes.keys() - fields.keys())}")
    copy = object.__new__(type(original))
    object.__setattr__(copy, "__dict__", both)
    return copy
