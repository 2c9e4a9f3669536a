"""The CBV 2.0 event hash: equal to the reference's, blind to how an event is written down."""

import doctest
import json
import logging
import warnings

import pytest
from epcis_event_hash_generator import hash_generator, json_to_py
from epcis_event_hash_generator.dl_normaliser import normaliser

from benchmarks.ledger_measures import epcis_mutants as mutants
from remelt.traceability.epcis import eventid, eventwords, values
from remelt.traceability.epcis import names as epcnames
from remelt.traceability.epcis.eventid import event_id, namespaces, pre_hash
from remelt.traceability.epcis.names import check_digit, web_name
from tests.epcis import a_change, a_document, an_event
from tests.shared import needs, shared

GS1 = "conformance/gs1-epcis"
SHARED = shared(GS1)
needs_gs1 = needs(GS1)
UNHASHABLE = {
    "EPCISQueryDocument.jsonld",
    "Example-TransactionEvents-2020_07_03y.jsonld",
    "transformation_event_all_possible_fields.jsonld",
}


def reference(document) -> list[str]:
    """What the reference hashes, before it does; raises where it cannot."""
    logging.disable(logging.CRITICAL)
    json_to_py._namespaces.clear()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it reads its contexts in an old way
        events = json_to_py.event_list_from_epcis_document_str(json.dumps(document))
    found = hash_generator.derive_prehashes_from_events(events)
    logging.disable(logging.NOTSET)
    return found


def ours(document) -> list[str]:
    names = namespaces(document["@context"])
    return [pre_hash(event, names=names) for event in document["epcisBody"]["eventList"]]


def test_worked_lines_hold():
    for module in (eventid, epcnames):
        assert not doctest.testmod(module).failed


@needs_gs1
def test_gs1s_examples_hash_as_the_reference_says():
    assert SHARED is not None
    for name, document in mutants.documents(SHARED).items():
        if name not in UNHASHABLE:
            assert ours(document) == reference(document), name


WORDS = {"sourceList": [{"type": "location", "source": "urn:epc:id:sgln:4012345.00225.0"}]}


@pytest.mark.parametrize(
    "event",
    [
        an_event(),
        a_change(),
        a_change(**WORDS, transformationID="urn:x:t:1"),
        an_event(eventTime="2026-03-01T08:00:00.1235+05:30"),
        an_event(eventTime="2026-03-01T08:00:00Z"),
        an_event(**{"ex:n": "007.50", "ex:m": "+1e3", "ex:o": "1_0", "ex:p": " x ", "ex:q": ""}),
        an_event(**{"ex:things": ["b", "a", {"ex:z": [2, 1.0]}], "ex:thingList": [{"ex:a": "1"}]}),
        an_event(**{"ex:yes": True, "ex:none": {}, "ex:where": "ex:there"}),
        an_event(readPoint={"id": "urn:x:1", "ex:hall": "A", "urn:bare:x": "B"}),
        an_event(certificationInfo=["https://b.example", "https://a.example"]),
        an_event(comment="not said", **{"rdfs:comment": "neither"}),
        an_event(bizStep="https://example.org/own-step", disposition=None),
    ],
)
def test_our_own_documents_hash_as_the_reference_says(event):
    document = a_document(event)
    assert ours(document) == reference(document)


