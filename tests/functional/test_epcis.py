"""EPCIS capture and query over HTTP: what comes in, what is refused, who reads what."""

import io
import json
import re
from dataclasses import dataclass
from random import Random
from typing import Any
from urllib.parse import quote

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from werkzeug.test import TestResponse

from remelt.platform.kernel.clock import SimulatedClock
from remelt.platform.parties.permissions import PERMISSIONS
from remelt.platform.parties.tokens import issue_token
from remelt.traceability.audit.audit import audit
from remelt.traceability.capture.capturing import prepared
from remelt.traceability.capture.checks import read, valid
from remelt.traceability.capture.models import Evidence
from remelt.traceability.epcis.words import LOT
from remelt.traceability.models import EventLot, LedgerEvent, Lot
from tests import loop
from tests.epcis import CONTEXT, JSON, a_change, a_document, an_event, raw
from tests.epcis_texts import NAMES, PARAMETERS, VALUES
from tests.parties import Party, a_party

from sqlmodel import col, func, select  # isort: skip

SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@dataclass
class Desk:
    """A program of one organisation, with its access token."""

    app: Flask
    party: Party
    token: str

    def ask(self, address: str, **headers: str) -> TestResponse:
        head = {"Authorization": f"Bearer {self.token}", **_dashed(headers)}
        return self.app.test_client().get(address, headers=head)

    def send(self, body: Any, **headers: str) -> TestResponse:
        head = {"Authorization": f"Bearer {self.token}", "Content-Type": JSON, **_dashed(headers)}
        data = body if isinstance(body, bytes) else raw(body)
        return self.app.test_client().post("/epcis/capture", data=data, headers=head)

    def found(self, query: str = "") -> list[dict[str, Any]]:
        answer = self.ask(f"/epcis/events?{query}")
        assert answer.status_code == 200, answer.json
        assert valid(answer.json)
        return answer.json["epcisBody"]["queryResults"]["resultsBody"]["eventList"]


def _dashed(headers: dict[str, str]) -> dict[str, str]:
    return {name.replace("_", "-"): value for name, value in headers.items()}


@pytest.fixture
def desks(app: Flask, clock: SimulatedClock) -> dict[str, Desk]:
    made = {}
    with app.extensions["remelt"].store.write() as session:
        for login, role in (
            ("hub", "hub"),
            ("rival", "smelter"),
            ("regulator", "regulator"),
            ("operator", "operator"),
        ):
            party = a_party(session, clock=clock, role=role, login=login)
            scopes = tuple(name for name in PERMISSIONS if party.actor.may(name))
            _row, text = issue_token(
                session, clock=clock, actor=party.actor, name="t", scopes=scopes, days=30
            )
            made[login] = Desk(app, party, text)
    return made


@pytest.fixture
def hub(desks: dict[str, Desk]) -> Desk:
    return desks["hub"]


def count(app: Flask, table: Any) -> int:
    with app.extensions["remelt"].store.read() as session:
        return session.exec(select(func.count(col(table.id)))).one()


def test_events_are_captured_read_back_and_logged(hub: Desk, app: Flask):
    answer = hub.send(a_document(an_event(1), a_change(2)))
    assert answer.status_code == 202
    job = hub.ask(answer.headers["Location"]).json
    assert (job["success"], job["running"], job["events"], job["stored"]) == (True, False, 2, 2)
    assert hub.ask("/epcis/capture").json == [job]
    first, second = hub.found()
    assert first.pop("eventID").startswith("ni:///sha-256;")
    assert first == an_event(1) | {"@context": CONTEXT}
    assert second["inputQuantityList"][0]["quantity"] == 900.5
    with app.extensions["remelt"].store.read() as session:
        assert audit(session) == []
        assert {e.kind for e in session.exec(select(LedgerEvent))} == {"evidence"}


