"""Money: what the book of entries costs, and what settles and moves it."""

import sys

from frame import Measure, run
from money_measures import entries, finals, stripe_twin

# one entry per line: name -> what yields its rows
MEASURES: dict[str, Measure] = {
    "ledger": entries.ledger,
    "example": finals.example,
    "recompute": finals.recompute,
    "stripe-twin": stripe_twin.stripe_twin,
}

if __name__ == "__main__":
    sys.exit(run("Money", MEASURES))
