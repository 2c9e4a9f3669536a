"""An owner issues a passport; anybody takes it home; a correction makes it history."""

import orjson
import pytest
from flask import Flask
from flask.testing import FlaskClient

from remelt.platform.catalogue.loading import load_package_data
from remelt.traceability.log.notes import Checkpoint, read_verifier
from remelt.traceability.proofs import certificates
from remelt.traceability.proofs.credentials import holds
from remelt.traceability.proofs.errors import LogWentBack
from remelt.traceability.proofs.keylist import fingerprint
from remelt.traceability.proofs.verifier import verify
from remelt.web.certificates import issue_for
from remelt.web.keys import keyring, replace_file
from remelt.web.publishing import publish
from tests.integration.ledger_world import brought
from tests.loop import Loop, a_loop


class Owner:
    """Who issues, as the views know them."""

    def __init__(self, party) -> None:
        self.organisation_code = party.organisation.code
        self.person_code = party.person.code


@pytest.fixture
def loop(app: Flask, clock) -> Loop:
    services = app.extensions["remelt"]
    with services.store.write() as session:
        load_package_data(session)
        made = a_loop(session, clock=clock)
    with services.store.write() as session:
        issue_for(
            session,
            lot_code=made.cast.code,
            who=Owner(made.smelter),
            settings=services.settings,
            clock=clock,
        )
    return made


def end(app: Flask, clock, loop: Loop) -> None:
    with app.extensions["remelt"].store.write() as session:
        certificates.supersede(
            session,
            lot_ids=[loop.cast.key],
            reason="correction",
            event_hash=loop.melt.event.hash,
            at=clock.now(session),
        )


def test_a_downloaded_passport_verifies_and_names_no_party(
    app: Flask, client: FlaskClient, loop: Loop
):
    answer = client.get(f"/l/{loop.cast.code}/passport.json")
    assert answer.mimetype == "application/vc"
    keys = client.get("/log/keys.json").data
    root = fingerprint(read_verifier(orjson.loads(keys)["root"]))
    told = verify(answer.data, keys=keys, root=root)
    claims = told["claims"]
    assert claims["lot"] == loop.cast.code
    assert claims["footprint"]["complete"] is False
    assert claims["recycled_content"]["denominator_g"] == claims["mass_g"] == 4_000_000
    for party in (loop.collector, loop.hub, loop.smelter):
        for secret in (party.organisation.code, party.site.code, party.person.code):
            assert secret not in answer.text
    for other in (loop.cans.code, loop.sorted_.code, loop.smelter.site.adcode):
        assert other not in answer.text


def test_the_network_knows_the_key_too(client: FlaskClient, app: Flask, loop: Loop):
    document = client.get(f"/l/{loop.cast.code}/passport.json").get_json(force=True)
    did = client.get("/.well-known/did.json").get_json(force=True)
    assert did["id"] == document["issuer"] == "did:web:127.0.0.1%3A8000"
    assert document["proof"]["verificationMethod"] in did["assertionMethod"]
    ring = keyring(app.extensions["remelt"].settings)
    assert holds(document, key=ring.passport.verifier.key)


def test_a_certificate_says_how_it_stands(app: Flask, client: FlaskClient, clock, loop: Loop):
    document = client.get(f"/l/{loop.cast.code}/passport.json").get_json(force=True)
    status = document["credentialStatus"]["id"].removeprefix("http://127.0.0.1:8000")
    accept = {"Accept": "application/json"}
    assert client.get(status, headers=accept).get_json()["status"] == "in-force"
    assert "In force" in client.get(f"{status}?lang=en").text
    end(app, clock, loop)
    told = client.get(status, headers=accept).get_json()
    assert (told["status"], told["reason"]) == ("superseded", "correction")
    page = client.get(f"{status}?lang=en").text
    assert "Superseded" in page
    assert "a correction of an event behind it" in page
    assert client.get(f"/l/{loop.cast.code}/passport.json").status_code == 404
    assert client.get(f"{status}/passport.json").status_code == 200


def test_only_what_was_issued_is_found(client: FlaskClient, loop: Loop):
    assert client.get(f"/l/{loop.cans.code}/passport.json").status_code == 404
    assert client.get(f"/certificates/{loop.cans.code}").status_code == 404
    assert client.get("/certificates/nonsense").status_code == 422


def test_the_page_of_the_lot_leads_to_it(client: FlaskClient, loop: Loop):
    assert f"/l/{loop.cast.code}/passport.json" in client.get(f"/l/{loop.cast.code}").text
    assert "passport.json" not in client.get(f"/l/{loop.cans.code}").text


def published_as(app: Flask, *, size: int, root: bytes) -> None:
    """What another history of this log, under its own key, would have published."""
    settings = app.extensions["remelt"].settings
    text = Checkpoint(origin=keyring(settings).log.name, size=size, root=root).text
    note = f"{text}\n{keyring(settings).log.line(text)}"
    replace_file(settings.home / "log" / "checkpoint", note.encode())


@pytest.mark.parametrize("more", [1, 0, -1], ids=["longer", "another-root", "another-beginning"])
def test_nothing_is_signed_while_another_log_is_published(
    app: Flask, client: FlaskClient, loop: Loop, clock, more
):
    services = app.extensions["remelt"]
    with services.store.write() as session:
        who = Owner(loop.smelter)
        told = {"settings": services.settings, "clock": clock}
        code = issue_for(session, lot_code=loop.cast.code, who=who, **told).certificate.code
    with services.store.read() as session:
        size = publish(session, settings=services.settings)
    addresses = ["/log", "/log/checkpoint", "/log/proof/0", "/log/consistency?from=1"]
    addresses += [f"/log/tile/0/000.p/{size}", f"/l/{loop.cast.code}/passport.json"]
    addresses.append(f"/certificates/{code}/passport.json")
    assert {client.get(address).status_code for address in addresses} == {200}
    published_as(app, size=size + more, root=bytes(32))
    for address in addresses:
        refused = client.get(address, headers={"Accept": "application/json"})
        assert (refused.status_code, refused.get_json()["code"]) == (503, "log-went-back")
        assert "docs/operating.md" in client.get(f"{address}", headers={"Cookie": "lang=en"}).text
    with pytest.raises(LogWentBack), services.store.write() as session:
        brought(session, clock)
    with services.store.write() as session:
        load_package_data(session)
    (services.settings.home / "log" / "checkpoint").write_bytes(b"\xff")
    refused = client.get("/log/checkpoint", headers={"Accept": "application/json"})
    assert (refused.status_code, refused.get_json()["code"]) == (503, "checkpoint-spoilt")
