"""Numba's one door: a function compiled to machine code, kept on disk, without the global lock."""

import hashlib
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar, cast

import llvmlite.binding
import numba

# Without reference counts: the arrays outlive every call, nothing is allocated, and counting the
# forty arrays of a plan at each call took ten times as long as the search itself.
OPTIONS: dict[str, Any] = {
    "cache": True,
    "nogil": True,
    "_nrt": False,
    "forceinline": True,
    "error_model": "numpy",
}
Function = TypeVar("Function", bound=Callable[..., Any])


def compiled(function: Function) -> Function:
    """Return the function compiled at its first call, or read from disk if it once was."""
    return cast("Function", numba.njit(**OPTIONS)(function))


def mark(name: str = "ready") -> Path:
    """Return the file that says that everything is compiled and on disk."""
    return FOLDER / name


def _folder() -> Path:
    """Return where this source for this Python, compiler and processor is kept compiled.

    Beside the source if that may be written, or was; else in the user's own cache. Numba asks
    only whether a function's own file has changed, so every state of the source has a folder.
    """
    cpu = (llvmlite.binding.get_host_cpu_name(), llvmlite.binding.get_host_cpu_features().flatten())
    told = [sys.version, numba.__version__, llvmlite.__version__, *cpu]
    here = Path(__file__).parent
    for path in sorted((*here.glob("*.py"), *here.parent.glob("trips/*.py"))):
        stamp = path.stat()
        told.append(f"{path} {stamp.st_mtime_ns} {stamp.st_size}")
    name = f"ruins-{hashlib.sha256('|'.join(told).encode()).hexdigest()[:16]}"
    beside = here / "__pycache__" / name
    if (beside / "ready").exists() or os.access(here, os.W_OK):
        return beside
    return Path.home() / ".cache" / "remelt" / name


FOLDER = _folder()
numba.config.CACHE_DIR = str(FOLDER)  # type: ignore[attr-defined]
