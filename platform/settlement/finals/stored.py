"""Inputs as plain JSON, whole enough to work a settlement again years later, and back."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from remelt.platform.settlement.finals.inputs import Assay, Inputs, Weight
from remelt.platform.settlement.pricing.evaluating import Call
from remelt.platform.settlement.pricing.periods import Calendar
from remelt.platform.settlement.pricing.quotes import Index, Quoted


def inputs_json(inputs: Inputs) -> dict[str, Any]:
    """Return inputs as plain JSON, in one order whatever order they came in."""
    return {
        "weights": sorted(
            [w.side, w.load, w.ticket, w.day.isoformat(), w.gross_g, w.tare_g, w.deducted_g]
            for w in inputs.weights
        ),
        "assays": sorted([a.analyte, a.side, a.code, a.ppm] for a in inputs.assays),
        "calls": sorted([c.code, c.day.isoformat(), c.mass_g] for c in inputs.calls),
        "book": {code: _index_json(index) for code, index in sorted(inputs.book.items())},
        "window_over": inputs.window_over,
    }


def read_inputs(said: Mapping[str, Any]) -> Inputs:
    """Return the inputs that `inputs_json` wrote."""
    return Inputs(
        weights=tuple(
            Weight(
                side=side, load=load, ticket=ticket, day=date.fromisoformat(day),
                gross_g=gross_g, tare_g=tare_g, deducted_g=deducted_g,
            )
            for side, load, ticket, day, gross_g, tare_g, deducted_g in said["weights"]
        ),
        assays=tuple(
            Assay(analyte=analyte, side=side, code=code, ppm=ppm)
            for analyte, side, code, ppm in said["assays"]
        ),
        calls=tuple(Call(code, date.fromisoformat(day), g) for code, day, g in said["calls"]),
        book={code: _index(code, index) for code, index in said["book"].items()},
        window_over=said["window_over"],
    )  # fmt: skip


def _index_json(index: Index) -> dict[str, Any]:
    quotes = sorted(index.quotes.values(), key=lambda quoted: quoted.day)
    return {
        "unit": index.unit_text,
        "source": index.source,
        "closed": sorted(day.isoformat() for day in index.calendar.closed),
        "opened": sorted(day.isoformat() for day in index.calendar.opened),
        "quotes": [[q.day.isoformat(), q.value_e6, q.revision] for q in quotes],
    }


def _index(code: str, said: Mapping[str, Any]) -> Index:
    quotes = [
        Quoted(date.fromisoformat(day), value_e6, revision)
        for day, value_e6, revision in said["quotes"]
    ]
    calendar = Calendar(
        closed=frozenset(map(date.fromisoformat, said["closed"])),
        opened=frozenset(map(date.fromisoformat, said["opened"])),
    )
    return Index(
        code=code, unit_text=said["unit"], source=said["source"], calendar=calendar,
        quotes={quoted.day: quoted for quoted in quotes},
    )  # fmt: skip
