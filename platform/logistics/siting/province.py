"""The shipped example: a province's counties as zones and as places where a hub could stand.

Counties and their points are the catalogue's. Every figure without a source is an assumption of
the example and says so; the firms are invented.
"""

import csv
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Final

from sqlmodel import Session

from remelt.platform.catalogue import queries as catalogue
from remelt.platform.catalogue.models import Place
from remelt.platform.logistics.siting.errors import NoEstimate

NATION: Final = "100000"
RECOVERED: Final = {"Al": "cn_scrap_al_h1_2025", "Cu": "cn_scrap_cu_h1_2025"}
HALF_YEARS: Final = 2
KG_PER_MT: Final = 10**9
FACTORS: Final = {"inbound": "tkm_cn_diesel_2t", "outbound": "tkm_cn_diesel_30t"}
FEN_PER_T_KM: Final = {"inbound": 120, "outbound": 45}
HANDLING_FEN_PER_T: Final = 8_000
PLANT: Final = "smelting-plant"
Row = dict[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What a scenario of the example asks. buys: hubs also buy at the gate.

    buffer_m: how far purchase points must be from what the law names; it names no distance.
    """

    least_hubs: int = 0
    most_hubs: int | None = None
    longest_m: int | None = None
    budget_fen: int | None = None
    fen_per_t_co2e: int = 0
    left_fen_per_t: int | None = None
    one_hub: bool = False
    out_of_province: bool = True
    buys: bool = False
    buffer_m: int = 500


def example(session: Session, *, province: str, wish: Wish) -> dict[str, Any]:
    """Return the scenario of a province's counties as `routing.siting.codec` reads it.

    Besides, `names` gives each key in both languages and `about` says where figures come from.
    Raises `NoEstimate` where no county has a point and a population.
    """
    counties = [
        county
        for county in catalogue.places(session, level="county")
        if county.adcode.startswith(province[:2]) and county.lat_e6 is not None
    ]
    people = _people(counties)
    if not people:
        raise NoEstimate(province=province)
    heads = _kg_per_heads(session)
    plants = [
        row for row in _rows("smelters") if wish.out_of_province or row["in_province"] == "yes"
    ]
    points = {county.adcode: county for county in counties}
    return {
        "places": [_place(county) for county in counties]
        + [_afar(row) for row in plants if not row["adcode"]],
        "zones": [
            {
                "key": key,
                "place": key,
                "supply_kg": {
                    family: persons * kg // nation for family, (kg, nation) in heads.items()
                },
            }
            for key, persons in people.items()
        ],
        "candidates": [_candidate(key, buys=wish.buys) for key in people],
        "smelters": [_smelter(row) for row in plants],
        "inbound": _haul(session, "inbound"),
        "outbound": _haul(session, "outbound"),
        "terms": _terms(wish),
        "buffers": [_buffer(row, wish.buffer_m) for row in _rows("exclusion")],
        "neighbours": [_neighbour(row, points) for row in plants],
        "names": _names(points, plants),
        "about": _about(session),
    }


def _people(counties: Iterable[Place]) -> dict[str, int]:
    """The census of each prefecture, shared equally by its counties: an estimate."""
    census = {row["adcode"]: int(row["persons"]) for row in _rows("population")}
    groups: dict[str, list[str]] = {}
    for county in counties:
        if county.parent in census:
            groups.setdefault(str(county.parent), []).append(county.adcode)
    return {
        adcode: census[parent] // len(group) for parent, group in groups.items() for adcode in group
    }


def _kg_per_heads(session: Session) -> dict[str, tuple[int, int]]:
    """For each family the scrap recovered in the country in a year, in kg, and its people."""
    actual = {row.target_id: row for row in catalogue.targets(session)}
    nation = next(int(row["persons"]) for row in _rows("population") if row["adcode"] == NATION)
    found = {}
    for family, name in RECOVERED.items():
        row = actual.get(name)
        if row is not None and row.value_digits is not None and row.unit == "Mt":
            kg = HALF_YEARS * row.value_digits * KG_PER_MT // 10 ** (row.value_places or 0)
            found[family] = (kg, nation)
    if not found:
        raise NoEstimate(province="")
    return found


def _place(county: Place) -> dict[str, Any]:
    return {"key": county.adcode, "lat_e6": county.lat_e6, "lon_e6": county.lon_e6}


def _afar(row: Row) -> dict[str, Any]:
    lat_e6, lon_e6 = (round(float(row[name]) * 1_000_000) for name in ("lat", "lon"))
    return {"key": row["key"], "lat_e6": lat_e6, "lon_e6": lon_e6}


def _candidate(adcode: str, *, buys: bool) -> dict[str, Any]:
    return {
        "key": adcode,
        "place": adcode,
        "steps": [
            {
                "capacity_kg": int(row["capacity_t"]) * 1000,
                "fixed_fen": int(row["fixed_yuan"]) * 100,
            }
            for row in _rows("sizes")
        ],
        "handling_fen_per_t": HANDLING_FEN_PER_T,
        "buys": buys,
    }


def _smelter(row: Row) -> dict[str, Any]:
    return {
        "key": row["key"],
        "place": row["adcode"] or row["key"],
        "takes_kg": {row["family"]: int(row["takes_t"]) * 1000},
        "gain_fen_per_t": {row["family"]: int(row["gain_yuan_per_t"]) * 100},
        "in_province": row["in_province"] == "yes",
    }


def _haul(session: Session, name: str) -> dict[str, int]:
    factor = catalogue.factor(session, FACTORS[name])
    digits, places = factor.value_digits, factor.value_places or 0
    if digits is None:
        raise NoEstimate(province=factor.factor_id)
    return {
        "fen_per_t_km": FEN_PER_T_KM[name],
        "g_co2e_per_t_km": (2 * digits * 1000 + 10**places) // (2 * 10**places),
    }


def _terms(wish: Wish) -> dict[str, Any]:
    return {
        "longest_m": wish.longest_m,
        "least_hubs": wish.least_hubs,
        "most_hubs": wish.most_hubs,
        "budget_fen": wish.budget_fen,
        "fen_per_t_co2e": wish.fen_per_t_co2e,
        "left_fen_per_t": wish.left_fen_per_t,
        "one_hub": wish.one_hub,
    }


def _buffer(row: Row, metres: int) -> dict[str, Any]:
    return {
        "kind": row["kind"],
        "distance_m": int(row["distance_m"] or metres),
        "source": row["source"],
        "buyers_only": row["buyers_only"] == "yes",
    }


def _neighbour(row: Row, points: dict[str, Place]) -> dict[str, Any]:
    spot = points.get(row["adcode"])
    where = _afar(row) if spot is None else _place(spot)
    return where | {"key": row["key"], "kind": PLANT}


def _names(points: dict[str, Place], plants: list[Row]) -> dict[str, dict[str, str]]:
    counties = {
        key: {"zh": row.name_zh, "en": row.name_en or row.name_zh} for key, row in points.items()
    }
    return counties | {row["key"]: {"zh": row["name_zh"], "en": row["name_en"]} for row in plants}


def _about(session: Session) -> list[dict[str, str]]:
    """Where the figures come from, as rows of kind, source and confidence."""
    census = [row for row in _rows("population") if row["adcode"] != NATION]
    rows = [{"what": "population", "source": census[0]["source"], "confidence": "sourced"}]
    rows += [
        {"what": "recovered", "source": target.document, "confidence": target.confidence}
        for target in catalogue.targets(session)
        if target.target_id in RECOVERED.values()
    ]
    for name in FACTORS.values():
        factor = catalogue.factor(session, name)
        rows.append({"what": "factor", "source": factor.source, "confidence": factor.confidence})
    return rows


@cache
def _rows(name: str) -> list[Row]:
    text = (files(__package__) / "data" / f"{name}.csv").read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines()))
