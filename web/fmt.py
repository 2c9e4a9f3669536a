"""Numbers and times as people read them."""

from collections.abc import Callable
from typing import Any

FILTERS: dict[str, Callable[..., Any]] = {}
