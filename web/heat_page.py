"""One heat as its page says it: the account, the footprint line by line, composition to limits."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlmodel import Session

from remelt.platform.catalogue import queries as catalogue
from remelt.platform.catalogue.queries import Alloy
from remelt.platform.works import queries
from remelt.platform.works.balance import COLUMNS, Account, account_of
from remelt.platform.works.queries import HeatLine, Told
from remelt.traceability.models import Lot, MeltLine
from remelt.traceability.rules.footprint import Footprint, footprint
from remelt.traceability.rules.shares import Share, lot_share
from remelt.web.fmt import MISSING
from remelt.web.views.reference_tables import limit

UNKNOWN = "unknown"
MG = 1_000
CAST = COLUMNS.index("cast")
WHOLE_PPM = 1_000_000


@dataclass(frozen=True, slots=True)
class Cast:
    """One cast lot: mass as tapped, footprint and recycled content as they now are."""

    lot: Lot
    mass_g: int
    footprint: Footprint
    share: Share


@dataclass(frozen=True, slots=True)
class Content:
    """One element of the cast against the limits of the alloy, in parts per million."""

    element: str
    ppm: int
    min_ppm: int | None
    max_ppm: int | None

    @property
    def fits(self) -> bool:
        """Whether the books' content lies within the limits."""
        low = self.min_ppm is None or self.ppm >= self.min_ppm
        return low and (self.max_ppm is None or self.ppm <= self.max_ppm)


@dataclass(frozen=True, slots=True)
class HeatView:
    """Everything the page of a heat shows."""

    told: Told
    casts: tuple[Cast, ...]
    others: tuple[tuple[Lot, int, str], ...]
    account: Account
    base: MeltLine | None
    contents: tuple[Content, ...]
    unknown_ppm: int
    alloy_complete: bool


def heat_view(session: Session, line: HeatLine) -> HeatView:
    """Return what the page of a heat shows."""
    told = queries.told(session, event_hash=line.heat.event_hash)
    alloy = next(
        (
            one
            for one in catalogue.alloys(session)
            if (one.alloy, one.standard) == (line.heat.alloy, line.heat.standard)
        ),
        None,
    )
    account = account_of(told.working)
    elements = {name: row[CAST] for name, row in account["elements"].items()}
    total = sum(elements.values()) or 1
    return HeatView(
        told=told,
        casts=tuple(
            Cast(
                lot=lot,
                mass_g=mass_g,
                footprint=footprint(lot.vectors),
                share=lot_share(lot.vectors),
            )
            for lot, mass_g, role in told.outputs
            if role == "product"
        ),
        others=tuple(each for each in told.outputs if each[2] != "product"),
        account=account,
        base=next((melt for melt in told.melts if melt.base), None),
        contents=tuple(_contents(elements, total, alloy)),
        unknown_ppm=elements.get(UNKNOWN, 0) * WHOLE_PPM // total,
        alloy_complete=alloy is not None and alloy.complete,
    )


def _contents(elements: dict[str, int], total: int, alloy: Alloy | None) -> Sequence[Content]:
    limits = {limit.element: limit for limit in alloy.limits} if alloy else {}
    named = sorted({*elements, *limits} - {UNKNOWN, "O", "others_each", "others_total"})
    return [
        Content(
            element=name,
            ppm=elements.get(name, 0) * WHOLE_PPM // total,
            min_ppm=limits[name].min_ppm if name in limits else None,
            max_ppm=limits[name].max_ppm if name in limits else None,
        )
        for name in named
    ]


def limit_text(content: Content) -> str:
    """Say the limits of one element in per cent, an en dash where there are none."""
    if content.min_ppm is None and content.max_ppm is None:
        return MISSING
    return limit("", content.min_ppm, content.max_ppm).strip()


def thousandths(milligrams: Sequence[int]) -> list[int]:
    """Return a line of an account in grams, each cell rounded half up."""
    return [(2 * mg + MG) // (2 * MG) for mg in milligrams]