def test_one_event_comes_back_by_its_hash_and_by_its_own_id(hub: Desk):
    hub.send(a_document(an_event(1), an_event(2, eventID="urn:uuid:7")))
    hashed = hub.found()[0]["eventID"]
    for event_id in (hashed, "urn:uuid:7"):
        answer = hub.ask(f"/epcis/events/{quote(event_id, safe='')}")
        assert answer.json["eventID"] == event_id
        assert valid(answer.json)
    for address in ("events/urn:uuid:8", "events/%00", "capture/%00", "eventTypes/%00/events/x"):
        assert hub.ask(f"/epcis/{address}").status_code == 404, address
    assert hub.ask("/epcis/eventTypes/ObjectEvent/events/urn:uuid:7").status_code == 200
    assert hub.ask("/epcis/eventTypes/AssociationEvent/events/urn:uuid:7").status_code == 404


def same(event: dict[str, Any]) -> list[dict[str, Any]]:
    """The same event in other words."""
    turned = dict(reversed(event.items()))
    return [
        turned,
        event | {"epcList": ["https://id.gs1.org/01/10614141073464/21/1"]},
        event | {"readPoint": {"id": "https://example.com/414/0614141007776"}},
        event | {"eventTime": "2026-03-01T00:00:00Z"},
        event | {"quantityList": [event["quantityList"][0] | {"quantity": 12.0}]},
        event | {"eventID": "urn:uuid:1", "recordTime": "2026-03-02T00:00:00Z"},
    ]


def test_the_same_event_is_the_one_that_is_there(hub: Desk, app: Flask):
    hub.send(a_document(an_event()))
    for other in same(an_event()):
        job = hub.ask(hub.send(a_document(other)).headers["Location"]).json
        assert (job["success"], job["stored"]) == (True, 0)
    twice = hub.ask(hub.send(a_document(an_event(5), an_event(5))).headers["Location"]).json
    assert twice["stored"] == 1
    assert count(app, LedgerEvent) == 2
    changed = hub.ask(hub.send(a_document(an_event(bizStep="shipping"))).headers["Location"]).json
    assert changed["stored"] == 1
    offset = an_event(eventTimeZoneOffset="+00:00")
    assert hub.ask(hub.send(a_document(offset)).headers["Location"]).json["stored"] == 1


def test_a_declaration_stands_beside_what_it_declares_wrong(hub: Desk, app: Flask):
    said = {"declarationTime": "2026-03-02T01:00:00Z", "reason": "incorrect_data"}
    other = an_event(2, errorDeclaration=said)
    hub.send(a_document(an_event()))
    for _ in range(2):
        hub.send(a_document(an_event(errorDeclaration=said), other))
    again = said | {"declarationTime": "2026-03-02T09:00:00+08:00"}
    hub.send(a_document(an_event(errorDeclaration=again)))
    hub.send(a_document(an_event(2)))
    assert len(hub.found()) == 4
    assert len(hub.found("EXISTS_errorDeclaration=1")) == 2
    with app.extensions["remelt"].store.read() as session:
        wrong, mend = session.exec(select(LedgerEvent).order_by(col(LedgerEvent.seq)).limit(2))
        assert mend.corrects == wrong.hash
        assert audit(session) == []


@SQLITE
def test_a_second_witness_stands_beside_the_first(desks: dict[str, Desk], app: Flask):
    for login in ("hub", "rival"):
        assert desks[login].send(a_document()).status_code == 202
    assert (count(app, LedgerEvent), count(app, Evidence)) == (1, 2)
    for login in ("hub", "rival", "regulator"):
        assert len(desks[login].found()) == 1


@SQLITE
def test_each_captor_reads_its_own_words_and_nothing_of_the_other(desks: dict[str, Desk]):
    said = {
        "hub": {"eventID": "urn:uuid:h", "rdfs:comment": "price 100"},
        "rival": {"eventID": "urn:uuid:r", "recordTime": "2026-03-02T00:00:00Z"},
    }
    own = [*CONTEXT, {"note": "https://example.org/hub-only/"}]
    contexts = {"hub": own, "rival": CONTEXT}
    for login, more in said.items():
        document = a_document(an_event(**more), **{"@context": contexts[login]})
        job = desks[login].ask(desks[login].send(document).headers["Location"]).json
        assert (job["success"], job["stored"]) == (True, 1)
        again = desks[login].ask(desks[login].send(document).headers["Location"]).json
        assert again["stored"] == 0
    for login, more in said.items():
        desk = desks[login]
        expected = an_event(**more) | {"@context": contexts[login]}
        assert desk.found() == [expected]
        assert desk.found("orderBy=eventTime") == [expected]
        for name, value in more.items():
            if name == "eventID":
                assert desk.found(f"EQ_eventID={value}") == [expected]
                assert desk.ask(f"/epcis/events/{value}").json == expected
    assert desks["rival"].found("EQ_eventID=urn:uuid:h") == []
    assert desks["rival"].found("EXISTS_rdfs:comment=1") == []
    assert len(desks["hub"].found("EXISTS_rdfs:comment=1")) == 1
    assert desks["rival"].ask("/epcis/events/urn:uuid:h").status_code == 404


