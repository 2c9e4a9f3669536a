"""The process of one solver: a payload on standard input, JSON lines back.

Run as `python -m remelt.platform.kernel.child MODULE:FUNCTION`. A fresh interpreter, so that the
solver holds no lock of the server's, imports only what the function needs, and dies alone.
"""

import importlib
import os
import sys
from typing import Any, BinaryIO

import orjson


def main(target: str) -> None:
    """Call the function named by `target` with the payload; write progress, then the result."""
    os.nice(5)  # pages come first where a core is short
    channel = _own_channel()

    def say(kind: str, value: Any) -> None:
        channel.write(orjson.dumps([kind, value]) + b"\n")
        channel.flush()

    def report(progress: int, note: str = "", incumbent: dict[str, Any] | None = None) -> None:
        say("progress", [progress, note, incumbent])

    module, _, function = target.partition(":")
    try:
        work = getattr(importlib.import_module(module), function)
        say("done", work(orjson.loads(sys.stdin.buffer.read()), report))
    except Exception as reason:  # noqa: BLE001 - told to the parent, whatever it is
        say("failed", repr(reason))


def _own_channel() -> BinaryIO:
    """Keep standard output for the protocol; what a library prints goes to standard error."""
    channel = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    return channel


if __name__ == "__main__":
    main(sys.argv[1])
