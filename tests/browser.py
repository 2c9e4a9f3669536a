"""A person's browser without JavaScript: loads a page, fills in its form, follows."""

import re
from dataclasses import dataclass
from html import unescape
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.parties import PASSWORD

_TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')
_KEY = re.compile(r'name="idempotency_key" value="([^"]+)"')


@dataclass
class Browser:
    """A client that puts token and key into what it sends, as the forms do."""

    client: FlaskClient
    page: str = ""

    def get(self, address: str, **options: Any) -> TestResponse:
        """Load a page and keep it for its forms."""
        answer = self.client.get(address, **options)
        if answer.mimetype == "text/html" and answer.status_code < 300:
            self.page = answer.text
        return answer

    def post(self, address: str, *, on: str | None = None, **form: Any) -> TestResponse:
        """Load the page `on` which the form stands (the address itself otherwise) and send it."""
        self.get(on or address)
        return self.send(address, **form)

    def send(self, address: str, **form: Any) -> TestResponse:
        """Send a form of the page that was loaded last."""
        token, key = _TOKEN.search(self.page), _KEY.search(self.page)
        assert token is not None, f"no form on the page before {address}"
        hidden = {"csrf_token": unescape(token[1])}
        if key is not None:
            hidden["idempotency_key"] = unescape(key[1])
        return self.client.post(address, data=hidden | form)

    def sign_in(self, login: str, password: str = PASSWORD) -> TestResponse:
        """Sign in."""
        return self.post("/sign-in", login=login, password=password)


def signed_in(app: Flask, login: str, password: str = PASSWORD) -> Browser:
    """Return a browser in which this person is signed in."""
    browser = Browser(app.test_client())
    answer = browser.sign_in(login, password)
    assert answer.status_code == 303, answer.text
    return browser
