"""EPCIS: GS1's examples and their mutants, the event hash, capture over HTTP."""

import gc
import json
import os
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import orjson
from baselines import event_hash
from frame import Row
from ledger_measures import epcis_served as served
from ledger_measures.epcis_mutants import documents, judge, mutants, shared, stricter

from remelt.traceability.capture.capturing import prepared
from remelt.traceability.capture.checks import read, valid
from remelt.traceability.capture.rules import STRICTER, canonical
from remelt.traceability.epcis.eventid import event_id, namespaces
from remelt.traceability.epcis.eventwords import Order
from remelt.traceability.epcis.names import web_name
from remelt.traceability.epcis.values import Way

SEED = 20261122
REACH_HASH = 100
REACH_HTTP = 0.25
ABSENT = "REMELT_SHARED does not name GS1's examples: not measured"


def judged(quick: bool) -> Iterable[Row]:  # noqa: FBT001 - the frame's call
    """GS1's 47 documents there and back, and our verdict against GS1's on bent ones."""
    folder = shared()
    if folder is None:
        yield Row(what="GS1 examples", ours=0, unit="documents", note=ABSENT)
        return
    among = documents(folder)
    back = sum(_comes_back(document) for document in among.values())
    parsed = sum(valid(d) for d in among.values() if d["type"] == "EPCISQueryDocument")
    yield Row(
        what="GS1 capture documents, back as equal canonical JSON",
        ours=back,
        unit="documents",
        reach="46, and the query document parsed",
        met=(back, parsed) == (46, 1),
        note=f"query documents parsed: {parsed}",
    )
    yield _verdicts(folder, among, count=1_000 if quick else 5_000)


def _comes_back(document: dict[str, Any]) -> bool:
    if document["type"] != "EPCISDocument" or not valid(document):
        return False
    ready = prepared(read(json.dumps(document).encode()))
    told = [orjson.loads(draft.said) for draft in ready.drafts]
    events = document["epcisBody"]["eventList"]
    added = [{"@context": t["@context"], "eventID": t["eventID"]} for t in told]
    same = [canonical(a | e) == canonical(t) for a, e, t in zip(added, events, told, strict=False)]
    return not ready.faults and len(told) == len(events) and all(same)


def _verdicts(folder: Path, among: dict[str, Any], *, count: int) -> Row:
    gs1, differ, refused, more = judge(folder), 0, 0, {}
    ours_s = theirs_s = 0.0
    for _name, _what, document in mutants(SEED, count=count, among=among):
        start = time.perf_counter()
        theirs = gs1(document)
        theirs_s += time.perf_counter() - start
        start = time.perf_counter()
        ours = valid(document)
        ours_s += time.perf_counter() - start
        differ += ours != theirs
        refused += not ours
        for rule in stricter(document):
            more[rule] = more.get(rule, 0) + 1
    told = ", ".join(f"{rule} {n}" for rule, n in sorted(more.items()))
    return Row(
        what=f"verdicts that differ from GS1's on {count:,} mutants",
        ours=differ,
        unit="verdicts",
        reach="0, but for the listed stricter rules",
        met=differ == 0 and more.keys() <= set(STRICTER),
        note=f"seed {SEED}; refused by both {refused:,}; by our stricter rules: {told}; "
        f"GS1's schema took {theirs_s / ours_s:.1f} times as long",
    )


