"""The market and the furnaces it feeds: charge plans."""

import sys

from frame import Measure, run
from market_measures import charges

# one entry per line: name -> what yields its rows
MEASURES: dict[str, Measure] = {
    "charges": charges.charges,
}

if __name__ == "__main__":
    sys.exit(run("Market", MEASURES))
