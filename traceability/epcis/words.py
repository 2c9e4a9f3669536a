"""The standard's words for our events: EPCIS 2.0 JSON, CBV steps, our own fields as `remelt:`."""

import re
from collections.abc import Mapping
from typing import Any

import orjson

from remelt.traceability.facts import SEALED, Facts

PREFIX = "remelt:"
MARK = "remelt:kind"  # an event of the ledger says it; one that others captured never does
EVIDENCE = "evidence"
LOT = "urn:remelt:lot:"
AREA = "urn:remelt:area:"
LOSS = "urn:remelt:loss:"
UOM = "GRM"
OFFSET = "+08:00"

_OURS = re.compile(rf'"{PREFIX}(?=[^"\\]+":)')
_STANDARD = (
    "@context",
    "type",
    "eventID",
    "eventTime",
    "eventTimeZoneOffset",
    "action",
    "bizStep",
    "disposition",
    "readPoint",
    "bizLocation",
    "bizTransactionList",
    "quantityList",
    "inputQuantityList",
    "outputQuantityList",
    "errorDeclaration",
)

# kind -> event type, action, business step, disposition
WORDS: Mapping[str, tuple[str, str, str, str]] = {
    "commission": ("ObjectEvent", "ADD", "commissioning", "active"),
    "bring_in": ("ObjectEvent", "ADD", "commissioning", "active"),
    "weigh": ("ObjectEvent", "OBSERVE", "inspecting", "in_progress"),
    "assay": ("ObjectEvent", "OBSERVE", "sampling", "in_progress"),
    "declare_burden": ("ObjectEvent", "OBSERVE", "inspecting", "in_progress"),
    "claim": ("ObjectEvent", "OBSERVE", "inspecting", "in_progress"),
    "correct": ("ObjectEvent", "OBSERVE", "inspecting", "in_progress"),
    "bear": ("ObjectEvent", "OBSERVE", "shipping", "returned"),
    "true_up": ("ObjectEvent", "OBSERVE", "inspecting", "in_progress"),
    "restate": ("ObjectEvent", "OBSERVE", "inspecting", "in_progress"),
    "certify": ("ObjectEvent", "OBSERVE", "other", "in_progress"),
    "pickup": ("ObjectEvent", "OBSERVE", "collecting", "in_transit"),
    "ship": ("ObjectEvent", "OBSERVE", "shipping", "in_transit"),
    "receive": ("ObjectEvent", "OBSERVE", "receiving", "in_progress"),
    "carry": ("ObjectEvent", "OBSERVE", "transporting", "in_transit"),
    "return": ("ObjectEvent", "OBSERVE", "shipping", "returned"),
    "take_back": ("ObjectEvent", "ADD", "receiving", "returned"),
    "hold": ("ObjectEvent", "OBSERVE", "holding", "non_sellable_other"),
    "release": ("ObjectEvent", "OBSERVE", "inspecting", "available"),
    "ship_out": ("ObjectEvent", "DELETE", "shipping", "in_transit"),
    "transfer": ("TransactionEvent", "ADD", "retail_selling", "in_progress"),
    "sort": ("TransformationEvent", "", "disassembling", "active"),
    "shred": ("TransformationEvent", "", "disassembling", "active"),
    "refine": ("TransformationEvent", "", "commissioning", "active"),
    "split": ("TransformationEvent", "", "repackaging", "active"),
    "blend": ("TransformationEvent", "", "stocking", "active"),
    "melt": ("TransformationEvent", "", "commissioning", "active"),
}


def envelope(public: Facts) -> dict[str, Any]:
    """Return the EPCIS 2.0 event of public facts: the standard's fields, then all of ours.

    The public time is the day; place is the county; masses and lots that are private stay
    digests or are left out where the standard wants a number.
    """
    kind, action, step, disposition = WORDS[str(public.get("step") or public["kind"])]
    event: dict[str, Any] = {
        "type": kind,
        "eventTime": f"{public['day']}T00:00:00.000{OFFSET}",
        "eventTimeZoneOffset": OFFSET,
        "bizStep": step,
        "disposition": disposition,
        "readPoint": {"id": public["site"]},
        "bizLocation": {"id": AREA + public["adcode"]},
    }
    if action:
        event["action"] = action
    if kind == "TransformationEvent":
        event |= _transformation(public)
    else:
        lots = public["lots"] if "lots" in public else [public["lot"]]
        event["quantityList"] = [_quantity(lot, public.get("mass_g")) for lot in lots]
    if kind == "TransactionEvent":
        event["bizTransactionList"] = [{"type": "po", "bizTransaction": public["contract"]}]
    return event | {PREFIX + name: _prefixed(value) for name, value in public.items()}


def facts_of(event: Mapping[str, Any]) -> Facts:
    """Return our own fields of an event: what `envelope` was given."""
    mine = {name: value for name, value in event.items() if name.startswith(PREFIX)}
    facts: Facts = _unprefixed(mine)
    return facts


def told(body: str) -> Facts:
    """Return our own fields of a stored event, like `facts_of` but at a tenth of its cost.

    >>> told('{"action":"ADD","remelt:kind":"sort","remelt:losses":{"remelt:dirt":5}}')
    {'kind': 'sort', 'losses': {'dirt': 5}}
    """
    facts: Facts = orjson.loads(_OURS.sub('"', body))
    for name in _STANDARD:
        facts.pop(name, None)
    return facts


def declaration(event: Mapping[str, Any], *, day: str, corrective_ids: list[str]) -> dict[str, Any]:
    """Return `event` said again with an error declaration that points at what corrects it."""
    return {
        **event,
        "errorDeclaration": {
            "declarationTime": f"{day}T00:00:00.000{OFFSET}",
            "reason": "incorrect_data",
            "correctiveEventIDs": corrective_ids,
        },
    }


def _transformation(public: Facts) -> dict[str, Any]:
    losses = [
        {"epcClass": LOSS + name, "quantity": grams, "uom": UOM}
        for name, grams in sorted(public["losses"].items())
        if grams
    ]
    return {
        "inputQuantityList": [_quantity(i["lot"], i["mass_g"]) for i in public["inputs"]],
        "outputQuantityList": [_quantity(o["lot"], o["mass_g"]) for o in public["outputs"]]
        + losses,
    }


def _quantity(lot: str, mass_g: object) -> dict[str, Any]:
    name = lot if lot.startswith(SEALED) else LOT + lot
    if isinstance(mass_g, int) and mass_g > 0:
        return {"epcClass": name, "quantity": mass_g, "uom": UOM}
    return {"epcClass": name}


def _prefixed(value: Any) -> Any:
    if isinstance(value, dict):
        return {PREFIX + name: _prefixed(each) for name, each in value.items()}
    if isinstance(value, list):
        return [_prefixed(each) for each in value]
    return value


def _unprefixed(value: Any) -> Any:
    if isinstance(value, dict):
        return {name.removeprefix(PREFIX): _unprefixed(each) for name, each in value.items()}
    if isinstance(value, list):
        return [_unprefixed(each) for each in value]
    return value
