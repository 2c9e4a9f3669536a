"""What a lot's metal is made of, as well as anybody knows: measured, reckoned or assumed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlmodel import Session, col, func, select

from remelt.platform.catalogue.queries import Alloy
from remelt.platform.works.alloy_classes import Named, of_alloy
from remelt.platform.works.charge_models import Material
from remelt.platform.works.charging.problem import WHOLE_BP, WHOLE_PPM, Content
from remelt.platform.works.recipes import SYSTEM_BETWEEN
from remelt.traceability.door.reading import opened_all
from remelt.traceability.models import EventLot, LedgerEvent

MEASURED, RECKONED, ASSUMED = "measured", "reckoned", "assumed"
Elements = Mapping[str, Content]


@dataclass(frozen=True, slots=True)
class Known:
    """The contents of a lot's metal, and how they are known: measured, reckoned or assumed."""

    elements: Elements
    how: str


class Chemist:
    """Says what the metal of a grade is made of, for one smelter and day.

    An analysis of the lot comes first, then what the smelter wrote down of the grade, then the
    limits of the alloys that the grade's class names: the middle of each, a quarter of the span
    as deviation. A grade of no known alloy stays unknown.
    """

    def __init__(
        self,
        *,
        materials: Sequence[Material],
        classes: Mapping[Named, str],
        alloys: Sequence[Alloy],
        assays: Mapping[int, Elements],
    ) -> None:
        self._materials = {row.name: row for row in materials if row.kind == "grade"}
        self._classes, self._alloys, self._assays = classes, alloys, assays

    def material(self, grade: Named) -> Material | None:
        """Return what the smelter wrote down of a grade."""
        return self._materials.get(SYSTEM_BETWEEN.join(grade))

    def of(self, grade: Named, *, lot_id: int | None = None) -> Known | None:
        """Return the contents of a lot of a grade, or None when nobody knows them."""
        measured = None if lot_id is None else self._assays.get(lot_id)
        if measured is not None:
            return Known(measured, MEASURED)
        said = self.material(grade)
        if said is not None and said.contents:
            return Known({name: Content(*pair) for name, pair in said.contents.items()}, RECKONED)
        assumed = assumed_of(self._classes.get(grade, ""), self._alloys)
        return Known(assumed, ASSUMED) if assumed else None


def assumed_of(alloy_class: str, alloys: Sequence[Alloy]) -> dict[str, Content]:
    """Return contents from the limits of the alloys of a class; empty when it names none.

    An alloy stands for itself, a series for all its complete alloys: the middle of their limits,
    a quarter of the span as standard deviation.
    """
    family, series, alloy = ([*alloy_class.split(":"), "", "", ""])[:3]
    of_series = [
        each
        for each in alloys
        if each.family == family and each.complete and _named(each, series, alloy)
    ]
    spans: dict[str, list[int]] = {}
    for each in of_series:
        for limit in each.limits:
            if limit.max_ppm is not None and not limit.element.startswith("others"):
                spans.setdefault(limit.element, []).extend((limit.min_ppm or 0, limit.max_ppm))
    return {
        name: Content((min(span) + max(span)) // 2, (max(span) - min(span)) // 4)
        for name, span in spans.items()
        if max(span) < WHOLE_PPM // 2
    }


def _named(alloy: Alloy, series: str, name: str) -> bool:
    """Tell whether an alloy is the one named, or of a series: 6xxx is 6 and three digits."""
    if name:
        return alloy.alloy == name
    mine = of_alloy(alloy).split(":")[1].split("+")
    return bool(series) and bool(set(series.split("+")) & set(mine))


def assays_of_lots(session: Session, lot_ids: Sequence[int]) -> dict[int, Elements]:
    """Return the last analysis of each lot that has one: mean and deviation by element."""
    newest = session.exec(
        select(EventLot.lot_id, func.max(LedgerEvent.id))
        .join(LedgerEvent, col(LedgerEvent.id) == col(EventLot.event_key))
        .where(col(EventLot.lot_id).in_(lot_ids), LedgerEvent.kind == "assay")
        .group_by(col(EventLot.lot_id))
    ).all()
    keys = {event: lot for lot, event in newest}
    events = session.exec(select(LedgerEvent).where(col(LedgerEvent.id).in_(keys))).all()
    return {
        keys[event.key]: {
            name: Content(ppm, facts["sd_ppm"].get(name, 0))
            for name, ppm in facts["elements_ppm"].items()
        }
        for event, facts in zip(events, opened_all(session, events), strict=True)
    }


def with_base(elements: Elements, metal: str) -> Elements:
    """Return contents with the base metal: what nothing else is said to be, as uncertain as all.

    >>> with_base({"Si": Content(10_000, 500)}, "Al")["Al"]
    Content(mean_ppm=990000, sd_ppm=500)
    """
    if metal in elements:
        return elements
    rest = WHOLE_PPM - sum(each.mean_ppm for each in elements.values())
    spread = sum(each.sd_ppm for each in elements.values())
    return {**elements, metal: Content(max(0, rest), spread)}


def purity_bp(row: Material) -> int:
    """Return the content of a bought metal in its own element; what is not named is that.

    A master alloy says its element; of primary metal the rest of its contents is the metal.
    """
    named = {name: mean for name, (mean, _sd) in row.contents.items()}
    rest = WHOLE_PPM - sum(named.values())
    return int(named.get(row.element, rest)) * WHOLE_BP // WHOLE_PPM