@SQLITE
def test_who_judges_is_told_who_captured(desks: dict[str, Desk]):
    codes = [desks[login].party.organisation.code for login in ("hub", "rival")]
    for login in ("hub", "rival"):
        desks[login].send(a_document())
    [seen] = desks["regulator"].found()
    assert seen["remelt:capturedBy"] == codes
    [sorted_] = desks["regulator"].found("orderBy=eventTime")
    address = f"/epcis/events/{quote(seen['remelt:eventHash'], safe='')}"
    assert sorted_ == seen
    assert desks["regulator"].ask(address).json["remelt:capturedBy"] == codes
    assert [job["capturedBy"] for job in desks["regulator"].ask("/epcis/capture").json] == codes
    assert "remelt:capturedBy" not in desks["hub"].found()[0]


@SQLITE
def test_an_id_that_looks_like_anothers_hash_takes_nothing(desks: dict[str, Desk]):
    [draft] = prepared(read(raw(a_document()))).drafts
    squatting = an_event(2, eventID=draft.event_id)
    for body in (squatting, an_event()):
        assert desks["hub"].send(a_document(body)).status_code == 202
    address = f"/epcis/events/{quote(draft.event_id, safe='')}"
    for login in ("hub", "regulator"):
        assert desks[login].ask(address).json["ex:seal"] == "S1"
    [found] = desks["regulator"].found(f"EQ_eventID={quote(draft.event_id)}")
    assert found["ex:seal"] == "S1"


COLLIDING = [
    ({"ex:a": "x", "ex:b": "y"}, {"ex:a": "x{https://example.org/ex/}b=y"}),
    ({"ex:a": "1"}, {"ex:a": "1.0"}),
    ({"ex:a": "1"}, {"ex:a": 1}),
    ({"ex:a": "1"}, {"ex:a": "\u0661"}),
    ({"ex:a": {"ex:b": "x", "ex:c": "y"}}, {"ex:a": {"ex:b": "x{https://example.org/ex/}c=y"}}),
]


@SQLITE
@pytest.mark.parametrize(("one", "two"), COLLIDING)
def test_another_event_with_the_same_hash_blocks_nobody(desks, app: Flask, one, two):
    """A rival who finds another content for the hash of an event captures it first, in vain."""
    forged, true = an_event(**one), an_event(**two)
    [name] = {d.event_id for d in prepared(read(raw(a_document(forged, true)))).drafts}
    hub, rival = desks["hub"], desks["rival"]
    assert rival.send(a_document(forged)).status_code == 202
    declared = {"declarationTime": "2026-03-02T01:00:00Z", "reason": "incorrect_data"}
    for body in (true, true, an_event(**two, errorDeclaration=declared)):
        assert hub.send(a_document(body)).status_code == 202
    assert (count(app, LedgerEvent), count(app, Evidence)) == (3, 3)
    address = f"/epcis/events/{quote(name, safe='')}"
    for desk, said in ((hub, two), (rival, one)):
        assert {key: desk.ask(address).json[key] for key in said} == said
    assert len(desks["regulator"].found(f"EQ_eventID={quote(name)}")) == 3
    with app.extensions["remelt"].store.read() as session:
        events = list(session.exec(select(LedgerEvent).order_by(col(LedgerEvent.seq))))
        assert audit(session) == []
    assert [event.variant != "" for event in events] == [False, True, True]
    assert events[2].corrects == events[1].hash
    assert hub.send(a_document(forged, true)).status_code == 202
    assert count(app, LedgerEvent) == 3


