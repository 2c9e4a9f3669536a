"""Print what every route answers to every role, for the rows that permissions.csv lacks.

python -m tools.permissions          prints the missing rows, to be reviewed and added
python -m tools.permissions --all    prints every row
python -m tools.permissions --add    adds the missing rows and drops routes that are gone
"""

import csv
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path

import structlog

from remelt.platform.kernel.clock import SimulatedClock
from tests.walk import FILE, HEAD, NoValue, Walk, doors, reviewed
from tests.world import build_world


def main() -> None:
    """Walk and print or add."""
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))
    known = reviewed() if FILE.exists() else {}
    rows = []
    with tempfile.TemporaryDirectory() as home:
        world = build_world(
            Path(home), clock=SimulatedClock(datetime(2026, 3, 2, 4, 0, tzinfo=UTC))
        )
        walk = Walk(world, home=Path(home))
        for door, rule in doors(world):
            if "--all" in sys.argv or door not in known:
                try:
                    rows.append(walk.row(door, rule))
                except NoValue as reason:
                    print(f"{door}: {reason}", file=sys.stderr)
            elif "--add" in sys.argv:
                rows.append(known[door])
    target = FILE.open("w", newline="") if "--add" in sys.argv else sys.stdout
    writer = csv.DictWriter(target, HEAD, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    target.flush()


if __name__ == "__main__":
    main()
