"""The market and the furnaces it feeds: charge plans, awards of several lots."""

import sys

from frame import Measure, run
from market_measures import bidding, charges, jitter, late, winners

# one entry per line: name -> what yields its rows
MEASURES: dict[str, Measure] = {
    "engine": bidding.engine,
    "http": bidding.http,
    "late-bids": late.late_bids,
    "close-jitter": jitter.close_jitter,
    "charges": charges.charges,
    "winners": winners.winners,
}

if __name__ == "__main__":
    sys.exit(run("Market", MEASURES))
