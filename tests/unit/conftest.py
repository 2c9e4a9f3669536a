"""What unit tests share: no database, at most an app that knows the languages."""

from collections.abc import Iterator

import pytest
from flask import Flask
from flask_babel import Babel


@pytest.fixture
def app_context() -> Iterator[None]:
    """An empty app in English, so that sentences can be made."""
    app = Flask("remelt.web.app")
    Babel(app, default_locale="en")
    with app.test_request_context():
        yield
