"""The page that checks a passport: opened from a disk, without a network, in both languages."""

from dataclasses import replace

import orjson
import pytest
from flask import Flask
from flask.testing import FlaskClient
from playwright.sync_api import Browser, Page

from benchmarks.ledger_measures.passport_bits import Papers, handed_out, spoilt
from remelt.platform.catalogue.loading import load_package_data
from remelt.platform.kernel.clock import SimulatedClock
from remelt.traceability.log.notes import COSIGNATURE, new_signer
from remelt.traceability.proofs.cosigning import accept
from remelt.traceability.proofs.credentials import signed
from remelt.traceability.proofs.keylist import WITNESS, KeyLine, with_witness
from remelt.web.certificates import issue_for
from remelt.web.keys import change_list, keyring
from remelt.web.offline_page import PAGE, hashes, policy
from tests.functional.browser.conftest import DESK, PHONE, violations
from tests.functional.test_certificates import Owner
from tests.loop import a_loop

REGULATOR = new_signer("regulator.example/w1", kind=COSIGNATURE)
FILES = {"passport.json": "application/json", "keys.json": "application/json"}


@pytest.fixture
def papers(app: Flask, clock: SimulatedClock) -> Papers:
    """The passport of a cast lot, with a witness's signature below the checkpoint."""
    services = app.extensions["remelt"]
    with services.store.write() as session:
        load_package_data(session)
        loop = a_loop(session, clock=clock)
    with services.store.write() as session:
        who, told = Owner(loop.smelter), {"settings": services.settings, "clock": clock}
        made = issue_for(session, lot_code=loop.cast.code, who=who, **told).certificate
    held = keyring(services.settings)
    keys = with_witness(held.keys, witness=REGULATOR.verifier, at="2026-03-02T04:00:00Z")
    change_list(services.settings, keys=keys)
    with services.store.write() as session:
        plain = orjson.loads(handed_out(session, clock, services.settings, made).passport)
        text = "\n".join(plain["evidence"][0]["proof"].split("\n\n")[1].split("\n")[:3]) + "\n"
        note = f"{text}\n{REGULATOR.line(text, at_s=1_772_500_000)}"
        witnesses = [REGULATOR.verifier]
        accept(session, clock=clock, note=note, origin=held.log.name, witnesses=witnesses)
        return handed_out(session, clock, services.settings, made)


def opened(chromium: Browser, device) -> Page:
    """The page from the disk in a browser that is offline; any request at all is a fault."""
    context = chromium.new_context(**device, offline=True)
    page = context.new_page()
    page.asked = []
    page.on("request", lambda request: page.asked.append(request.url))
    page.goto(PAGE.as_uri())
    return page


def given(page: Page, papers: Papers) -> str:
    """Give the files and the fingerprint as a person does; return the verdict."""
    for name, content in (("passport", papers.passport), ("keys", papers.keys)):
        file = {"name": f"{name}.json", "mimeType": "application/json", "buffer": content}
        page.locator(f"#{name}-file").set_input_files(file)
    page.locator("#root").fill(papers.root)
    page.locator("#verdict .good, #verdict .bad").wait_for()
    return page.locator("#verdict").inner_text()


@pytest.mark.browser
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("device", "said"),
    [
        (
            PHONE,
            [
                "有效",
                "此后的更正在离线时不可见",
                "仅为已知部分之和",
                "4,000 kg",
                "regulator.example/w1",
            ],
        ),
        (DESK, ["Valid", "later corrections are not visible offline", "not a total", "4,000 kg"]),
    ],
)
def test_a_passport_is_checked_from_a_disk_without_a_network(
    chromium: Browser, papers: Papers, device, said
):
    page = opened(chromium, device)
    verdict = given(page, papers)
    for words in said:
        assert words in verdict
    assert violations(page) == []
    width = page.evaluate("document.documentElement.scrollWidth")
    assert width <= device["viewport"]["width"]
    assert page.asked == [PAGE.as_uri()]
    page.locator("#language").click()
    assert ("Valid" if device is PHONE else "有效") in page.locator("#verdict").inner_text()
    page.context.close()


