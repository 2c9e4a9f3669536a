"""Events of every rule edition, as first stored, give the same lots for ever.

A file of `tests/golden/<rules>` is written once, when the edition is made, and never again.
"""

import hashlib
import json
from datetime import datetime
from pathlib import Path

import orjson
import pytest

from remelt.traceability.door.book import columns
from remelt.traceability.epcis.eventid import event_id
from remelt.traceability.epcis.words import facts_of, told
from remelt.traceability.facts import canonical, reopen
from remelt.traceability.rules import editions as rules
from tests.remembered import Remembered

GOLDEN = sorted((Path(__file__).parents[1] / "golden").glob("*/*.json"))


def _stored(value):
    return value.isoformat() if isinstance(value, datetime) else value


@pytest.mark.parametrize("path", GOLDEN, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_stored_events_replay_to_the_stored_lots(path: Path):
    golden = json.loads(path.read_text())
    values = {event["hash"]: event["values"] for event in golden["events"]}
    ledger = Remembered()
    for event in golden["events"]:
        body = orjson.loads(event["body"])
        assert hashlib.sha256(event["body"].encode()).hexdigest() == event["hash"]
        assert canonical(body).decode() == event["body"]
        assert event_id(body) == event["event_id"]
        facts = reopen(facts_of(body), values[event["corrects"] or event["hash"]])
        if event["corrects"]:
            facts["kind"] = "declare"
        ledger.append(facts, event_hash=event["hash"])
    told = {
        code: {name: _stored(value) for name, value in columns(lot).items()}
        for code, lot in ledger.lots.items()
    }
    assert told == golden["lots"]


def test_a_correction_reads_a_stored_event_as_everybody_else_does():
    for path in GOLDEN:
        for event in json.loads(path.read_text())["events"]:
            assert told(event["body"]) == facts_of(orjson.loads(event["body"]))
    tricky = '{"remelt:name":"remelt:x","remelt:note":"a \\"remelt:b\\": c","type":"X"}'
    assert told(tricky) == facts_of(orjson.loads(tricky))


def test_every_edition_of_the_rules_has_a_golden_ledger():
    assert {int(path.parent.name) for path in GOLDEN} == set(rules.EDITIONS)
