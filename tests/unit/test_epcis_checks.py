"""EPCIS documents as they come in: every rule by its place, GS1's judgement, hostile texts."""

import contextlib
import doctest
import json
import time
from pathlib import Path

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.ledger_measures import epcis_mutants as mutants
from remelt.traceability.capture import checks as epcischecks
from remelt.traceability.capture import match as epcismatch
from remelt.traceability.capture import reserved as epcisreserved
from remelt.traceability.capture import rules as epcisrules
from remelt.traceability.capture.capturing import prepared
from remelt.traceability.capture.checks import DocumentRefused, TooManyEvents, read, valid
from remelt.traceability.capture.rules import canonical
from remelt.web.messages.epcis import FAULTS
from tests.epcis import CONTEXT, a_change, a_document, an_event, raw
from tests.epcis_texts import NAMES, VALUES
from tests.shared import needs, shared

GS1 = "conformance/gs1-epcis"
SHARED = shared(GS1)
needs_gs1 = needs(GS1)
SENSOR = a_change()["sensorElementList"][0]


@pytest.mark.parametrize("module", [epcischecks, epcismatch, epcisreserved, epcisrules])
def test_worked_lines_hold(module):
    tried = doctest.testmod(module)
    assert tried.attempted
    assert not tried.failed


@pytest.mark.parametrize(
    ("change", "path", "rule"),
    [
        ({"action": None}, "action", "missing"),
        ({"bizStep": "melting"}, "bizStep", "unknown-word"),
        ({"eventTime": "2026-03-01"}, "eventTime", "not-a-time"),
        ({"eventTime": "2026-03-01T23:59:60Z"}, "eventTime", "not-on-the-calendar"),
        ({"eventTimeZoneOffset": "8"}, "eventTimeZoneOffset", "not-an-offset"),
        ({"extra": 1}, "extra", "unknown-field"),
        ({"epcList": ["x y"]}, "epcList[0]", "not-an-address"),
        ({"epcList": [7]}, "epcList[0]", "wrong-type"),
        ({"epcList": ["urn:x:1", "urn:x:1"]}, "epcList", "named-twice"),
        ({"epcList": [f"urn:x:{'1' * 600}"]}, "", "name-too-long"),
        ({"epcList": None, "quantityList": []}, "", "nothing-named"),
        ({"ilmd": {"ex:a": 1}}, "", "ilmd-only-when-added"),
        ({"persistentDisposition": {"set": []}}, "persistentDisposition.set", "empty"),
        ({"remelt:kind": "weigh"}, "['remelt:kind']", "reserved-name"),
        ({"ex:serial": 2**53}, "['ex:serial']", "number-not-exact"),
        ({"ex:serial": 10**30}, "['ex:serial']", "number-not-exact"),
        ({"ex:text": "a\0b"}, "['ex:text']", "nul-character"),
        ({"ex:text": {"ex:a\0": 1}}, "['ex:text']", "nul-character"),
        ({"ex:text": "x" * 70_000}, "", "event-too-large"),
        ({"quantityList": [{"epcClass": "urn:x:1", "quantity": 0}]}, "quantityList[0].quantity",
         "quantity-not-positive"),
        ({"quantityList": [{"epcClass": "urn:x:1", "uom": "kg"}]}, "quantityList[0].uom",
         "not-a-unit"),
        ({"sensorElementList": [SENSOR | {"sensorMetadata": {
            "startTime": "2026-03-01T08:00:00Z", "endTime": "2026-03-01T07:00:00Z"}}]},
         "sensorElementList[0].sensorMetadata.endTime", "ends-before-it-starts"),
        ({"errorDeclaration": {"declarationTime": "2026-02-28T23:59:60Z"}},
         "errorDeclaration.declarationTime", "not-on-the-calendar"),
    ],
)  # fmt: skip
def test_a_bad_event_is_named_by_place_and_rule(change, path, rule):
    faults = prepared(read(raw(a_document(an_event(), an_event(2, **change))))).faults
    dot = "." if path and path[0] != "[" else ""
    found = {(fault.event, fault.path, fault.rule) for fault in faults}
    assert (1, f"$.epcisBody.eventList[1]{dot}{path}", rule) in found
    assert {fault.rule for fault in faults} <= FAULTS.keys()


OURS = "urn:remelt:ns:"