@SQLITE
def test_a_hash_that_is_not_the_events_own_is_only_its_captors_word(desks, app: Flask):
    [draft] = prepared(read(raw(a_document()))).drafts
    [own] = prepared(read(raw(a_document(an_event(2))))).drafts
    claimed = an_event(2, eventID=draft.event_id)
    assert desks["hub"].send(a_document(claimed)).status_code == 202
    [mine] = desks["hub"].found()
    assert mine == claimed | {"@context": CONTEXT}
    [seen] = desks["regulator"].found()
    assert seen["eventID"] == seen["remelt:eventHash"] == own.event_id
    assert seen["remelt:claimedIDs"] == [draft.event_id]
    assert desks["regulator"].found(f"EQ_eventID={quote(draft.event_id)}") == []
    with app.extensions["remelt"].store.read() as session:
        assert draft.event_id not in session.exec(select(LedgerEvent.body)).one()
        assert audit(session) == []
    assert desks["hub"].send(a_document(an_event(2))).status_code == 202
    assert count(app, LedgerEvent) == 1


def test_evidence_never_changes_a_lot(desks: dict[str, Desk], app: Flask, clock: SimulatedClock):
    hub, rival = desks["hub"], desks["rival"]
    with app.extensions["remelt"].store.write() as session:
        lot = loop.bring(session, clock=clock, party=hub.party)
        code, before = lot.code, lot.model_dump()
    touched = count(app, EventLot)
    names = [{"epcClass": LOT + code, "quantity": 999_999, "uom": "GRM"}]
    for number, desk in enumerate((hub, rival)):
        taken = an_event(number, quantityList=names, action="DELETE", bizStep="destroying")
        assert desk.send(a_document(taken)).status_code == 202
    with app.extensions["remelt"].store.read() as session:
        assert session.exec(select(Lot)).one().model_dump() == before
        assert audit(session) == []
    assert count(app, EventLot) == touched
    named = [e for e in hub.found(f"MATCH_epcClass={LOT}{code}") if "remelt:kind" not in e]
    assert len(named) == 1


def test_who_reads_what(desks: dict[str, Desk], app: Flask, clock: SimulatedClock):
    with app.extensions["remelt"].store.write() as session:
        loop.bring(session, clock=clock, party=desks["hub"].party)
    desks["rival"].send(a_document())
    kinds = {
        login: sorted("ours" if "remelt:kind" in e else "evidence" for e in desks[login].found())
        for login in ("hub", "rival", "regulator")
    }
    assert kinds["hub"] == ["ours"] * len(kinds["hub"]) != []
    assert kinds["rival"] == ["evidence"]
    assert kinds["regulator"] == ["evidence", *kinds["hub"]]
    [foreign] = desks["rival"].found()
    address = f"/epcis/events/{quote(foreign['eventID'], safe='')}"
    told = [desks[login].ask(address).status_code for login in ("hub", "rival", "regulator")]
    assert told == [404, 200, 200]
    assert desks["hub"].ask("/epcis/capture").json == []


@SQLITE
def test_rights_come_before_reading(desks: dict[str, Desk], app: Flask):
    visitor = app.test_client()
    assert visitor.post("/epcis/capture", data=b"{").status_code == 401
    assert visitor.get("/epcis/events?nonsense=1").status_code == 401
    assert desks["regulator"].send(b"{").status_code == 403
    assert desks["operator"].ask("/epcis/events?nonsense=1").status_code == 403
    assert desks["hub"].ask("/epcis/capture/NOSUCH").status_code == 404


@SQLITE
def test_a_bad_event_is_refused_by_place_and_rule(hub: Desk):
    document = a_document(an_event(), an_event(2, bizStep="melting", extra=1))
    answer = hub.send(document)
    assert answer.status_code == 400
    assert answer.json["type"] == "epcisException:ValidationException"
    told = {(fault["event"], fault["path"], fault["rule"]) for fault in answer.json["errors"]}
    place = "$.epcisBody.eventList[1]"
    assert told == {(1, f"{place}.bizStep", "unknown-word"), (1, f"{place}.extra", "unknown-field")}
    assert all(fault["message"] for fault in answer.json["errors"])
    assert hub.found() == hub.ask("/epcis/capture").json == []
    kept = hub.send(document, GS1_EPCIS_Capture_Error_Behaviour="proceed")
    job = hub.ask(kept.headers["Location"]).json
    assert (job["success"], job["stored"], job["errors"]) == (False, 1, answer.json["errors"])
    assert len(hub.found()) == 1
    late = hub.send(a_document(an_event(eventTime="2026-03-05T00:00:00Z")))
    assert late.json["errors"][0]["rule"] == "not-yet"


