"""EPCIS documents of our own for tests: small, valid, bent one thing at a time."""

import copy
import json
from typing import TYPE_CHECKING, Any

from sqlmodel import Session

from remelt.traceability.capture.capturing import capture, prepared
from remelt.traceability.capture.checks import read

if TYPE_CHECKING:
    from tests.world import World

CONTEXT: list[Any] = [
    "https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld",
    {"ex": "https://example.org/ex/"},
]
JSON = "application/json"


def an_event(number: int = 1, **changes: Any) -> dict[str, Any]:
    """A delivery of one lot of cans, seen by a scrap yard elsewhere. None takes a field away."""
    event = {
        "type": "ObjectEvent",
        "eventTime": "2026-03-01T08:00:00.000+08:00",
        "eventTimeZoneOffset": "+08:00",
        "action": "OBSERVE",
        "bizStep": "receiving",
        "disposition": "in_progress",
        "epcList": [f"urn:epc:id:sgtin:0614141.107346.{number}"],
        "quantityList": [
            {
                "epcClass": f"urn:epc:class:lgtin:4012345.012345.{number}",
                "quantity": 12,
                "uom": "KGM",
            }
        ],
        "readPoint": {"id": "urn:epc:id:sgln:0614141.00777.0"},
        "bizLocation": {"id": "urn:epc:id:sgln:0614141.00888.0"},
        "bizTransactionList": [{"type": "po", "bizTransaction": "urn:x:po:7"}],
        "ex:seal": f"S{number}",
    }
    return {k: v for k, v in (event | changes).items() if v is not None}


def a_change(number: int = 1, **changes: Any) -> dict[str, Any]:
    """A melt elsewhere, with a reading of its furnace."""
    event = {
        "type": "TransformationEvent",
        "eventTime": "2026-03-01T10:00:00.000Z",
        "eventTimeZoneOffset": "+08:00",
        "bizStep": "commissioning",
        "inputQuantityList": [{"epcClass": f"urn:x:in:{number}", "quantity": 900.5, "uom": "KGM"}],
        "outputQuantityList": [{"epcClass": f"urn:x:out:{number}", "quantity": 850, "uom": "KGM"}],
        "readPoint": {"id": "urn:x:furnace:1", "ex:hall": "B"},
        "persistentDisposition": {"set": ["completeness_verified"]},
        "ilmd": {"ex:alloy": "A380", "ex:grade": {"ex:si": 9}},
        "sensorElementList": [
            {
                "sensorMetadata": {
                    "time": "2026-03-01T09:00:00.000Z",
                    "deviceID": "urn:x:meter:1",
                    "startTime": "2026-03-01T08:00:00Z",
                    "endTime": "2026-03-01T09:30:00Z",
                    "ex:line": 3,
                },
                "sensorReport": [
                    {"type": "Temperature", "value": 720.5, "uom": "CEL", "ex:probe": "left"},
                    {"type": "Mass", "minValue": 1, "maxValue": 5, "meanValue": 3, "uom": "KGM"},
                ],
            }
        ],
        "ex:shift": {"ex:crew": 7, "ex:head": {"ex:years": 12}},
    }
    return {k: v for k, v in (event | changes).items() if v is not None}


def a_document(*events: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """An EPCISDocument of these events, or of one."""
    document = {
        "@context": CONTEXT,
        "type": "EPCISDocument",
        "schemaVersion": "2.0",
        "creationDate": "2026-03-02T00:00:00Z",
        "epcisBody": {"eventList": [copy.deepcopy(e) for e in events or (an_event(),)]},
    }
    return {k: v for k, v in (document | changes).items() if v is not None}


def raw(value: Any) -> bytes:
    """The bytes of a document."""
    return json.dumps(value, ensure_ascii=False).encode()


def epcis_objects(world: "World", session: Session) -> None:
    """Evidence of every walker's organisation: another's is not there for it."""
    world.give("epcis.event_type", own="ObjectEvent", other="ObjectEvent")
    for number, walker in enumerate(world.own):
        for relation, party in (("own", world.own[walker]), ("other", world.other[walker])):
            code = party.organisation.code
            event = an_event(number, eventID=f"urn:uuid:{code}", **{"ex:whose": f"only {code}"})
            job = capture(
                session,
                prepared(read(raw(a_document(event)))),
                clock=world.clock,
                organisation=code,
            )
            world.values.setdefault("epcis.capture_id", {})[walker, relation] = job.code
            world.values.setdefault("epcis.event_id", {})[walker, relation] = f"urn:uuid:{code}"
            world.hide(f"only {code}", of=party)
