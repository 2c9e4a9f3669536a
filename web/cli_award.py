"""`remelt award`: check the award of a combined sale, and work it out again, without a database."""

import argparse
import json
import sys
from fractions import Fraction
from pathlib import Path
from typing import Any

from remelt.platform.kernel.settings import Settings
from remelt.platform.market.winners.codec import FORMAT, fingerprint
from remelt.platform.market.winners.solving import decided
from remelt.platform.market.winners.verifier import check


def add_award(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add `award`."""
    command = commands.add_parser("award", help="check the award of a combined sale")
    command.add_argument("file", type=Path, metavar="FILE", help="award.json, as it was handed out")
    command.add_argument(
        "--again", action="store_true", help="work it out again from the offers, and compare"
    )
    command.set_defaults(run=run_award)


def run_award(asked: argparse.Namespace, _settings: Settings) -> int:
    """Say what the file proves; 1 when it does not hold or comes out otherwise."""
    try:
        made = json.loads(asked.file.read_text(encoding="utf-8"))
        if made["format"] != FORMAT:
            return _tell("NOT VALID: no award of a combined sale")
        faults = check(made["sale"], made["certificate"])
        return _told(made, faults) or (_again(made) if asked.again else 0)
    except (OSError, LookupError, TypeError, ValueError, ArithmeticError) as wrong:
        return _tell(f"NOT VALID: {type(wrong).__name__} {wrong}")


def _told(made: dict[str, Any], faults: list[str]) -> int:
    if faults:
        return _tell("\n".join(f"NOT VALID: {each}" for each in faults))
    said = made["certificate"]
    gap = 1 - Fraction(said["score_fen"], said["bound_fen"]) if said["bound_fen"] else Fraction()
    print(f"valid: {len(said['winners'])} offers win, {said['score_fen']} fen")
    print(f"by its prices no award scores above {said['bound_fen']} fen ({float(gap):.4%} more)")
    print(f"sale {fingerprint(made['sale'])}")
    return 0


def _again(made: dict[str, Any]) -> int:
    found = decided(made["sale"])
    if found["certificate"] == made["certificate"]:
        print(f"worked out again by {found['search']['engines']}: the same award")
        return 0
    worth = found["search"]["score_fen"] - made["certificate"]["score_fen"]
    return _tell(
        f"worked out again by {found['search']['engines']} (the file: "
        f"{made.get('search', {}).get('engines', 'unknown')}): another award, {worth:+} fen"
    )


def _tell(text: str) -> int:
    print(text, file=sys.stderr)
    return 1
