"""Numba's one door: a function compiled to machine code, kept on disk, without the global lock."""

import fcntl
import hashlib
import os
import stat
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar, cast

import llvmlite.binding
import numba

HERE = Path(__file__).parent
BESIDE = HERE / "__pycache__"
Function = TypeVar("Function", bound=Callable[..., Any])


def compiled(function: Function) -> Function:
    """Return the function compiled at its first call, or read from disk if it once was."""
    return cast("Function", numba.njit(**OPTIONS)(function))


def made(name: str) -> bool:
    """Tell whether what has this name is compiled and on disk."""
    return FOLDER is not None and (FOLDER / name).exists()


@contextmanager
def alone(name: str = "lock", *, wait: bool = True) -> Iterator[bool]:
    """Compile in one process at a time; False where there is no folder, or nobody waits for it."""
    if FOLDER is None:
        yield False
        return
    with (FOLDER / name).open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
        except BlockingIOError:
            yield False
        else:
            yield True


def first_writable(parents: Iterator[Path], name: str) -> Path | None:
    """Return the first folder in which this process can keep compiled code; None where none is.

    What is compiled is run: a folder that somebody else may write to is not taken.
    """
    return next((each / name for each in parents if _ours(each) and _writable(each / name)), None)


def _writable(path: Path) -> bool:
    """Try it, as numba does, which passes over a folder where it fails and compiles anew."""
    try:
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
        for each in (path, *(below for below in path.iterdir() if below.is_dir())):
            tempfile.TemporaryFile(dir=each).close()
    except OSError:
        return False
    return True


def _ours(path: Path) -> bool:
    """Tell whether nobody else may put anything there: as the source itself, or by its mode."""
    if path == BESIDE:
        return True
    try:
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
        told = path.lstat()
    except OSError:
        return False
    shut = not told.st_mode & (stat.S_IWGRP | stat.S_IWOTH)
    return stat.S_ISDIR(told.st_mode) and told.st_uid == os.getuid() and shut


def _parents() -> Iterator[Path]:
    """Yield where compiled code may be kept: beside the source, the user's cache, a last resort."""
    yield BESIDE
    home = Path(os.path.expanduser("~"))  # noqa: PTH111 - Path.home() fails for a user without one
    if home.is_absolute():
        yield home / ".cache" / "remelt"
    yield Path(tempfile.gettempdir()) / f"remelt-{os.getuid()}"


def _name() -> str:
    """Return the name of this state of the source for this Python, compiler and processor.

    Numba asks only whether a function's own file has changed, so every state has a folder.
    """
    cpu = (llvmlite.binding.get_host_cpu_name(), llvmlite.binding.get_host_cpu_features().flatten())
    told = [sys.version, numba.__version__, llvmlite.__version__, *cpu]
    for path in sorted((*HERE.glob("*.py"), *HERE.parent.glob("trips/*.py"))):
        stamp = path.stat()
        told.append(f"{path} {stamp.st_mtime_ns} {stamp.st_size}")
    return f"ruins-{hashlib.sha256('|'.join(told).encode()).hexdigest()[:16]}"


FOLDER = first_writable(_parents(), _name())
if FOLDER is not None:
    numba.config.CACHE_DIR = str(FOLDER)  # type: ignore[attr-defined]
# Without reference counts: the arrays outlive every call, nothing is allocated, and counting the
# forty arrays of a plan at each call took ten times as long as the search itself.
OPTIONS: dict[str, Any] = {
    "cache": FOLDER is not None,
    "nogil": True,
    "_nrt": False,
    "forceinline": True,
    "error_model": "numpy",
}