@SQLITE
def test_a_bare_event_and_a_list_are_captured_too(hub: Desk):
    bare = an_event() | {"@context": CONTEXT}
    assert hub.send(bare).status_code == 202
    assert hub.send([bare, an_event(2) | {"@context": CONTEXT}]).status_code == 202
    assert len(hub.found()) == 2
    missing = hub.send([an_event(3)])
    assert missing.json["errors"][0]["path"] == "$[0]['@context']"


@SQLITE
def test_what_is_no_document_is_refused(hub: Desk):
    deep = b"[" * 2000 + b"]" * 2000
    for body in (
        b"",
        b"{",
        b"7",
        b"\xff",
        b'{"a":NaN}',
        b'"\\ud800"',
        deep,
        b'{"type":"X","type":"Y"}',
    ):
        assert hub.send(body).status_code == 400, body[:20]
    answer = hub.send({"type": "EPCISQueryDocument"})
    assert answer.json["errors"][0]["rule"] == "not-for-capture"
    many = hub.send(a_document(*[an_event(n) for n in range(1001)]))
    assert (many.status_code, many.json["code"]) == (413, "too-many-events")
    assert hub.send(b" " * (8 * 2**20 + 1)).status_code == 413


@SQLITE
def test_a_body_in_chunks_has_the_same_limit(hub: Desk):
    head = {"Authorization": f"Bearer {hub.token}", "Content-Type": JSON}
    text = raw(a_document())
    for size, status in ((0, 202), (8 * 2**20, 202), (8 * 2**20 + 1, 413), (9 * 2**20, 413)):
        answer = hub.app.test_client().post(
            "/epcis/capture",
            headers=head | {"Transfer-Encoding": "chunked"},
            input_stream=io.BytesIO(text.ljust(size)),
            environ_overrides={"wsgi.input_terminated": True},
        )
        assert answer.status_code == status, size


@SQLITE
def test_however_deep_it_nests_it_is_refused_by_name(hub: Desk):
    for depth in (200, 253, 255, 340, 1000, 1100):
        objects = '{"ex:a":' * depth + "1" + "}" * depth
        for nest in (objects, "[" * depth + "]" * depth):
            for document in DEEP:
                answer = hub.send(json.dumps(document).replace('"@@"', nest).encode())
                assert answer.status_code == 400, (depth, document)
                told = {fault["rule"] for fault in answer.json["errors"]}
                assert told & {"too-deep", "not-json", "missing", "wrong-type"}, document


HOSTILE = {
    "nul": ('"a\\u0000b"', 400),
    "nul in a name": ('{"ex:\\u0000": 1}', 400),
    "high surrogate": ('"\\ud800"', 400),
    "low surrogate in a name": ('{"ex:\\udc00": 1}', 400),
    "surrogates turned": ('"\\udc00\\ud800"', 400),
    "integer of 31 digits": (str(10**30), 400),
    "integer of 5,000 digits": ("1" + "0" * 5_000, 400),
    "below the least": (str(-(2**53)), 400),
    "no number at all": ("1e999", 400),
    "not a number": ("NaN", 400),
    "endless": ("-Infinity", 400),
    "long": (f'"{"x" * 70_000}"', 400),
    "wide": (f"[{','.join('1' * 40_000)}]", 400),
    "largest exact": (str(2**53 - 1), 202),
    "a pair of surrogates": ('"\\ud83d\\ude9a"', 202),
}


