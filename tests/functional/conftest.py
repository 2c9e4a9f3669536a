"""A whole app on a fresh migrated database."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from remelt.platform.catalogue.loading import load_package_data
from remelt.platform.kernel.clock import SimulatedClock
from remelt.platform.kernel.settings import Settings
from remelt.platform.kernel.store import Store
from remelt.web.app import create_app


@pytest.fixture
def app(database_url: str, clock: SimulatedClock, tmp_path: Path) -> Iterator[Flask]:
    """The product with a clock wound by hand."""
    settings = Settings(home=tmp_path / "home", database_url=database_url, demo=True)
    made = create_app(settings, clock=clock)
    yield made
    made.extensions["remelt"].store.close()


@pytest.fixture
def store(app: Flask) -> Store:
    """The product's own store, with the reference data that it comes with."""
    held: Store = app.extensions["remelt"].store
    with held.write() as session:
        load_package_data(session)
    return held


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A visitor's browser without JavaScript."""
    return app.test_client()
