"""The loop in the browser, in Chinese: from a collector's phone to the regulator's ratio."""

from collections.abc import Iterator
from pathlib import Path
from shutil import copy

import pytest
from flask import Flask

from remelt.platform.kernel.clock import SimulatedClock
from remelt.platform.kernel.settings import Settings
from remelt.web.app import create_app
from tests.conftest import NOON

from . import market_acts as market
from . import public_acts as public
from . import road_acts as road
from . import works_acts as works
from . import yard_acts as yard
from .conftest import Open, served
from .play import Play, raise_curtain

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def wound() -> SimulatedClock:
    """Noon in Guiyang on Monday, 2 March 2026."""
    return SimulatedClock(NOON)


@pytest.fixture(scope="module")
def product(
    sqlite_template: Path, wound: SimulatedClock, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Flask]:
    """A product of its own, with reference data and nobody in it."""
    home = tmp_path_factory.mktemp("loop")
    copy(sqlite_template, home / "remelt.db")
    app = create_app(Settings(home=home, demo=True), clock=wound)
    yield app
    app.extensions["remelt"].store.close()


@pytest.fixture(scope="module")
def site(product: Flask) -> Iterator[str]:
    """The address where this product is served."""
    with served(product) as address:
        yield address


@pytest.fixture
def play(product: Flask, wound: SimulatedClock, reader: Open) -> Play:
    """The stage, with everybody on it."""
    return raise_curtain(product, wound, reader)


def test_the_loop_runs_from_the_phone_to_the_ratio(play: Play):
    market.list_a_lot(play)
    market.only_registered(play, play.lot)
    yard.buy_at_the_gate(play)
    market.bid_and_win(play)
    market.close_and_contract(play)
    road.plan_tomorrow(play)
    play.morning(1)
    road.drive(play, mass="2.00 t")
    yard.weigh_the_lot(play)
    yard.sort_the_heap(play)
    road.release(play, to=play.works)
    road.plan_tomorrow(play)
    play.morning(2)
    road.drive(play, mass="1.98 t")
    works.receive(play)
    works.melt(play)
    works.settle(play)
    public.read_the_passport(play)
    public.read_the_share(play)
    market.only_registered(play, play.untouched)