@pytest.mark.browser
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_what_is_wrong_is_named(chromium: Browser, app: Flask, papers: Papers):
    ring = keyring(app.extensions["remelt"].settings)
    told = orjson.loads(papers.passport)
    proof = told.pop("proof")
    richer = told["credentialSubject"] | {"mass_g": 9_000_000}
    forged = signed(
        {**told, "credentialSubject": richer},
        key=ring.passport.key,
        method=proof["verificationMethod"],
        created=proof["created"],
    )
    lie = orjson.dumps(forged, option=orjson.OPT_SORT_KEYS)
    page = opened(chromium, DESK)
    for passport, root, words in (
        (papers.passport.replace(b'"mass_g":4000000', b'"mass_g":4000001', 1), papers.root,
         "signature does not fit"),
        (lie, papers.root, "the event issues another passport"),
        (papers.passport + b" ", papers.root, "canonical form"),
        (b"\xff", papers.root, "not JSON"),
        (papers.passport, "0" * 64, papers.root),
    ):  # fmt: skip
        verdict = given(page, Papers(passport, papers.keys, root))
        assert "Not valid" in verdict
        assert words in verdict
    page.context.close()


@pytest.mark.browser
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_the_page_asks_for_the_log_itself_and_for_a_new_list(
    chromium: Browser, app: Flask, papers: Papers
):
    settings = app.extensions["remelt"].settings
    held, told = keyring(settings), orjson.loads(papers.passport)
    page = opened(chromium, DESK)
    assert "Edition of the key list\n2" in given(page, papers)
    page.locator("#least").fill("3")
    page.locator("#verdict .bad").wait_for()
    assert "edition 2, older than you ask" in page.locator("#verdict").inner_text()
    page.locator("#least").fill("")
    false = new_signer(held.log.name, kind=COSIGNATURE)
    lines = (*held.keys.lines, KeyLine(use=WITNESS, verifier=false.verifier))
    change_list(settings, keys=replace(held.keys, edition=3, lines=lines))
    proof, evidence = told.pop("proof"), told["evidence"][0]
    steps, note, _ = evidence["proof"].split("\n\n")
    for created, line, words in (
        (proof["created"], false.line(f"{note}\n", at_s=1), "the log itself did not sign"),
        ("9999-99-99T99:99:99Z", held.log.line(f"{note}\n"), "not a moment"),
        (proof["created"], "— \x1b\u202e AAAA\n", "signed by no key"),
    ):
        bent = evidence | {"proof": f"{steps}\n\n{note}\n\n{line}"}
        way = {"method": proof["verificationMethod"], "created": created}
        said = signed({**told, "evidence": [bent]}, key=held.passport.key, **way)
        lie = orjson.dumps(said, option=orjson.OPT_SORT_KEYS)
        assert words in given(page, Papers(lie, keyring(settings).file, papers.root))
    assert page.evaluate("plain('a\\u001b\\u202e\\u2028钢')") == "a\\u{1b}\\u{202e}\\u{2028}钢"
    page.context.close()


@pytest.mark.browser
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_the_page_refuses_every_turned_bit_too(chromium: Browser, papers: Papers):
    page = opened(chromium, DESK)
    ask = """async ([passport, keys, root]) => {
        try { await verify(passport, keys, root); return "valid"; }
        catch (wrong) { return wrong instanceof Bad ? wrong.code : "shape " + wrong; }
    }"""
    right = [papers.passport.decode(), papers.keys.decode(), papers.root]
    assert page.evaluate(ask, right) == "valid"
    said = set()
    for _part, bent in spoilt(papers, seed=5, count=210):
        texts = [part.decode(errors="replace") for part in (bent.passport, bent.keys)]
        said.add(page.evaluate(ask, [*texts, bent.root]))
    assert "valid" not in said
    assert {"signature", "canonical", "json"} <= said
    page.context.close()


def test_the_page_is_handed_out_as_it_lies_here(client: FlaskClient):
    answer = client.get("/verify")
    assert answer.data == PAGE.read_bytes()
    text = answer.text
    for name, value in hashes(text).items():
        assert f"{name}-src '{value}'" in policy(), "run python -m tools.offline"
    assert answer.headers["Content-Security-Policy"].startswith("default-src 'none'; ")
    for word in ("http://", "https://", "src=", "import(", "fetch(", "XMLHttpRequest"):
        assert word not in text.partition("<style>")[2]
    assert b"import argparse" in client.get("/verify/verifier.py").data