@pytest.mark.parametrize(
    ("binds", "change", "path"),
    [
        ({"rm": OURS}, {"rm:kind": "weigh"}, "['rm:kind']"),
        ({}, {OURS + "kind": "weigh"}, "['urn:remelt:ns:kind']"),
        ({}, {"ex:a": {"remelt:kind": 1}}, "['ex:a']['remelt:kind']"),
        ({}, {"ex:a": [{OURS + "kind": 1}]}, "['ex:a'][0]['urn:remelt:ns:kind']"),
        ({"rm": "urn:remelt:"}, {"ex:a": {"rm:ns:kind": 1}}, "['ex:a']['rm:ns:kind']"),
        ({"a": "urn:rem", "b": "a:elt:ns:"}, {"b:kind": 1}, "['b:kind']"),
        ({"kind": {"@id": OURS + "kind"}}, {"ex:a": {"kind": 1}}, "['ex:a'].kind"),
        ({}, {"@context": {"@vocab": OURS}}, "['@context']"),
        ({}, {"ex:a": {"@context": {"q": OURS}, "q:b": 1}}, "['ex:a']['q:b']"),
        ({}, {"@context": [{"q": OURS}], "q:b": 1}, "['q:b']"),
        ({}, {"@context": {"remelt": "urn:x:"}}, "['@context']"),
        ({}, {"readPoint": {"id": "urn:x:1", "remelt:a": 1}}, ".readPoint['remelt:a']"),
    ],
)
def test_names_of_this_ledger_are_refused_however_they_are_written(binds, change, path):
    document = a_document(an_event(), an_event(2, **change), **{"@context": [*CONTEXT, binds]})
    [fault] = prepared(read(raw(document))).faults
    assert (fault.event, fault.rule) == (1, "reserved-name")
    assert fault.path == f"$.epcisBody.eventList[1]{path}"


def test_our_prefix_means_ours_alone():
    document = a_document(**{"@context": [*CONTEXT, {"remelt": "urn:x:"}]})
    ready = prepared(read(raw(document)))
    assert [(f.path, f.rule) for f in ready.faults] == [("$['@context']", "reserved-name")]
    assert ready.drafts == []
    bound = a_document(**{"@context": [*CONTEXT, {"remelt": OURS, "a": "b:", "b": "a:"}]})
    assert prepared(read(raw(bound))).faults == []


@pytest.mark.parametrize(
    ("change", "path", "rule"),
    [
        ({"schemaVersion": None}, "$.schemaVersion", "missing"),
        ({"schemaVersion": "two"}, "$.schemaVersion", "not-a-version"),
        ({"@context": 5}, "$['@context']", "bad-context"),
        ({"sender": 5}, "$.sender", "wrong-type"),
        ({"extra": 5}, "$.extra", "unknown-field"),
        ({"epcisBody": {}}, "$.epcisBody.eventList", "missing"),
        ({"type": "EPCISQueryDocument"}, "$.type", "not-for-capture"),
    ],
)
def test_a_bad_envelope_is_refused_whole(change, path, rule):
    with pytest.raises(DocumentRefused) as refused:
        read(raw(a_document(**change)))
    assert (path, rule) in {(fault.path, fault.rule) for fault in refused.value.faults}


@pytest.mark.parametrize(
    "text",
    [
        '{"a":1,"a":2}',
        '{"a":1, "b":[{"c" : 1,"c":2}]}',
        '{"x":"\\u0022:","x":1}',
        '[{"x":"a\\\\\\":","x":1}]',
    ],
)
def test_a_name_said_twice_is_refused(text):
    with pytest.raises(DocumentRefused) as refused:
        read(text.encode())
    assert refused.value.faults[0].rule == "name-twice"


def test_quotes_and_colons_inside_texts_are_no_names():
    said = {"ex:a": '":', "ex:b": '\\":"', "ex:c": ' " : ', "ex:d": "\\", "ex:e": {'":': 1}}
    document = a_document(an_event(**said))
    for text in (raw(document), json.dumps(document, indent=2, separators=(",", " : ")).encode()):
        assert read(text).faults == []


def test_what_nests_too_deep_is_refused():
    nest = "x"
    for _ in range(40):
        nest = {"ex:a": [nest]}
    assert read(raw(a_document(an_event(**{"ex:a": nest})))).faults[0].rule == "too-deep"
    with pytest.raises(DocumentRefused):
        read(raw(a_document(epcisHeader={"ex:a": nest})))


def test_a_context_has_a_bound():
    large = a_document(**{"@context": ["urn:x:1", {"p": "urn:" + "x" * 5_000}]})
    assert [fault.rule for fault in prepared(read(raw(large))).faults] == ["context-too-large"]


NUMBERS = [1e-5, 1.5e-6, -2.5e-5, 1e-7, 0.1, 720.5, 5e-324, -0.0, 200.0, 9007199254740991]


def test_numbers_stand_as_rfc_8785_writes_them():
    [draft] = prepared(read(raw(a_document(an_event(**{"ex:n": NUMBERS, "ex:罐": "罐"}))))).drafts
    text = draft.text.decode()
    said = "0.00001,0.0000015,-0.000025,1e-7,0.1,720.5,5e-324,0,200,9007199254740991"
    assert f'"ex:n":[{said}]' in text
    assert canonical(orjson.loads(text)) == draft.text


def test_names_are_sorted_as_rfc_8785_sorts_them():
    event = {"ex:\ue000": 1, "ex:\U0001f600": 2, "ex:a": 3}
    assert canonical(event).decode() == '{"ex:a":3,"ex:\U0001f600":2,"ex:\ue000":1}'