@pytest.mark.parametrize(
    "name",
    [
        "urn:epc:id:sgtin:0614141.107346.20%2F18",
        "urn:epc:id:sgtin:061414.0107346.A+b",
        "urn:epc:id:sscc:0614141.1234567890",
        "urn:epc:id:sgln:0614141.07346.1234",
        "urn:epc:id:sgln:123456789012..0",
        "urn:epc:id:grai:0614141.12345.400",
        "urn:epc:id:giai:0614141.12345400",
        "urn:epc:id:gsrn:0614141.1234567890",
        "urn:epc:id:gsrnp:0614141.1234567890",
        "urn:epc:id:gdti:0614141.06012.1234",
        "urn:epc:id:cpi:0614141.123ABC.123456789",
        "urn:epc:id:sgcn:4012345.67890.04711",
        "urn:epc:id:ginc:0614141.xyz47%2F11",
        "urn:epc:id:gsin:0614141.123456789",
        "urn:epc:id:itip:4012345.012345.01.02.987",
        "urn:epc:id:upui:1234567.098765.51qIgY)%3C%26Jp3*j7SDB",
        "urn:epc:id:pgln:0614141.11111",
        "urn:epc:class:lgtin:4012345.012345.998877",
        "urn:epc:idpat:sgtin:0614141.107346.*",
        "urn:epc:idpat:grai:0614141.12345.*",
        "urn:epc:idpat:gdti:0614141.06012.*",
        "urn:epc:idpat:sgcn:4012345.67890.*",
        "urn:epc:idpat:cpi:0614141.123ABC.*",
        "urn:epc:idpat:itip:4012345.012345.01.02.*",
        "urn:epc:idpat:upui:1234567.098765.*",
        "urn:epc:id:sgtin:061414.107346.2018",
        "urn:epc:id:sgtin:0614141.107346.",
        "urn:epc:id:sgtin:0614141.1073.2018",
        "urn:epc:id:nosuch:0614141.107346.2018",
        "https://id.gs1.org/01/10614141073464/21/2018",
        "http://id.gs1.org/01/10614141073464/21/2018",
        "https://example.com/shop/gtin/0614141073464/ser/2018?a=b.c",
        "https://example.com/01/614141073464/10/L1/21/S1",
        "https://example.com/01/12345670/10/L1",
        "https://id.gs1.org/01/10614141073464/22/2A/21/S.1",
        "https://id.gs1.org/01/10614141073464/22/2A",
        "https://id.gs1.org/414/4012345000054/254/x.y",
        "https://example.org/8004/401234599999",
        "https://example.org/sscc/106141412345678908/",
        "https://example.org/8006/040123451234560102/21/9",
        "https://example.org/8010/0614141123ABC/8011/12",
        "https://example.org/some/page.html",
    ],
)
def test_names_are_written_as_the_reference_writes_them(name):
    assert web_name(name) == (normaliser(name) or name)


def test_what_does_not_count_does_not_count():
    event = a_change()
    names = namespaces(a_document()["@context"])
    other = dict(reversed(event.items())) | {
        "eventID": "urn:uuid:1",
        "recordTime": "2026-03-02T00:00:00Z",
        "eventTime": "2026-03-01T18:00:00+08:00",
        "errorDeclaration": {"declarationTime": "2026-03-02T00:00:00Z"},
        "@context": "urn:x:context",
    }
    assert event_id(event, names=names) == event_id(other, names=names)
    for change in ({"eventTimeZoneOffset": "+00:00"}, {"ex:shift": 1}, {"bizStep": "other"}):
        assert event_id(event | change, names=names) != event_id(event, names=names)


def test_a_context_beside_the_event_binds_its_prefixes():
    context = ["https://ref.gs1.org/x", {"p": "https://example.org/ex/"}]
    renamed = {k.replace("ex:", "p:"): v for k, v in an_event().items()} | {"@context": context}
    assert event_id(renamed) == event_id(an_event(), names=namespaces(a_document()["@context"]))


def test_a_term_with_a_colon_is_no_prefix():
    event = an_event(**{"ex:note": "ex:a:b", "bizStep": "ex:a:c"})
    plain = event_id(event, names=namespaces([{"p": "urn:x:"}]))
    assert event_id(event, names=namespaces([{"ex:a": "https://example.org/a"}])) == plain


def test_the_last_moment_of_the_calendar_has_a_hash_too():
    for text in ("9999-12-31T23:59:59.9999Z", "9999-12-31T23:59:59.999999+00:00"):
        assert values.instant(text) == "9999-12-31T23:59:59.999Z"
        assert event_id(an_event(eventTime=text)).startswith("ni:///sha-256;")
    assert values.instant("2026-03-01T23:59:59.9999Z") == "2026-03-02T00:00:00.000Z"


def test_check_digits_are_those_of_the_general_specifications():
    assert check_digit("629104150021") == "3"
    assert check_digit("0000000000000") == "0"


def test_what_is_kept_from_event_to_event_is_bounded():
    way = values.Way(values.plain)
    said = [way[f"urn:epc:id:sgtin:0614141.107346.{at}"] for at in range(5_000)]
    assert said[-1] == "https://id.gs1.org/01/10614141073464/21/4999"
    assert 0 < len(way) <= 4_096
    long = "x" * 201
    assert way[long] == long
    assert long not in way
    order = eventwords.Order({"a": values.PLAIN, "b": values.PLAIN})
    for at in range(100):
        known, own = order.plans["comment", f"ex:{at}", "b", "a"]
        assert ([name for _, name, _ in known], own) == (["a", "b"], [f"ex:{at}"])
    assert 0 < len(order.plans) < 100
    assert order.plans["a", "y" * 1_001] == order.plans["a", "y" * 1_001]
    assert ("a", "y" * 1_001) not in order.plans
