"""Worked lines in the ledger's docstrings hold."""

import doctest

import pytest

from remelt.traceability import allot, eventid, facts, footprint, pots, shares, states, terms


@pytest.mark.parametrize("module", [allot, eventid, facts, footprint, pots, shares, states, terms])
def test_worked_lines_hold(module):
    tried = doctest.testmod(module)
    assert tried.attempted
    assert not tried.failed