def hashed(quick: bool) -> Iterable[Row]:  # noqa: FBT001 - the frame's call
    """The event hash against PyPI's reference: equal, and how fast."""
    folder = shared()
    if folder is None:
        yield Row(what="event hash", ours=0, unit="events", note=ABSENT)
        return
    texts = [json.dumps(d).encode() for d in documents(folder).values()]
    known, unequal, events = [], 0, 0
    for text in texts:
        try:
            theirs = event_hash.hashes(text)
        except Exception:  # noqa: BLE001, S112 - whatever the reference cannot hash is left out
            continue
        known.append(text)
        events += len(theirs)
        unequal += theirs != _hashes(text)
    cold_s, warm_s, theirs_s = _fastest(known, rounds=8 if quick else 25)
    yield Row(
        what="event hash, documents that differ from the reference's",
        ours=unequal,
        unit="documents",
        reach="0",
        met=unequal == 0,
        note=f"{len(known)} documents, {events} events that the reference can hash",
    )
    for said, ours_s in (("each event once, nothing kept", cold_s), ("words met before", warm_s)):
        ratio = theirs_s / ours_s
        yield Row(
            what=f"event hash from text, {said}",
            ours=events / ours_s,
            peer=events / theirs_s,
            peer_name="epcis-event-hash-generator",
            unit="events/s",
            ratio=ratio,
            reach=f">= {REACH_HASH} x",
            met=ratio >= REACH_HASH,
            note="fastest of rounds taken in turns, CPU time of this thread",
        )
    yield _hashed_at_once(events=100 if quick else 400)


def _hashed_at_once(*, events: int) -> Row:
    """One long document, no event twice: what the reference does per document counts little."""
    document = orjson.loads(served.document(0))
    document["epcisBody"]["eventList"] = document["epcisBody"]["eventList"][:events]
    cold_s, _, theirs_s = _fastest([orjson.dumps(document)], rounds=3)
    return Row(
        what=f"event hash, one document of {events} events",
        ours=events / cold_s,
        peer=events / theirs_s,
        peer_name="epcis-event-hash-generator",
        unit="events/s",
        ratio=theirs_s / cold_s,
        note="nothing kept from before; short events of one kind, GS1's are of many",
    )


def _hashes(text: bytes) -> list[str]:
    document = orjson.loads(text)
    names = namespaces(document["@context"])
    return [event_id(event, names=names) for event in document["epcisBody"]["eventList"]]


def _fastest(texts: list[bytes], *, rounds: int) -> tuple[float, float, float]:
    """Return the seconds of ours with nothing kept, of ours again, and of the reference."""
    best = [float("inf")] * 3
    tables = [each for each in gc.get_objects() if isinstance(each, Way)]
    for _ in range(rounds):
        _forget(tables)
        for at, way in enumerate((_hashes, _hashes, event_hash.hashes)):
            start = time.thread_time()
            for text in texts:
                way(text)
            best[at] = min(best[at], time.thread_time() - start)
    return best[0], best[1], best[2]


def _forget(tables: list[Way]) -> None:
    """Empty everything that the event hash keeps from one event to the next."""
    web_name.cache_clear()
    for table in tables:
        table.clear()
        if isinstance(table, Order):
            table.plans.clear()


def captured(quick: bool) -> Iterator[Row]:  # noqa: FBT001 - the frame's call
    """Capture of 1,000-event documents over HTTP beside a bare executemany of the same rows."""
    rounds = 5 if quick else 20
    for name, database in served.databases(sqlite_only=quick):
        with database as address, served.desk(address) as desk:
            ours, bare, busy = zip(*(desk.round(number) for number in range(rounds)), strict=True)
        ours_s, bare_s = sorted(ours)[rounds // 2], sorted(bare)[rounds // 2]
        ratios = sorted(b / o for o, b in zip(ours, bare, strict=True))
        ratio = ratios[rounds // 2]
        goal = "8,000" if name == "SQLite" else "6,000"
        yield Row(
            what=f"capture over HTTP, {name}",
            ours=1_000 / ours_s,
            peer=1_000 / bare_s,
            peer_name="bare executemany",
            unit="events/s",
            ratio=ratio,
            reach=f">= {REACH_HTTP} x; about {goal} on quiet cores",
            met=ratio >= REACH_HTTP,
            note=f"median of {rounds} documents of 1,000 events in turns, one server process, "
            f"{desk.rows} rows each; ratios {ratios[0]:.2f} to {ratios[-1]:.2f}; the server used "
            f"{desk.spent_s / rounds * 1000:.0f} ms CPU a document; client CPU "
            f"{sum(busy) / sum(ours):.0%} of the wall; {os.cpu_count()} cores",
        )
