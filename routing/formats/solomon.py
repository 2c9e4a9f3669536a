"""Solomon's and Gehring & Homberger's text files: deliveries with time windows."""

from remelt.routing.formats.numbers import DIMACS, Scale, number, whole
from remelt.routing.problem import BadProblem, Problem, Stop, Vehicle, Window

COLUMNS = 7


def read(text: str, *, scale: Scale = DIMACS) -> Problem:
    """Return the problem; distances and times are tenths, cut off, unless `scale` says other."""
    rows = [line.split() for line in text.splitlines()]
    fleet = next((row for row in rows if len(row) == 2 and row[0].isdigit()), None)  # noqa: PLR2004
    nodes = [row for row in rows if len(row) == COLUMNS and row[0].isdigit()]
    if fleet is None or not nodes:
        raise BadProblem("bad-file", "no vehicles or no customers")
    keys = [row[0] for row in nodes]
    depot, *customers = nodes
    window = _window(depot, scale)
    return Problem(
        matrix=scale.plane(keys, [(number(row[1]), number(row[2])) for row in nodes]),
        stops=tuple(
            Stop(
                key=row[0],
                kind="delivery",
                place=row[0],
                mass_kg=whole(row[3]),
                windows=(_window(row, scale),),
                service_s=scale.whole(number(row[6])),
            )
            for row in customers
        ),
        vehicles=tuple(
            Vehicle(
                key=f"v{at + 1}",
                capacity_kg=whole(fleet[1]),
                start=depot[0],
                end=depot[0],
                shift_start_s=window.start_s,
                shift_end_s=window.end_s,
                fen_per_km=1000,
            )
            for at in range(whole(fleet[0]))
        ),
    )


def _window(row: list[str], scale: Scale) -> Window:
    return Window(scale.whole(number(row[4])), scale.whole(number(row[5])))
