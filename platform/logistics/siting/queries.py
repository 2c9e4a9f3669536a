"""What pages and programs read of siting."""

from dataclasses import dataclass
from typing import Any

from sqlmodel import Session, col, select

from remelt.platform.kernel.jobs import Job
from remelt.platform.logistics.siting.asking import by_code
from remelt.platform.logistics.siting.models import SitingScenario
from remelt.routing.siting.obstacles import OUT_OF_TIME

Json = dict[str, Any]
Spots = dict[str, tuple[float, float]]


@dataclass(frozen=True, slots=True)
class ScenarioView:
    """A scenario with how far it is: waiting, running, solved, impossible, out-of-time, failed."""

    row: SitingScenario
    job: Job

    @property
    def state(self) -> str:
        """Where it stands."""
        if self.row.answer is not None:
            return "solved"
        if self.row.obstacles is not None:
            late = any(each["code"] == OUT_OF_TIME for each in self.row.obstacles)
            return OUT_OF_TIME if late else "impossible"
        return "failed" if self.job.state in {"failed", "done"} else self.job.state


@dataclass(frozen=True, slots=True)
class HubLine:
    """One open hub: its size, what it takes, and how full that makes it in 1/10,000."""

    key: str
    capacity_kg: int
    fixed_fen: int
    taken_kg: int
    sent_kg: dict[str, int]
    zones: int

    @property
    def use_bp(self) -> int:
        """How much of its capacity is used."""
        return self.taken_kg * 10_000 // self.capacity_kg


def scenarios(session: Session, *, limit: int = 50) -> list[ScenarioView]:
    """Return the scenarios of everybody who plans, the newest first."""
    statement = (
        select(SitingScenario, Job)
        .join(Job, col(Job.code) == col(SitingScenario.job_code))
        .order_by(col(SitingScenario.id).desc())
        .limit(limit)
    )
    return [ScenarioView(row, job) for row, job in session.exec(statement)]


def scenario(session: Session, *, code: str) -> ScenarioView:
    """Return one scenario. Raises `NoSuchScenario`."""
    row = by_code(session, code=code)
    job = session.exec(select(Job).where(Job.code == row.job_code)).one()
    return ScenarioView(row, job)


def hub_lines(row: SitingScenario) -> list[HubLine]:
    """Return the open hubs of an answer, the largest intake first."""
    if row.answer is None:
        return []
    sites, verdict = row.answer["sites"], row.answer["verdict"]
    candidates = {each["key"]: each for each in row.inputs["candidates"]}
    sent: dict[str, dict[str, int]] = {key: {} for key in sites["steps"]}
    zones: dict[str, set[str]] = {key: set() for key in sites["steps"]}
    for flow in sites["outflows"]:
        by_end = sent[flow["hub"]]
        by_end[flow["smelter"]] = by_end.get(flow["smelter"], 0) + flow["mass_kg"]
    for flow in sites["inflows"]:
        zones[flow["hub"]].add(flow["zone"])
    lines = [
        HubLine(
            key=key,
            capacity_kg=candidates[key]["steps"][number]["capacity_kg"],
            fixed_fen=candidates[key]["steps"][number]["fixed_fen"],
            taken_kg=verdict["taken_kg"][key],
            sent_kg=dict(sorted(sent[key].items(), key=lambda each: -each[1])),
            zones=len(zones[key]),
        )
        for key, number in sites["steps"].items()
    ]
    return sorted(lines, key=lambda line: (-line.taken_kg, line.key))


def spots_of(inputs: Json) -> dict[str, Spots]:
    """Return where zones, candidates and smelters are: latitude and longitude in degrees."""
    places = {
        each["key"]: (each["lat_e6"] / 1e6, each["lon_e6"] / 1e6)
        if "lat_e6" in each
        else (float(each["lat"]), float(each["lon"]))
        for each in inputs["places"]
    }
    return {
        name: {each["key"]: places[each["place"]] for each in inputs[name]}
        for name in ("zones", "candidates", "smelters")
    }


def name_of(inputs: Json, key: str, *, zh: bool) -> str:
    """Return what a place, hub or smelter is called; its key where it has no name."""
    given = inputs.get("names", {}).get(key, {})
    first, second = ("zh", "en") if zh else ("en", "zh")
    return str(given.get(first) or given.get(second) or key)
