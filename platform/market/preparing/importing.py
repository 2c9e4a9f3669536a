"""Taking in a seller's list of lots: a dry run first, then all of it or nothing."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from sqlmodel import Session, col, select

from remelt.platform.catalogue import queries as catalogue
from remelt.platform.catalogue.models import Grade
from remelt.platform.catalogue.naming import Words
from remelt.platform.kernel.clock import Clock
from remelt.platform.kernel.codes import new_code
from remelt.platform.kernel.errors import Invalid, Refusal
from remelt.platform.kernel.sheets.errors import TooManyRows
from remelt.platform.kernel.sheets.headings import CellProblem
from remelt.platform.kernel.sheets.tables import Table, stop_at
from remelt.platform.market.drafts import (
    Ascending,
    FixedPrice,
    GradeFacts,
    ListingDraft,
    check_draft,
)
from remelt.platform.market.house import HOUSE, HouseRules
from remelt.platform.market.models import Listing
from remelt.platform.market.preparing.errors import (
    CellAmbiguousGrade,
    CellNumberTaken,
    CellUnknownGrade,
    TooManyDrafts,
)
from remelt.platform.market.preparing.filerows import LotRow
from remelt.platform.market.preparing.keeping import DAY_S, MOST, publish_rows, waiting
from remelt.platform.market.preparing.models import LotDraft
from remelt.platform.market.preparing.said import said_of
from remelt.platform.parties import queries as parties
from remelt.platform.parties.models import Site

MOST_ROWS: Final = 500
USUAL_STEP_FEN: Final = 5_000
CHOICES: Final = 4
_COLUMNS: Final = {
    "declared_mass_g": "mass", "grade_code": "grade", "fixed_fen_per_t": "price",
    "start_fen_per_t": "price", "reserve_fen_per_t": "reserve", "step_fen_per_t": "step",
    "origin_area": "area", "certificate": "certificate", "vat_rate_bp": "vat",
    "closes_at": "days", "title": "title", "description": "description",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Prepared:
    """One row as it would become a draft."""

    row: LotRow
    grade: Grade
    draft: ListingDraft


@dataclass(frozen=True, slots=True)
class Preview:
    """What an import would do. `known`: how many rows of this very file were taken in before."""

    parsed: Table[LotRow]
    lots: tuple[Prepared, ...]
    problems: tuple[CellProblem, ...]
    known: int

    @property
    def mass_g(self) -> int:
        """What all lots together weigh by their seller's word, in g."""
        return sum(each.draft.declared_mass_g for each in self.lots)


@dataclass(frozen=True, slots=True)
class Taken:
    """What an import did: the drafts made, the listings that they became, rows known before."""

    drafts: tuple[LotDraft, ...]
    listings: tuple[Listing, ...]
    known: int


def dry_run(
    session: Session,
    *,
    clock: Clock,
    seller_id: int,
    site_id: int,
    parsed: Table[LotRow],
    house: HouseRules = HOUSE,
) -> Preview:
    """Work out every lot of the file and name every cell that stands in the way.

    The rules are those of a listing that is typed. Rows of this file that were taken in before
    are left alone; nothing is written. Raises `NoSuchSite`, and `TooManyRows` beyond 500 lots.
    """
    site = parties.site_by_id(session, site_id=site_id, organisation_id=seller_id)
    if len(parsed.rows) > MOST_ROWS:
        raise TooManyRows(field="file", limit_rows=MOST_ROWS)
    known = _known_rows(session, seller_id=seller_id, parsed=parsed)
    fresh = [row for row in parsed.rows if row.row not in known]
    words = catalogue.words_of(session, {row.grade for row in fresh})
    work = _Work(words=words, parsed=parsed, site=site, now=clock.now(session), house=house)
    taken = _taken_numbers(session, seller_id=seller_id, rows=fresh)
    lots = [lot for row in fresh if (lot := work.prepare(row, taken=taken)) is not None]
    problems = sorted((*parsed.problems, *work.problems), key=lambda each: each.row)
    return Preview(parsed=parsed, lots=tuple(lots), problems=tuple(problems), known=len(known))


def import_lots(
    session: Session,
    *,
    clock: Clock,
    seller_id: int,
    person_id: int,
    site_id: int,
    parsed: Table[LotRow],
    publish: bool,
    house: HouseRules = HOUSE,
) -> Taken:
    """Keep every lot of the file as a draft; with `publish` put all of them on the market.

    One transaction, the seller locked: all or nothing, and the same file again makes nothing.
    Raises `ImportHasErrors` when one cell stands in the way, `TooManyDrafts` beyond 6,000.
    """
    parties.organisation_by_id(session, organisation_id=seller_id, lock=True)
    preview = dry_run(
        session, clock=clock, seller_id=seller_id, site_id=site_id, parsed=parsed,
        house=house,
    )  # fmt: skip
    if not publish and waiting(session, seller_id=seller_id) + len(preview.lots) > MOST:
        raise TooManyDrafts(most=MOST)
    stop_at(preview.problems)
    now = clock.now(session)
    drafts = [
        _draft_row(each, parsed=parsed, seller_id=seller_id, person_id=person_id,
                   site_id=site_id, now=now)
        for each in preview.lots
    ]  # fmt: skip
    session.add_all(drafts)
    session.flush()
    listings = (
        publish_rows(
            session, clock=clock, rows=drafts, seller_id=seller_id, person_id=person_id,
            house=house,
        )
        if publish and drafts
        else []
    )  # fmt: skip
    return Taken(drafts=tuple(drafts), listings=tuple(listings), known=preview.known)


