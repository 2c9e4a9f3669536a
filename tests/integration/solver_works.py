"""What the solvers of the job tests do in their own process.

Apart from the tests and with next to no imports: a deadline of seconds is then one of the work,
also where a busy machine takes as long to import a test's libraries.
"""

import os
import signal
import time
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from remelt.platform.kernel.runner import Report


def double(payload: dict[str, Any], report: "Report") -> dict[str, Any]:
    report(500, "half way", {"answer": "incumbent"})
    return {"answer": payload["number"] * 2, "pid": os.getpid()}


def die(payload: dict[str, Any], report: "Report") -> dict[str, Any]:
    os.kill(os.getpid(), signal.SIGKILL)
    return {}


def sleep(payload: dict[str, Any], report: "Report") -> dict[str, Any]:
    report(300, "found one", {"answer": "incumbent"})
    time.sleep(60)
    return {"answer": "too late"}
