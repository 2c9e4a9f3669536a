"""The lot ledger beside its peers: capture, genealogy, passports, labels, corrections."""

import sys

from frame import Measure, run

# one entry per line: name -> what yields its rows
MEASURES: dict[str, Measure] = {}

if __name__ == "__main__":
    sys.exit(run("The lot ledger", MEASURES))
