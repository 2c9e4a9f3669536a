"""The compiled searches, made before anybody waits for them: `python -m remelt.routing.warming`."""

import os
import subprocess
import sys

from remelt.routing.ruins import ready as ruins
from remelt.routing.trips import ready as trips

POLITE = 5


def warm() -> None:
    """Compile the searches, or read them from disk."""
    ruins.warm()
    trips.warm()


def warm_aside() -> "subprocess.Popen[bytes] | None":
    """Have another process compile what is not on disk yet, at low priority; None if all is."""
    if ruins.ready() and trips.ready():
        return None
    command = [sys.executable, "-m", "remelt.routing.warming"]
    return subprocess.Popen(command, stdin=subprocess.DEVNULL, start_new_session=True)  # noqa: S603 - our own module


if __name__ == "__main__":
    os.nice(POLITE)
    warm()