@SQLITE
@pytest.mark.parametrize(("value", "status"), HOSTILE.values(), ids=list(HOSTILE))
def test_hostile_values_get_an_answer_by_name_wherever_they_stand(hub: Desk, value, status):
    for place in ("ex:a", "eventID", "bizStep", "epcList", "readPoint", "@context"):
        document = json.dumps(a_document(an_event() | {place: "@@"})).replace('"@@"', value)
        answer = hub.send(document.encode())
        wanted = {status} if place == "ex:a" else {202, 400}
        assert answer.status_code in wanted, (place, answer.text[:200])
        if answer.status_code == 400:
            assert answer.json["errors"][0]["rule"], place


OWN = "https://example.org/Smelting"
WORN = [
    ({"quantityList": [{"quantity": 1}]}, "quantityList[0].epcClass"),
    ({"quantityList": [{"epcClass": 7}]}, "quantityList[0].epcClass"),
    ({"quantityList": [{"epcClass": "urn:x:1", "quantity": "a"}]}, "quantityList[0].quantity"),
    ({"epcList": [["urn:x:1"]]}, "epcList[0]"),
    ({"parentID": {}}, "parentID"),
    ({"bizTransactionList": [{"type": "po"}]}, "bizTransactionList[0].bizTransaction"),
    ({"sourceList": ["urn:x:1"]}, "sourceList[0]"),
    ({"sensorElementList": [[]]}, "sensorElementList[0]"),
    ({"readPoint": 7}, "readPoint"),
]


@SQLITE
@pytest.mark.parametrize(("fields", "place"), WORN, ids=[place for _, place in WORN])
def test_an_event_of_an_own_type_has_the_standards_fields_in_their_shape(hub: Desk, fields, place):
    common = {"eventTime": "2026-03-01T00:00:00Z", "eventTimeZoneOffset": "+08:00"}
    good = {"type": OWN, **common, "ex:heat": 7, "epcList": ["urn:x:1"]}
    answer = hub.send(a_document({**good, **fields}))
    assert answer.status_code == 400, answer.data
    told = [(fault["path"], fault["rule"]) for fault in answer.json["errors"]]
    assert told == [(f"$.epcisBody.eventList[0].{place}", "not-as-the-standard-says")]
    assert hub.send(a_document(good)).status_code == 202
    assert hub.found("MATCH_epc=urn:x:1")[0]["type"] == OWN


@SQLITE
def test_a_context_may_say_terms_with_a_colon(hub: Desk):
    document = a_document(an_event(**{"ex:note": "ex:a:b"}))
    document["@context"] = [*document["@context"][:1], {"ex:a": "https://example.org/a"}]
    assert hub.send(document).status_code == 202


@SQLITE
def test_bytes_of_any_kind_get_an_answer_by_name(hub: Desk):
    """The parser itself is fuzzed in `test_epcis_checks`; here the whole way through HTTP."""
    dice, text = Random(7), raw(a_document(an_event(), a_change()))
    for _ in range(150):
        at, more = dice.randrange(len(text)), dice.randbytes(dice.randrange(1, 9))
        bent = text[:at] + more + text[at + dice.choice((0, len(more))) :]
        assert hub.send(bent).status_code in {202, 400, 413}, bent


@SQLITE
def test_beside_an_event_too_deep_the_others_are_judged_and_kept(hub: Desk):
    deep = json.dumps(a_document(an_event(), an_event(2, **{"ex:a": "@@"}), an_event(3, type=1)))
    deep = deep.replace('"@@"', '{"ex:a":' * 500 + "1" + "}" * 500)
    kept = hub.send(deep.encode(), GS1_EPCIS_Capture_Error_Behaviour="proceed")
    job = hub.ask(kept.headers["Location"]).json
    assert (job["errors"][0]["event"], job["errors"][0]["rule"]) == (1, "too-deep")
    assert {each["event"] for each in job["errors"]} == {1, 2}
    assert job["stored"] == 1


DEEP: list[Any] = [
    a_document(an_event(**{"ex:a": "@@"})),
    a_document(epcisHeader={"ex:a": "@@"}),
    a_document(epcisBody={"eventList": [an_event()], "ex:a": "@@"}),
    a_document(epcisBody={"eventList": "@@"}),
    a_document(an_event(**{"@context": "@@"})),
    a_document(**{"@context": [CONTEXT[0], "@@"]}),
    [5, "@@", None],
    "@@",
]


