"""Every way in of every workplace, on a phone in Chinese and at a desk in English."""

import pytest
from flask import Flask

from remelt.platform.parties.permissions import ROLES
from remelt.web import nav
from remelt.web.demo.stage import enter
from remelt.web.passwords import hash_password
from tests.parties import PASSWORD

from .conftest import DESK, PHONE, Open, sign_in, violations

pytestmark = pytest.mark.browser
LOGINS = {
    "collector": "collector",
    "hub": "hub",
    "smelter": "smelter",
    "regulator": "regulator",
    "operator": "operator",
    "auditor": "auditor",
}


@pytest.fixture(scope="session")
def peopled(product: Flask, site: str) -> str:
    """The address of the product with the demonstration's people in it."""
    services = product.extensions["remelt"]
    with services.store.write() as session:
        enter(session, clock=services.clock, password_hash=hash_password(PASSWORD))
    return site


SEATS = [pytest.param(role, PHONE, id=f"{role}-phone-zh") for role in ROLES] + [
    pytest.param(role, DESK, id=f"{role}-desk-en") for role in ("smelter", "regulator")
]


@pytest.mark.parametrize(("role", "device"), SEATS)
def test_every_way_in_can_be_used_by_everybody(reader: Open, peopled, product, role, device):
    page = reader(device)
    sign_in(page, LOGINS[role])
    known = product.view_functions
    with product.test_request_context():
        ways = [
            product.url_for(entry.endpoint) for entry in nav.MENUS[role] if entry.endpoint in known
        ]
    faults: list[str] = []
    for way in ways:
        answer = page.goto(way)
        assert answer is not None
        if answer.status != 200:
            faults.append(f"{way}: {answer.status}")
            continue
        faults += [f"{way}: {found}" for found in violations(page)]
        wide = page.evaluate("document.documentElement.scrollWidth")
        if wide > device["viewport"]["width"]:
            faults.append(f"{way}: scrolls sideways, {wide} px")
    assert faults == []
