"""Commands of the lot ledger: `audit`."""

import argparse
import time

from remelt.platform.kernel.clock import SystemClock
from remelt.platform.kernel.memory import settle
from remelt.platform.kernel.settings import Settings
from remelt.traceability.audit.audit import audit
from remelt.traceability.queries import checkpoint, world_balance
from remelt.web.cli_base import as_installed
from remelt.web.wiring import new_store


def add_ledger(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add `audit`."""
    command = commands.add_parser(
        "audit", help="replay the ledger from its first event and compare everything"
    )
    command.set_defaults(run=run_audit)


def run_audit(_asked: argparse.Namespace, settings: Settings) -> int:
    """Replay every event; name what is not as the events say, the first bad event first."""
    store = new_store(as_installed(settings).url, clock=SystemClock())
    settle()
    start = time.monotonic()
    with store.read() as session:
        head, findings = checkpoint(session), audit(session)
        drift_g = world_balance(session).drift_g
    store.close()
    for found in findings:
        at = "" if found.seq is None else f"event {found.seq}: "
        print(f"{at}{found.what} ({found.where})")
    verdict = "NOT sound" if findings or drift_g else "sound"
    per_s = round(head.size / (time.monotonic() - start))
    print(f"{verdict}: {head.size} events replayed, drift {drift_g} g, root {head.root}")
    print(f"{per_s} events/s")
    return 1 if findings or drift_g else 0