@SQLITE
def test_media_types_and_versions_are_agreed_on(hub: Desk):
    assert hub.send(a_document(), Content_Type="application/xml").status_code == 415
    assert hub.send(a_document(), Content_Type="application/ld+json").status_code == 202
    assert hub.ask("/epcis/events", Accept="application/xml").status_code == 406
    assert hub.ask("/epcis/events", GS1_EPCIS_Version="1.2").status_code == 406
    assert hub.ask("/epcis/events", Accept="application/ld+json").mimetype == "application/ld+json"
    answer = hub.ask("/epcis/events")
    assert answer.mimetype == JSON
    assert answer.headers["GS1-EPCIS-Version"] == "2.0.0"
    told = hub.app.test_client().options("/epcis/capture")
    assert told.headers["GS1-EPCIS-Capture-Limit"] == "1000"
    assert hub.send(a_document(), GS1_EPCIS_Capture_Error_Behaviour="x").status_code == 422


def test_pages_lead_to_each_other(hub: Desk):
    hub.send(a_document(*[an_event(n) for n in range(7)]))
    for order in ("", "&orderBy=eventTime&orderDirection=ASC"):
        address, seen = f"/epcis/events?perPage=3{order}", []
        while address:
            answer = hub.ask(address)
            page = answer.json["epcisBody"]["queryResults"]["resultsBody"]["eventList"]
            seen += [event["ex:seal"] for event in page]
            link = re.fullmatch(
                r'<http://localhost(.+)>; rel="next"', answer.headers.get("Link", "")
            )
            address = link[1] if link else None
        assert seen == [f"S{n}" for n in range(7)]
    assert len(hub.found("eventCountLimit=4&perPage=3")) == 3
    assert hub.ask("/epcis/events?maxEventCount=6").status_code == 413
    assert hub.ask("/epcis/events?maxEventCount=7").status_code == 200
    for bad in ("nextPageToken=x", "perPage=0", "perPage=a", "eventCountLimit=1&maxEventCount=1"):
        answer = hub.ask(f"/epcis/events?{bad}")
        assert answer.status_code == 400
        assert answer.json["type"] == "epcisException:QueryParameterException"


@SQLITE
def test_newest_comes_first_when_asked(hub: Desk):
    times = [f"2026-03-0{day}T00:00:00Z" for day in (1, 2)]
    hub.send(a_document(*[an_event(n, eventTime=at) for n, at in enumerate(times)]))
    assert [e["eventTime"] for e in hub.found("orderBy=eventTime")] == times[::-1]
    assert [e["ex:seal"] for e in hub.found("orderBy=ex:seal&orderDirection=ASC")] == ["S0", "S1"]


def test_json_of_a_job_is_plain(hub: Desk):
    place = hub.send(a_document()).headers["Location"]
    assert json.loads(hub.ask(place).data)["captureErrorBehaviour"] == "rollback"


@SQLITE
@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(data=st.data())
def test_whatever_is_sent_is_taken_or_refused_never_a_fault(hub: Desk, data: st.DataObject):
    change = data.draw(st.dictionaries(NAMES, VALUES, max_size=3))
    body = json.dumps(
        data.draw(st.sampled_from([change, a_document(an_event() | change)]))
    ).encode()
    at = data.draw(st.integers(min_value=0, max_value=len(body)))
    broken = body[:at] + data.draw(st.binary(max_size=8)) + body[at:]
    for text in (body, broken):
        for behaviour in ("rollback", "proceed"):
            answer = hub.send(text, GS1_EPCIS_Capture_Error_Behaviour=behaviour)
            assert answer.status_code in {202, 400, 413}, answer.data
    query = data.draw(st.dictionaries(st.sampled_from(PARAMETERS), st.text(max_size=9), max_size=3))
    asked = hub.app.test_client().get(
        "/epcis/events", query_string=query, headers={"Authorization": f"Bearer {hub.token}"}
    )
    assert asked.status_code in {200, 400, 413}, asked.data
    assert hub.ask(f"/epcis/events/{quote(data.draw(st.text(max_size=9)))}").status_code in {
        200,
        404,
        405,
    }
