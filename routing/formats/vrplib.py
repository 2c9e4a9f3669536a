"""CVRPLIB files and their published routes, in the wider dialect that PyVRP's collection uses."""

import math
from dataclasses import dataclass

from remelt.routing.formats.numbers import DIMACS, EXACT, ROUNDED, Scale, number, whole
from remelt.routing.problem import DAY_S, BadProblem, Problem, Routes, Stop, Vehicle, Visit, Window

SCALES = {
    "CVRP": ROUNDED,
    "VRPTW": DIMACS,
    "PCVRPTW": DIMACS,
    "MTVRPTWR": DIMACS,
    "HFVRP": EXACT,
    "MDVRPTW": EXACT,
    "SDVRPTW": EXACT,
}
LONG_S = 100_000 * DAY_S


@dataclass(frozen=True, slots=True)
class File:
    """A file taken apart: one-line fields, and sections as node number -> words."""

    fields: dict[str, str]
    sections: dict[str, dict[int, list[str]]]
    scale: Scale

    def all_of(self, name: str, *, default: str) -> str:
        """Return a one-line field that holds for every node or vehicle."""
        return self.fields.get(name, default)

    def word(self, name: str, at: int, *, field: str = "", default: str = "0") -> str:
        """Return the word of a section for a node or vehicle, else the field of the whole file."""
        rows = self.sections.get(f"{name}_SECTION")
        if rows is None:
            return self.all_of(field or name, default=default)
        if at not in rows or not rows[at]:
            raise BadProblem("bad-file", f"{name} {at}")
        return rows[at][0]

    def scaled(self, name: str, at: int) -> int:
        """Return a distance, time or money of a node or vehicle in the scale of the collection."""
        return self.scale.whole(number(self.word(name, at)))


def read(text: str, *, scale: Scale | None = None) -> Problem:
    """Return the problem; rounding is the custom of the file's TYPE unless `scale` says other.

    Places and stops are called as in the published routes: the node's number less one.
    """
    file = _file(text, scale)
    nodes = file.sections.get("NODE_COORD_SECTION", {})
    if len(nodes) != whole(file.fields["DIMENSION"]):
        raise BadProblem("bad-file", "DIMENSION")
    if file.fields.get("EDGE_WEIGHT_TYPE", "EUC_2D") != "EUC_2D":
        raise BadProblem("unsupported-field", "EDGE_WEIGHT_TYPE")
    depots = list(file.sections.get("DEPOT_SECTION", {1: []}))
    xy = [(number(row[0]), number(row[1])) for row in nodes.values()]
    vehicles = _vehicles(file, depots, [each for each in nodes if each not in depots])
    allowed = file.sections.get("VEHICLES_ALLOWED_CLIENTS_SECTION")
    may = {car.key: set(allowed[at + 1]) for at, car in enumerate(vehicles)} if allowed else {}
    return Problem(
        matrix=file.scale.plane([str(node - 1) for node in nodes], xy),
        stops=tuple(_stop(file, node, may) for node in nodes if node not in depots),
        vehicles=vehicles,
    )


def read_routes(text: str, problem: Problem) -> tuple[Routes, float]:
    """Return the routes of a `.sol` file, vehicle by vehicle, and the cost it claims."""
    routes: Routes = {}
    claimed = math.nan
    lines = [line.replace(":", " ").split() for line in text.splitlines()]
    for words in lines:
        if words[:1] == ["Route"]:
            car = problem.vehicles[int(words[1].lstrip("#")) - 1]
            routes[car.key] = tuple(
                problem.stop(word).visits()[0] if problem.knows(word) else Visit(word, "reload")
                for word in words[2:]
            )
        elif words[:1] == ["Cost"]:
            claimed = float(words[1])
    return {key: visits for key, visits in routes.items() if visits}, claimed


def _file(text: str, scale: Scale | None) -> File:
    fields: dict[str, str] = {}
    sections: dict[str, dict[int, list[str]]] = {}
    rows: dict[int, list[str]] = {}
    for line in text.splitlines():
        words = line.split()
        if not words or words[0] in {"EOF", "-1"}:
            continue
        if ":" in line:
            name, value = line.split(":", 1)
            fields[name.strip()] = value.strip()
        elif words[0].endswith("_SECTION"):
            rows = sections.setdefault(words[0], {})
        else:
            rows[whole(words[0])] = words[1:]
    kind = fields.get("TYPE", "CVRP")
    if scale is None and kind not in SCALES:
        raise BadProblem("unsupported-field", f"TYPE {kind}")
    return File(fields, sections, scale or SCALES[kind])


def _stop(file: File, node: int, may: dict[str, set[str]]) -> Stop:
    prize = file.scaled("PRIZE", node) if "PRIZE_SECTION" in file.sections else None
    return Stop(
        key=str(node - 1),
        kind="delivery",
        place=str(node - 1),
        mass_kg=whole(file.word("DEMAND", node)),
        windows=(_window(file, node),),
        service_s=file.scaled("SERVICE_TIME", node),
        vehicles=frozenset(car for car, nodes in may.items() if str(node) in nodes)
        if may
        else None,
        prize_fen=prize or None,
        ready_s=file.scaled("RELEASE_TIME", node),
    )


def _window(file: File, node: int) -> Window:
    rows = file.sections.get("TIME_WINDOW_SECTION")
    if rows is None:
        return Window(0, LONG_S)
    return Window(*(file.scale.whole(number(word)) for word in rows[node]))


def _vehicles(file: File, depots: list[int], customers: list[int]) -> tuple[Vehicle, ...]:
    """The fleet; where the file bounds none, one so large that no better plan needs more.

    Two rounds of one truck that together fit into one can be joined without a longer way, so
    twice the fewest trucks and one more are always enough.
    """
    if "VEHICLES" in file.fields:
        count = whole(file.fields["VEHICLES"])
    else:
        total = sum(whole(file.word("DEMAND", node)) for node in customers)
        capacity = whole(file.word("CAPACITY", 1))
        if capacity <= 0:
            raise BadProblem("no-capacity", "CAPACITY")
        count = min(len(customers), 2 * -(-total // capacity) + 1)
    return tuple(_vehicle(file, at + 1, depots, len(customers)) for at in range(count))


def _vehicle(file: File, at: int, depots: list[int], stops: int) -> Vehicle:
    node = whole(file.word("VEHICLES_DEPOT", at, default=str(depots[0])))
    home = str(node - 1)
    shift = _window(file, node)
    longest = file.word("VEHICLES_MAX_DURATION", at, default="")
    reloads = file.sections.get("VEHICLES_RELOAD_DEPOT_SECTION", {}).get(at, [])
    return Vehicle(
        key=f"v{at}",
        capacity_kg=whole(file.word("CAPACITY", at, default=str(10**9))),
        start=home,
        end=home,
        shift_start_s=shift.start_s,
        shift_end_s=shift.end_s,
        fixed_fen=file.scaled("VEHICLES_FIXED_COST", at),
        fen_per_km=1000 * whole(file.word("VEHICLES_UNIT_DISTANCE_COST", at, default="1")),
        regular_s=file.scale.whole(number(longest)) if longest else None,
        reloads=stops if reloads else 0,
        reload_at=tuple(str(whole(word) - 1) for word in reloads),
    )
