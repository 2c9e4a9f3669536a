"""The compiled searches, made before anybody waits for them: `python -m remelt.routing.warming`."""

import os
import shutil
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

from remelt.routing.ruins import ready as ruins
from remelt.routing.ruins.compiled import BESIDE, FOLDER, alone
from remelt.routing.trips import ready as trips

LOG = "warming.log"
POLITE = 10
KEPT_S = 30 * 24 * 3600


def warm() -> None:
    """Compile the searches, or read them from disk; sweep out what older source left."""
    ruins.warm()
    trips.warm()
    sweep(time.time())


def warm_aside() -> "subprocess.Popen[bytes] | None":
    """Have another process compile what is not on disk yet; None if all is, or nothing can be kept.

    It holds none of this process's outputs: who reads them need not wait until it ends.
    """
    if FOLDER is None or (ruins.ready() and trips.ready()):
        return None
    command = [sys.executable, "-m", "remelt.routing.warming"]
    with (FOLDER / LOG).open("ab") as log:
        return subprocess.Popen(  # noqa: S603 - our own module
            command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True
        )


def sweep(now: float) -> None:
    """Remove what lies unused beside the source for a month: elsewhere it may be another's."""
    for old in BESIDE.glob("ruins-*"):
        with suppress(FileNotFoundError):
            if old != FOLDER and now - _used_at(old) > KEPT_S:
                shutil.rmtree(old, ignore_errors=True)


def _used_at(folder: Path) -> float:
    """Return when something was last put there; each warming sets its marks anew."""
    return max(each.stat().st_mtime for each in (folder, *folder.iterdir()))


if __name__ == "__main__":
    os.nice(POLITE)
    with alone("warming", wait=False) as first:
        if first:
            warm()
