"""EPCIS query parameters: each of the standard's is known and asks what it says."""

import json
import re

import pytest

from remelt.traceability.capture.query import BadQuery, read_query
from tests.epcis import CONTEXT, a_change, an_event
from tests.shared import needs, shared

GS1 = "conformance/gs1-epcis"
SHARED = shared(GS1)
needs_gs1 = needs(GS1)
NAMES = {"e": "https://example.org/ex/"}
EVENTS = {
    "object": an_event(1) | {"@context": CONTEXT},
    "change": a_change(2) | {"@context": CONTEXT},
    "pallet": {
        "type": "AggregationEvent",
        "eventTime": "2026-03-02T00:00:00Z",
        "eventTimeZoneOffset": "+08:00",
        "action": "ADD",
        "parentID": "urn:epc:id:sscc:0614141.1234567890",
        "childEPCs": ["urn:epc:id:sgtin:0614141.107346.2017"],
        "childQuantityList": [{"epcClass": "urn:x:child", "quantity": 3}],
        "bizLocation": {"id": "urn:remelt:area:520102", "ex:gate": 3},
        "sourceList": [{"type": "location", "source": "urn:x:from"}],
        "destinationList": [{"type": "owning_party", "destination": "urn:x:to"}],
        "certificationInfo": "https://example.org/c",
        "errorDeclaration": {
            "declarationTime": "2026-03-02T01:00:00Z",
            "reason": "incorrect_data",
            "correctiveEventIDs": ["urn:uuid:9"],
            "ex:by": {"ex:desk": "7"},
        },
        "@context": CONTEXT,
    },
    "made": {
        "type": "TransformationEvent",
        "eventTime": "2026-03-02T00:00:00Z",
        "eventTimeZoneOffset": "+08:00",
        "inputEPCList": ["urn:x:i:1"],
        "outputEPCList": ["urn:x:o:1"],
        "transformationID": "urn:x:t:1",
        "bizStep": "https://ref.gs1.org/cbv/BizStep-assembling",
        "sensorElementList": [
            {
                "sensorReport": [
                    {"type": "Count", "value": 7, "stringValue": "s", "booleanValue": True,
                     "hexBinaryValue": "ff", "uriValue": "urn:x:u", "percRank": 50, "percValue": 8,
                     "uom": "KGM", "sDev": 0.5, "microorganism": "urn:x:m", "bizRules": "urn:x:b",
                     "chemicalSubstance": "urn:x:c", "dataProcessingMethod": "urn:x:d"}
                ],
                "ex:rack": {"ex:level": 2},
            }
        ],
        "@context": CONTEXT,
    },
}  # fmt: skip


def found(**asked: str) -> set[str]:
    """Which of the events pass; a name's dots are colons."""
    given = {name.replace(".", ":"): [value] for name, value in asked.items()}
    query = read_query(given, names=NAMES)
    return {name for name, event in EVENTS.items() if query.takes(event)}


