"""Worked lines in the ledger's docstrings hold."""

import doctest

import pytest

from remelt.traceability import facts, terms
from remelt.traceability.epcis import eventid
from remelt.traceability.rules import allot, footprint, pots, shares, states


@pytest.mark.parametrize("module", [allot, eventid, facts, footprint, pots, shares, states, terms])
def test_worked_lines_hold(module):
    tried = doctest.testmod(module)
    assert tried.attempted
    assert not tried.failed
