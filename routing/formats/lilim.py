"""Li & Lim's text files: pairs of a loading and an unloading, with time windows."""

from remelt.routing.formats.numbers import HUNDREDTHS, Scale, number, whole
from remelt.routing.problem import BadProblem, Problem, Stop, Vehicle, Window

COLUMNS = 9


def read(text: str, *, scale: Scale = HUNDREDTHS) -> Problem:
    """Return the problem; distances and times are hundredths, rounded."""
    rows = [line.split() for line in text.splitlines() if line.strip()]
    fleet, nodes = rows[0], rows[1:]
    if len(fleet) < 2 or not nodes or any(len(row) != COLUMNS for row in nodes):  # noqa: PLR2004
        raise BadProblem("bad-file", "not nine columns")
    at = {row[0]: row for row in nodes}
    depot = nodes[0]
    window = _window(depot, scale)
    return Problem(
        matrix=scale.plane(list(at), [(number(row[1]), number(row[2])) for row in nodes]),
        stops=tuple(_pair(row, at, scale) for row in nodes[1:] if row[8] != "0"),
        vehicles=tuple(
            Vehicle(
                key=f"v{number_ + 1}",
                capacity_kg=whole(fleet[1]),
                start=depot[0],
                end=depot[0],
                shift_start_s=window.start_s,
                shift_end_s=window.end_s,
                fen_per_km=1000,
            )
            for number_ in range(whole(fleet[0]))
        ),
    )


def _pair(row: list[str], at: dict[str, list[str]], scale: Scale) -> Stop:
    if row[8] not in at:
        raise BadProblem("unknown-place", row[8])
    there = at[row[8]]
    return Stop(
        key=row[0],
        kind="pair",
        place=row[0],
        mass_kg=whole(row[3]),
        to=there[0],
        windows=(_window(row, scale),),
        to_windows=(_window(there, scale),),
        service_s=scale.whole(number(row[6])),
        to_service_s=scale.whole(number(there[6])),
    )


def _window(row: list[str], scale: Scale) -> Window:
    return Window(scale.whole(number(row[4])), scale.whole(number(row[5])))
