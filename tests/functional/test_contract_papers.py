"""Contracts as documents: canonical JSON and paper in both languages carry one hash."""

import hashlib

import orjson
import pypdfium2
import pytest

from remelt.platform.works.tolling_terms import Terms, accept_account, open_account
from remelt.web.passwords import hash_password
from tests.browser import signed_in
from tests.parties import PASSWORD, a_party

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
TERMS = {"metal": "Al", "product": "6063 圆铸锭", "yield_bp": 9_350, "fee_fen_per_t": 120_000}
OWN = {
    "own_metal": ("tolling", "自始至终归货主所有", "stays the owner's from first to last"),
    "equivalent": ("tolling", "交还等量金属", "equivalent metal goes back"),
    "swap": ("swap", "交还其自产金属锭", "ingot of its own goes back"),
}


@pytest.fixture
def firms(app, clock):
    """An owner, a processor and a stranger, who can sign in."""
    secret = hash_password(PASSWORD)
    with app.extensions["remelt"].store.write() as session:
        return {
            login: a_party(session, clock=clock, role=role, login=login, password_hash=secret)
            for login, role in (("owner", "hub"), ("processor", "smelter"), ("other", "smelter"))
        }


def an_account(app, clock, firms, *, accepted=True, **changes) -> str:
    """The code of a metal account that the processor offers and the owner accepts."""
    with app.extensions["remelt"].store.write() as session:
        made = open_account(
            session, clock=clock, site_id=firms["processor"].site.key,
            person_id=firms["processor"].person.key, owner_site=firms["owner"].site.code,
            terms=Terms(**(TERMS | changes)),
        )  # fmt: skip
        if accepted:
            owner = firms["owner"]
            accept_account(
                session, clock=clock, code=made.code, organisation_id=owner.organisation.key,
                person_id=owner.person.key,
            )  # fmt: skip
        return made.code


def words(content: bytes) -> str:
    """What a PDF says, without its line ends."""
    pages = pypdfium2.PdfDocument(content)
    text = "".join(page.get_textpage().get_text_range() for page in pages)
    return text.replace("\r\n", "")


@pytest.mark.parametrize("terms", OWN)
def test_a_metal_account_is_a_contract_of_its_kind(app, clock, firms, terms):
    code = an_account(app, clock, firms, terms=terms)
    owner, processor = signed_in(app, "owner"), signed_in(app, "processor")
    said = owner.get(f"/tolling/{code}/contract.json")
    paper = processor.get(f"/tolling/{code}/contract.pdf", query_string={"lang": "en"})
    sha256 = hashlib.sha256(said.data).hexdigest()
    assert said.headers["X-Content-SHA256"] == paper.headers["X-Content-SHA256"] == sha256
    found = orjson.loads(said.data)
    kind, zh, en = OWN[terms]
    assert said.data == orjson.dumps(found, option=orjson.OPT_SORT_KEYS)
    assert (found["kind"], found["terms"], found["signed"]) == (kind, terms, True)
    assert (found["yield_bp"], found["fee_fen_per_t"]) == (9_350, 120_000)
    text = words(paper.data)
    for part in (sha256, zh, en, "93.50%", "935 kg", "¥1,200/吨", "6063 圆铸锭"):
        assert part.replace(" ", "") in text.replace("\xa0", "").replace(" ", ""), part
    assert f"/tolling/{code}/contract.pdf" in owner.get(f"/tolling/{code}").text


def test_an_account_that_waits_says_so_and_changes_its_hash_once_accepted(app, clock, firms):
    code = an_account(app, clock, firms, accepted=False, terms="swap")
    owner = signed_in(app, "owner")
    before = owner.get(f"/tolling/{code}/contract.json")
    assert orjson.loads(before.data)["accepted_at"] is None
    assert "awaits the owner" in words(owner.get(f"/tolling/{code}/contract.pdf").data)
    assert owner.post(f"/tolling/{code}/accept", on=f"/tolling/{code}").status_code == 303
    after = owner.get(f"/tolling/{code}/contract.json")
    assert after.headers["X-Content-SHA256"] != before.headers["X-Content-SHA256"]
    assert orjson.loads(after.data)["signed"] is True


def test_the_paper_is_the_same_in_whichever_language_its_reader_reads(app, clock, firms):
    code = an_account(app, clock, firms, terms="own_metal")
    owner = signed_in(app, "owner")
    papers = {
        owner.get(f"/tolling/{code}/contract.pdf", query_string={"lang": lang}).data
        for lang in ("en", "zh_CN")
    }
    assert len(papers) == 1
    stranger = signed_in(app, "other")
    for kind in ("pdf", "json"):
        assert stranger.get(f"/tolling/{code}/contract.{kind}").status_code == 404