@dataclass(slots=True)
class _Work:
    """Turns rows into drafts by words that were looked up at once; gathers what is wrong."""

    words: Words
    parsed: Table[LotRow]
    site: Site
    now: datetime
    house: HouseRules
    problems: list[CellProblem] = field(default_factory=list)

    def prepare(self, row: LotRow, *, taken: Counter[str]) -> Prepared | None:
        """Return a row as a draft, or None once what stands in its way is gathered."""
        if row.number and taken[row.number] > 1:
            self._wrong(row, "number", CellNumberTaken(number=row.number))
            return None
        grade = self._grade(row)
        if grade is None:
            return None
        draft = _draft(row, grade=grade, now=self.now)
        try:
            check_draft(
                draft, grade=GradeFacts(metal=grade.metal, hazard=grade.hazard),
                site_adcode=self.site.adcode, photos=0, now=self.now, house=self.house,
            )  # fmt: skip
        except Invalid as refusal:
            self._wrong(row, _column_of(refusal), refusal)
            return None
        return Prepared(row=row, grade=grade, draft=draft)

    def _grade(self, row: LotRow) -> Grade | None:
        one = self.words.grade(row.grade)
        found = [one] if one else self.words.grades(row.grade)
        if len(found) == 1:
            return found[0]
        if not found:
            self._wrong(row, "grade", CellUnknownGrade(typed=row.grade[:30]))
        else:
            choices = ", ".join(f"{each.system} {each.code}" for each in found[:CHOICES])
            self._wrong(row, "grade", CellAmbiguousGrade(typed=row.grade[:30], choices=choices))
        return None

    def _wrong(self, row: LotRow, name: str, refusal: Invalid) -> None:
        found = self.parsed.headings.problem(name, row=row.row, refusal=refusal)
        self.problems.append(found)


def _draft(row: LotRow, *, grade: Grade, now: datetime) -> ListingDraft:
    price = (
        Ascending(
            start_fen_per_t=row.price_fen_per_t,
            step_fen_per_t=row.step_fen_per_t or USUAL_STEP_FEN,
            reserve_fen_per_t=row.reserve_fen_per_t,
        )
        if row.auction
        else FixedPrice(price_fen_per_t=row.price_fen_per_t)
    )
    return ListingDraft(
        metal=grade.metal,
        grade_system=grade.system,
        grade_code=grade.code,
        form=row.form,
        declared_mass_g=row.mass_g,
        origin=row.origin,
        evidence="declared",
        productive=row.productive,
        hazard_free=True,
        radiation_checked=True,
        no_sealed_vessels=True,
        track=_track(row.area),
        origin_area=row.area,
        price=price,
        tax_included=row.with_invoice,
        vat_rate_bp=row.vat_rate_bp,
        closes_at=now + timedelta(days=row.days),
        certificate=row.certificate,
        title=row.title,
        description=row.description,
    )


def _track(area: str) -> str:
    if not area:
        return "in_province"
    return "out_of_province" if area.isdigit() else "import"


def _draft_row(
    lot: Prepared,
    *,
    parsed: Table[LotRow],
    seller_id: int,
    person_id: int,
    site_id: int,
    now: datetime,
) -> LotDraft:
    return LotDraft(
        code=new_code(),
        seller_id=seller_id,
        person_id=person_id,
        site_id=site_id,
        said=said_of(lot.draft),
        photos=[],
        open_s=lot.row.days * DAY_S,
        own_number=lot.row.number,
        from_file=parsed.sha256,
        from_row=lot.row.row,
        kept_at=now,
        changed_at=now,
    )


def _known_rows(session: Session, *, seller_id: int, parsed: Table[LotRow]) -> set[int]:
    rows = session.exec(
        select(LotDraft.from_row).where(
            LotDraft.seller_id == seller_id, LotDraft.from_file == parsed.sha256
        )
    )
    return {row for row in rows if row is not None}


def _taken_numbers(session: Session, *, seller_id: int, rows: list[LotRow]) -> Counter[str]:
    """Count how often each number stands: in this file, and on the seller's drafts and listings."""
    counted = Counter(row.number for row in rows if row.number)
    held = session.exec(
        select(LotDraft.own_number).where(
            LotDraft.seller_id == seller_id,
            col(LotDraft.own_number).in_(list(counted)),
            col(LotDraft.dropped_at).is_(None),
        )
    )
    counted.update(held)
    return counted


def _column_of(refusal: Refusal) -> str:
    return _COLUMNS.get(refusal.field or "", "grade")
