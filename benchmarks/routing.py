"""Rounds beside the engines they stand on: gaps, deadlines, memory, load x distance, rich days."""

import sys
import time

from frame import Measure, run
from routing_measures import changes_measured, days_measured, gaps, sites

from remelt.routing.warming import warm

# one entry per line: name -> what yields its rows
MEASURES: dict[str, Measure] = {
    "gaps-10s": gaps.in_10_s,
    "gaps-30s": gaps.in_30_s,
    "deadline": days_measured.deadline,
    "load-distance": days_measured.load_distance,
    "rich": days_measured.rich,
    "urgent-insert": changes_measured.urgent,
    "antwerp": days_measured.antwerp,
    "province": days_measured.province,
    "siting": sites.siting,
}

if __name__ == "__main__":
    began = time.perf_counter()
    warm()  # once for each state of the source, and no part of any budget
    print(f"# compiled: {time.perf_counter() - began:.1f} s", file=sys.stderr)
    sys.exit(run("Rounds", MEASURES))