@pytest.mark.parametrize(
    ("parameter", "value", "answers"),
    [
        ("eventType", "ObjectEvent|AggregationEvent", {"object", "pallet"}),
        ("EQ_action", "ADD", {"pallet"}),
        ("EQ_bizStep", "receiving|assembling", {"object", "made"}),
        ("EQ_bizStep", "https://ref.gs1.org/cbv/BizStep-receiving", {"object"}),
        ("EQ_disposition", "in_progress", {"object"}),
        ("EQ_persistentDisposition_set", "completeness_verified", {"change"}),
        ("EQ_persistentDisposition_unset", "completeness_verified", set()),
        ("EQ_readPoint", "https://id.gs1.org/414/0614141007776", {"object"}),
        ("WD_readPoint", "urn:x:furnace:1", {"change"}),
        ("EQ_bizLocation", "urn:remelt:area:52", set()),
        ("WD_bizLocation", "urn:remelt:area:52", {"pallet"}),
        ("EQ_transformationID", "urn:x:t:1", {"made"}),
        ("MATCH_epc", "https://id.gs1.org/01/10614141073464/21/1", {"object"}),
        ("MATCH_epc", "urn:epc:idpat:sgtin:0614141.107346.*", {"object", "pallet"}),
        ("MATCH_epc", "urn:epc:idpat:sgtin:0614141.*.*", {"object", "pallet"}),
        ("MATCH_parentID", "urn:epc:id:sscc:0614141.1234567890", {"pallet"}),
        ("MATCH_inputEPC", "urn:x:i:1", {"made"}),
        ("MATCH_outputEPC", "urn:x:o:1", {"made"}),
        ("MATCH_anyEPC", "urn:x:o:1|urn:epc:id:sgtin:0614141.107346.1", {"object", "made"}),
        ("MATCH_epcClass", "urn:x:child", {"pallet"}),
        ("MATCH_inputEPCClass", "urn:x:in:2", {"change"}),
        ("MATCH_outputEPCClass", "urn:x:out:2", {"change"}),
        ("MATCH_anyEPCClass", "urn:x:in:2|urn:x:child", {"change", "pallet"}),
        ("EQ_quantity", "12|3", {"object", "pallet"}),
        ("GT_quantity", "12", {"change"}),
        ("GE_quantity", "12", {"object", "change"}),
        ("LT_quantity", "4", {"pallet"}),
        ("LE_quantity", "12", {"object", "pallet"}),
        ("EQ_quantity_KGM", "12", {"object"}),
        ("GE_quantity_KGM", "900", {"change"}),
        ("GE_quantity_GRM", "1", set()),
        ("EQ_bizTransaction_po", "urn:x:po:7", {"object"}),
        ("EQ_bizTransaction_inv", "urn:x:po:7", set()),
        ("EQ_source_location", "urn:x:from", {"pallet"}),
        ("EQ_destination_owning_party", "urn:x:to", {"pallet"}),
        ("EXISTS_errorDeclaration", "", {"pallet"}),
        ("GE_errorDeclaration_Time", "2026-03-02T09:00:00+08:00", {"pallet"}),
        ("LT_errorDeclaration_Time", "2026-03-02T09:00:00+08:00", set()),
        ("EQ_errorReason", "incorrect_data", {"pallet"}),
        ("EQ_correctiveEventID", "urn:uuid:9", {"pallet"}),
        ("EXISTS_sensorElementList", "1", {"change", "made"}),
        ("GE_time", "2026-03-01T09:00:00Z", {"change"}),
        ("LT_startTime", "2026-03-01T08:00:01Z", {"change"}),
        ("GE_endTime", "2026-03-01T09:30:01Z", set()),
        ("EQ_type", "Temperature", {"change"}),
        ("EQ_type", "https://gs1.org/voc/Count", {"made"}),
        ("EQ_deviceID", "urn:x:meter:1", {"change"}),
        ("EQ_dataProcessingMethod", "urn:x:d", {"made"}),
        ("EQ_microorganism", "urn:x:m", {"made"}),
        ("EQ_chemicalSubstance", "urn:x:c", {"made"}),
        ("EQ_bizRules", "urn:x:b", {"made"}),
        ("EQ_stringValue", "r|s", {"made"}),
        ("EQ_booleanValue", "true", {"made"}),
        ("EQ_booleanValue", "false", set()),
        ("EQ_hexBinaryValue", "ff", {"made"}),
        ("EQ_uriValue", "urn:x:u", {"made"}),
        ("GE_percRank", "50", {"made"}),
        ("GT_percRank", "50", set()),
        ("EQ_value_CEL", "720.5", {"change"}),
        ("GE_value_KGM", "7", {"made"}),
        ("LT_value_CEL", "720.5", set()),
        ("GT_maxValue_KGM", "4", {"change"}),
        ("LE_minValue_KGM", "1", {"change"}),
        ("LT_meanValue_KGM", "3", set()),
        ("GE_sDev_KGM", "0.5", {"made"}),
        ("GE_percValue_KGM", "8", {"made"}),
        ("EQ_ex:seal", "S1|S9", {"object"}),
        ("EQ_e:seal", "S1", {"object"}),
        ("EQ_no:seal", "S1", set()),
        ("EXISTS_ex:shift", "", {"change"}),
        ("GE_INNER_ex:crew", "7", {"change"}),
        ("LT_INNER_ex:years", "12", set()),
        ("EQ_INNER_ex:years", "12.0", {"change"}),
        ("EQ_ILMD_ex:alloy", "A380", {"change"}),
        ("EXISTS_INNER_ILMD_ex:si", "", {"change"}),
        ("GT_INNER_ILMD_ex:si", "8", {"change"}),
        ("EXISTS_ERROR_DECLARATION_ex:by", "", {"pallet"}),
        ("EQ_INNER_ERROR_DECLARATION_ex:desk", "7", {"pallet"}),
        ("EXISTS_SENSORELEMENT_ex:rack", "", {"made"}),
        ("LE_INNER_SENSORELEMENT_ex:level", "2", {"made"}),
        ("GE_SENSORMETADATA_ex:line", "3", {"change"}),
        ("EQ_SENSORREPORT_ex:probe", "left", {"change"}),
        ("EQ_readPoint_ex:hall", "B", {"change"}),
        ("EQ_bizLocation_ex:gate", "3", {"pallet"}),
        ("HASATTR_ex:colour", "x", set()),
        ("EQ_ATTR_ex_colour", "red", set()),
    ],
)
def test_a_parameter_asks_what_it_says(parameter, value, answers):
    assert found(**{parameter: value}) == answers