@needs_gs1
def test_gs1s_examples_are_taken_and_come_back_as_they_were():
    assert SHARED is not None
    documents = mutants.documents(SHARED)
    taken = 0
    for name, document in documents.items():
        assert valid(document), name
        if document["type"] != "EPCISDocument":
            continue
        taken += 1
        ready = prepared(read(json.dumps(document).encode()))
        assert ready.faults == [], name
        back = [orjson.loads(draft.said) for draft in ready.drafts]
        for draft in ready.drafts:
            kept = orjson.loads(draft.text)["eventID"]
            assert kept == draft.event_id or not kept.startswith("ni:"), name
        events = document["epcisBody"]["eventList"]
        for event, other in zip(events, back, strict=True):
            added = {"@context": other["@context"], "eventID": other["eventID"]}
            assert canonical(added | event) == canonical(other), name
    assert (taken, len(documents)) == (46, 47)


@needs_gs1
def test_bent_examples_are_judged_as_by_gs1s_schema():
    assert SHARED is not None
    judge = mutants.judge(SHARED)
    verdicts = set()
    for name, what, document in mutants.mutants(7, count=800, among=mutants.documents(SHARED)):
        verdict = judge(document)
        assert valid(document) == verdict, (name, what)
        verdicts.add(verdict)
        assert mutants.stricter(document) <= set(epcisrules.STRICTER), (name, what)
    assert verdicts == {True, False}


def test_wide_lists_of_faults_are_gone_through_to_the_first():
    """Eight megabytes of one fault an element would keep a processor for minutes."""
    wide = [1] * 400_000
    start = time.process_time()
    one = a_document(an_event(**{"@context": wide}), an_event(type=1))
    found = {(fault.event, fault.rule) for fault in prepared(read(raw(one))).faults}
    assert (0, "context-too-large") in found
    assert {at for at, _ in found} == {0, 1}
    listed = prepared(read(raw(a_document(an_event(epcList=wide), an_event(type=1))))).faults
    assert {fault.event for fault in listed} == {0, 1}
    with pytest.raises(DocumentRefused):
        read(raw(a_document(an_event(), **{"@context": wide})))
    assert time.process_time() - start < 3


N = 100_000
HOSTILE = {
    "names": (lambda: an_event(**{f"a{i}": 1 for i in range(N)}), "unknown-field"),
    "elements": (lambda: an_event(sensorElementList=[{}] * N), "missing"),
    "inner": (lambda: an_event(sensorElementList=[{"sensorReport": [{}] * N}]), "missing"),
    "addresses": (lambda: an_event(epcList=[f"urn:x:{i}" for i in range(N)]), "event-too-large"),
    "ours": (
        lambda: an_event(**{"ex:a": [{"ex:b": [i]} for i in range(N // 5)]}),
        "event-too-large",
    ),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_wide_documents_are_refused_in_little_time_and_memory(name):
    """A document of megabytes may take some hundred bytes for each of its elements, no more."""
    make, rule = HOSTILE[name]
    text = raw(a_document(make()))
    start_mb, start = forgotten_peak_mb(), time.process_time()
    assert {fault.rule for fault in prepared(read(text)).faults} == {rule}
    assert time.process_time() - start < 3
    assert peak_mb() - start_mb < 200


def forgotten_peak_mb() -> int:
    """Let the kernel forget how much memory this process has ever held; return what it holds."""
    with contextlib.suppress(OSError):  # where it may not, less is seen, and nothing wrongly
        Path("/proc/self/clear_refs").write_text("5")
    return peak_mb()


def peak_mb() -> int:
    said = Path("/proc/self/status").read_text()
    return int(said.partition("VmHWM:")[2].split()[0]) // 1024


PATCHES = st.dictionaries(NAMES, VALUES, max_size=4)


def _judged(text: bytes) -> None:
    """Whatever comes in is read, or refused by name."""
    try:
        ready = prepared(read(text))
    except (DocumentRefused, TooManyEvents):
        return
    for draft in ready.drafts:
        assert canonical(orjson.loads(draft.text)) == draft.text
    assert {fault.rule for fault in ready.faults} <= FAULTS.keys()


@settings(max_examples=60, deadline=None)
@given(first=PATCHES, second=PATCHES)
def test_patched_events_are_read_or_refused_by_name(first, second):
    _judged(raw_any(a_document(an_event() | first, a_change() | second)))


@settings(max_examples=60, deadline=None)
@given(value=VALUES)
def test_any_json_is_read_or_refused_by_name(value):
    _judged(raw_any(value))
    _judged(raw_any(a_document(epcisBody={"eventList": value})))


@settings(max_examples=60, deadline=None)
@given(data=st.binary(max_size=60), at=st.integers(min_value=0, max_value=900))
def test_any_bytes_are_read_or_refused_by_name(data, at):
    text = raw(a_document(a_change()))
    _judged(data)
    _judged(text[:at] + data + text[at:])
    _judged(text[:at] + data + text[at + len(data) :])


def raw_any(value) -> bytes:
    """JSON of anything, surrogates and huge numbers too."""
    return json.dumps(value).encode()
