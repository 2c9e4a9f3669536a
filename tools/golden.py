"""Say anew what the stored events of `tests/golden` make of their lots, until rules 1 is released.

Run as `python -m tools.golden`. The events stay as they are, byte for byte; only the lots that
the rules derive from them are written again. Once an edition is released its file is never
written again: a change of the rules is a new edition with a file of its own.
"""

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import orjson

from remelt.traceability.door.book import columns
from remelt.traceability.epcis.words import facts_of
from remelt.traceability.facts import reopen
from tests.remembered import Remembered

FOLDER = Path("tests/golden")


def derived(golden: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Return the lots that the events of a golden file make, as it stores them."""
    values = {event["hash"]: event["values"] for event in golden["events"]}
    ledger = Remembered()
    for event in golden["events"]:
        facts = reopen(
            facts_of(orjson.loads(event["body"])), values[event["corrects"] or event["hash"]]
        )
        if event["corrects"]:
            facts["kind"] = "declare"
        ledger.append(facts, event_hash=event["hash"])
    return {
        code: {name: _stored(value) for name, value in columns(lot).items()}
        for code, lot in ledger.lots.items()
    }


def _stored(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value


def main() -> None:
    """Write every golden file whose lots are not what the rules say now."""
    for path in sorted(FOLDER.glob("*/*.json")):
        golden = json.loads(path.read_text())
        lots = derived(golden)
        if lots != golden["lots"]:
            path.write_text(json.dumps(golden | {"lots": lots}, indent=2, sort_keys=True) + "\n")
            print(f"wrote {path}")


if __name__ == "__main__":
    main()