@pytest.mark.parametrize(
    ("parameter", "value"),
    [
        ("nonsense", "1"),
        ("EQ_nonsense", "1"),
        ("GT_eventTime", "2026-03-01T00:00:00Z"),
        ("GE_eventTime", "2026-03-01"),
        ("GE_eventTime", "2026-03-01T00:00:00Z|2026-03-02T00:00:00Z"),
        ("GT_readPoint_ex:a", "1"),
        ("EXISTS_bizLocation_ex:a", ""),
        ("GT_percRank_KGM", "1"),
        ("EQ_minValue_KGM", "1"),
        ("GE_quantity", "much"),
        ("GE_quantity", "NaN"),
        ("GE_quantity", ""),
        ("EQ_quantity_kg", "1"),
        ("EQ_bizStep", "melting"),
        ("EQ_action", "MELT"),
        ("EQ_type", "Luck"),
        ("eventType", "Event"),
        ("MATCH_epc", "not an address"),
        ("MATCH_epc", ""),
        ("EQ_booleanValue", "maybe"),
        ("EXISTS_ex:a", "maybe"),
        ("GE_ex:a", "maybe"),
        ("orderBy", "colour"),
        ("orderDirection", "UP"),
        ("eventCountLimit", "0"),
        ("eventCountLimit", "-1"),
        ("maxEventCount", "9" * 40),
    ],
)
def test_what_the_standard_does_not_know_is_refused(parameter, value):
    with pytest.raises(BadQuery) as refused:
        read_query({parameter: [value]}, names={})
    assert refused.value.facts["parameter"] == parameter


def _examples(schema) -> dict[str, str]:
    """A value for every parameter of GS1's query schema, patterns filled in."""
    said = {
        "time": "2026-03-01T00:00:00Z",
        "uri": "urn:x:1",
        "id": "urn:x:1",
        "eventID": "urn:x:1",
        "decimal": "1",
        "action": "ADD",
        "bizStep": "shipping",
        "disposition": "active",
        "eventType": "ObjectEvent",
        "error-reason": "did_not_occur",
        "measurementType": "Mass",
    }

    def value(rule) -> str:
        rule = rule.get("items", rule)
        kind = rule.get("$ref", "").rpartition("/")[2]
        plain = {"boolean": "true", "integer": "1", "number": "1"}
        return said.get(kind) or plain.get(rule.get("type"), rule.get("enum", ["1"])[0])

    query = schema["definitions"]["EPCIS-Query"]
    examples = {name: value(rule) for name, rule in query["properties"].items()}
    for pattern, rule in query["patternProperties"].items():
        name = pattern.strip("^$").replace("[a-z][a-zA-Z0-9]*\\\\:\\\\w+", "ex:field")
        name = name.replace("[a-z][a-zA-Z0-9_]+", "po").replace("[A-Z0-9]{2,4}", "KGM")
        name = name.replace("\\\\w+_\\\\w+", "ex_colour")
        examples[name] = value(rule)
    examples["orderBy"] = "eventTime"
    return examples


@needs_gs1
def test_every_parameter_of_gs1s_query_schema_is_known():
    assert SHARED is not None
    examples = _examples(json.loads((SHARED / "query-schema.json").read_bytes()))
    assert len(examples) > 150
    del examples["@context"]  # taken by the address itself
    for name, value in examples.items():
        assert re.fullmatch(r"[\w:]+", name), name
        read_query({name: [value]}, names={})
