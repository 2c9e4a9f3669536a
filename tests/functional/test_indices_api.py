"""What the pages of the indices can do, a program can: add, take in, mark, read back."""

import base64

import pytest
from sqlmodel import select

from remelt.platform.kernel.jobs import Job
from remelt.platform.settlement.finals.settling import JOB_KIND
from remelt.web.passwords import hash_password
from tests.browser import signed_in
from tests.functional.test_works_pages import send
from tests.parties import PASSWORD, a_party

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
QUOTES = "index,day,price,unit\nAL,2026-02-26,20390.5,CNY/t\nAL,2026-02-27,20400,CNY/t\n"


@pytest.fixture
def operator(app, store, clock):
    secret = hash_password(PASSWORD)
    with store.write() as session:
        for role in ("operator", "smelter"):
            a_party(session, clock=clock, role=role, login=role, password_hash=secret)
    return signed_in(app, "operator")


def file_of(text: str) -> dict[str, str]:
    return {"filename": "q.csv", "content_base64": base64.b64encode(text.encode()).decode()}


def test_a_program_keeps_an_index_and_its_revisions(app, store, operator):
    said = {
        "code": "al", "name_zh": "铝", "source": "SMM", "unit": "CNY/t", "calendar": "smm",
        "vat_rate_bp": 1300,
    }  # fmt: skip
    made = send(operator, "/api/v1/indices", said)
    assert (made.status_code, made.json) == (201, {"code": "AL"})
    again = send(operator, "/api/v1/indices", said)
    assert again.json["type"] == "urn:remelt:error:index-known"
    first = send(operator, "/api/v1/index-quotes", file_of(QUOTES))
    assert first.json == {"added": 2, "revised": 0, "known": 0, "codes": ["AL"]}
    revised = send(operator, "/api/v1/index-quotes", file_of(QUOTES.replace("20400", "20410")))
    assert revised.json == {"added": 0, "revised": 1, "known": 1, "codes": ["AL"]}
    marked = {"calendar": "SMM", "day": "2026-02-28", "trades": True, "name": "调休"}
    assert send(operator, "/api/v1/trading-days", marked).json["revision"] == 1
    with store.read() as session:
        jobs = session.exec(select(Job).where(Job.kind == JOB_KIND)).all()
    assert [job.payload["codes"] for job in jobs] == [["AL"], ["AL"], []]
    reader = signed_in(app, "smelter").client
    line = reader.get("/api/v1/indices").json["indices"][0]
    assert (line["code"], line["vat_rate_bp"]) == ("AL", 1300)
    assert (line["last"]["day"], line["last"]["value_e6"]) == ("2026-02-27", 20_410_000_000)
    page = reader.get("/api/v1/indices/AL").json
    assert [(row["day"], row["revision"], row["value_e6"]) for row in page["quotes"]] == [
        ("2026-02-27", 2, 20_410_000_000),
        ("2026-02-27", 1, 20_400_000_000),
        ("2026-02-26", 1, 20_390_500_000),
    ]
    assert page["index"] == line
    assert page["days"] == [{"day": "2026-02-28", "revision": 1, "trades": True, "name": "调休"}]
    early = reader.get("/api/v1/indices/AL?until=2026-02-26").json
    assert [row["day"] for row in early["quotes"]] == ["2026-02-26"]


def test_a_file_with_a_mistake_and_words_that_are_none_are_refused_by_name(operator, store):
    said = {"code": "AL", "name_zh": "铝", "source": "SMM", "unit": "CNY/t", "calendar": "SMM"}
    send(operator, "/api/v1/indices", said)
    wrong = send(operator, "/api/v1/index-quotes", file_of(QUOTES.replace("20400", "x")))
    assert (wrong.status_code, wrong.json["type"]) == (422, "urn:remelt:error:import-has-errors")
    assert "C3" in wrong.json["detail"]
    other = send(operator, "/api/v1/index-quotes", file_of("") | {"content_base64": "?"})
    assert other.json["errors"][0]["field"] == "content_base64"
    unit = send(operator, "/api/v1/indices", said | {"unit": "CNY/kg"})
    assert unit.json["errors"][0]["field"] == "unit"
    assert operator.client.get("/api/v1/indices/AL").json["quotes"] == []
    unknown = operator.client.get("/api/v1/indices/NONE?until=x")
    assert (unknown.status_code, unknown.json["type"]) == (404, "urn:remelt:error:no-such-index")
