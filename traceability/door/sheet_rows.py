"""Rows of a batch: lots as the rules see them and as they are stored, and what comes of them."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from remelt.traceability.facts import Opened, canonical
from remelt.traceability.models import LedgerEvent, Lot
from remelt.traceability.rules.copies import but
from remelt.traceability.rules.states import NOTHING, State
from remelt.traceability.rules.views import UNMADE, Link, LotView, Outcome

PLAIN = (
    "code",
    "owner",
    "custodian",
    "supplier",
    "source",
    "site_code",
    "adcode",
    "declared_mass_g",
    "status",
    "handed_over",
    "claims_blocked",
    "role",
    "pool_key",
    "made_by",
    "made_at",
)

CARRIED = (
    "id",
    "code",
    "owner",
    "source",
    "status",
    "claims_blocked",
    "made_at",
    "state",
    "outside",
)


def edge_row(event: LedgerEvent, edge: Mapping[str, Any], ids: Mapping[str, int]) -> dict[str, Any]:
    """Return what came of what in an event, as a row."""
    child, parent = ids[edge["child"]], ids[edge["parent"]]
    rest = {name: edge[name] for name in ("mass_g", "held_g", "internal")}
    return {"child_id": child, "parent_id": parent, "event_key": event.id, **rest}


def line_row(event: LedgerEvent, line: Mapping[str, Any], ids: Mapping[str, int]) -> dict[str, Any]:
    """Return a book line as a row."""
    rest = {name: value for name, value in line.items() if name != "lot"}
    return {**rest, "lot_id": ids.get(line["lot"]), "event_key": event.id}


def value_row(event: LedgerEvent, opened: Opened) -> dict[str, Any]:
    """Return a private value as a row."""
    value = canonical(opened.value).decode()
    return {
        "event_key": event.id,
        "path": opened.path,
        "subject": opened.subject,
        "value": value,
    }


_OF_ROW = {"id", "event_hash", "written_key"}
RELINKED = ("child_id", "event_key", "parent_id")


def link_row(ids: Mapping[str, int], of: int, link: Link, held_g: int) -> dict[str, int]:
    """Return what is said anew of an edge of an earlier event; `RELINKED` names it."""
    child, parent = ids[link.child], ids[link.parent]
    named = {"child_id": child, "event_key": of, "parent_id": parent}
    return named | {"mass_g": link.mass_g, "held_g": held_g}


def melt_row(event: LedgerEvent, of: str, melt: Mapping[str, Any]) -> dict[str, Any]:
    """Return a heat's melt line as a row: of which heat, and said by which event."""
    shared = {"owners": list(melt["credited"]), "credited": list(melt["credited"].values())}
    return {**melt, **shared, "event_hash": of, "written_key": event.id}


def melt_told(row: Mapping[Any, Any]) -> dict[str, Any]:
    """Return a melt line as the rules say it, of its row."""
    melt = {name: value for name, value in row.items() if name not in _OF_ROW}
    melt["credited"] = dict(zip(melt.pop("owners"), melt["credited"], strict=True))
    return melt


def before_row(
    ids: Mapping[str, int], event: LedgerEvent, of: int | None, lot: LotView
) -> dict[str, Any]:
    """Return a lot as an event found it, as a row; `of`: an earlier event."""
    key = event.id if of is None else of
    row = {"event_key": key, "lot_id": ids[lot.code], "written_key": event.id}
    return {**row, "owner": lot.owner, "lot": found_as(lot)}


def change_row(event: LedgerEvent, of: int, by: int | None) -> dict[str, Any]:
    """Return that an event says an earlier one anew; `by`: the one that says how."""
    by_key = event.id if by is None else by
    return {"event_key": of, "by_key": by_key, "written_key": event.id}


def found_as(lot: LotView) -> dict[str, Any]:
    """Return what a correction needs of a lot as an event found it, its owner apart."""
    found: dict[str, Any] = {"state": lot.state.to_json(), "status": lot.status}
    if lot.claims_blocked:
        found["claims_blocked"] = lot.claims_blocked
    if lot.source:
        found["source"] = lot.source
    if lot.outside is not NOTHING and lot.outside != NOTHING:
        found["outside"] = lot.outside.to_json()
    return found


def edges_of(outcome: Outcome) -> list[dict[str, Any]]:
    """Return the links of an outcome as rows, lots by code, with what the child then held."""
    held = {lot.code: lot.state.mass_g for lot in outcome.lots}
    return [
        {
            "child": link.child,
            "parent": link.parent,
            "mass_g": link.mass_g,
            "held_g": held[link.child],
            "internal": link.internal,
        }
        for link in outcome.links
    ]


def lines_of(outcome: Outcome) -> list[dict[str, Any]]:
    """Return the book lines of an outcome as rows, lots by code, an empty one for none."""
    return [
        {
            "lot": line.lot_code or "",
            "kind": line.kind,
            "name": line.name,
            "metal": line.metal,
            "mass_g": line.state.mass_g,
            "vector": line.state.to_json(),
            "beyond_tolerance": line.beyond_tolerance,
            "sign": line.sign,
            "restates": line.restates,
        }
        for line in outcome.lines
    ]


def view(lot: Lot) -> LotView:
    """Return the lot as the rules see it."""
    values = lot.__dict__
    try:
        plain = {name: values[name] for name in PLAIN}
    except KeyError:  # what the session has put out of date is read again as it is asked for
        plain = {name: getattr(lot, name) for name in PLAIN}
    return but(UNMADE, spec=lot.spec, state=lot.vectors, outside=lot.gone, **plain)


def carried(row: Sequence[Any]) -> LotView:
    """Return a lot as a correction sees it, of its columns `CARRIED`."""
    _id, code, owner, source, status, claims_blocked, made_at, state, outside = row
    return but(
        UNMADE,
        code=code,
        owner=owner,
        source=source,
        status=status,
        claims_blocked=claims_blocked,
        made_at=made_at,
        state=State.from_json(state),
        outside=State.from_json(outside) if outside else NOTHING,
    )


def columns(lot: LotView) -> dict[str, Any]:
    """Return the lot as its row holds it."""
    found = {name: getattr(lot, name) for name in PLAIN} | asdict(lot.spec)
    return found | _held(lot) | _gone(lot)


def changes(lot: LotView, known: LotView) -> dict[str, Any]:
    """Return what of a lot's row may be another than it was when the lot was as `known`."""
    mine, theirs = vars(lot), vars(known)
    found = {name: mine[name] for name in PLAIN if mine[name] != theirs[name]}
    if lot.spec is not known.spec:
        found |= asdict(lot.spec)
    if lot.state is not known.state:
        found |= _held(lot)
    if lot.outside is not known.outside:
        found |= _gone(lot)
    return found


def _held(lot: LotView) -> dict[str, Any]:
    return {"state": lot.state.to_json(), "mass_g": lot.state.mass_g}


def _gone(lot: LotView) -> dict[str, Any]:
    gone = lot.outside is not NOTHING and lot.outside != NOTHING
    return {"outside": lot.outside.to_json() if gone else {}}
