"""Compiled functions, as those of `ruins` are: inlined where they are called, or not."""

from collections.abc import Callable
from typing import Any, TypeVar, cast

import numba

from remelt.routing.ruins.compiled import OPTIONS, compiled

Function = TypeVar("Function", bound=Callable[..., Any])
inlined = compiled


def jit(function: Function) -> Function:
    """Return a function compiled once, whoever calls it: it is called from several places."""
    return cast("Function", numba.njit(**OPTIONS | {"forceinline": False})(function))
