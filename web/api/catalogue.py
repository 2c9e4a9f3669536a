"""Reference data for programs: public, each line with source, edition and confidence."""

from datetime import date
from typing import Annotated

from pydantic import Field

from remelt.platform.catalogue import queries
from remelt.web.api.base import api_blueprint
from remelt.web.api.catalogue_out import (
    AliasesOut,
    AlloysOut,
    CodesOut,
    EditionsOut,
    FacilitiesOut,
    FactorOut,
    FactorsOut,
    GradesOut,
    MetalsOut,
    PlaceOut,
    PlacesOut,
    RecoveryOut,
    TargetsOut,
)
from remelt.web.context import store
from remelt.web.inputs import ApiQuery

bp = api_blueprint("catalogue", tag="Catalogue")


class OnDay(ApiQuery):
    """What was, is or will be in force on a day; the newest of all without one."""

    on: date | None = None


class OfMetal(OnDay):
    """Lines of one metal."""

    metal: Annotated[str, Field(max_length=10)] | None = None


class GradesIn(OfMetal):
    """Grades of one metal, catalogue or code; named standards only when asked for."""

    system: Annotated[str, Field(max_length=20)] | None = None
    code: Annotated[str, Field(max_length=40)] | None = None
    standards: bool = False


class WordIn(ApiQuery):
    """A yard's word for a grade."""

    word: Annotated[str, Field(min_length=1, max_length=200)]


class PlacesIn(ApiQuery):
    """Places of a level, or under a parent."""

    level: Annotated[str, Field(max_length=20)] | None = None
    parent: Annotated[str, Field(max_length=6)] | None = None


class FactorIn(OnDay):
    """A factor as one edition had it."""

    edition: Annotated[str, Field(max_length=80)] | None = None


@bp.get("/catalogue/metals")
@bp.input(OnDay, location="query", arg_name="asked")
@bp.output(MetalsOut)
def get_metals(asked: OnDay) -> MetalsOut:
    """List the metals."""
    with store().read() as session:
        return MetalsOut.of(queries.metals(session, on=asked.on))


@bp.get("/catalogue/grades")
@bp.input(GradesIn, location="query", arg_name="asked")
@bp.output(GradesOut)
def get_grades(asked: GradesIn) -> GradesOut:
    """List the grades, cut down to a metal, a catalogue or a code."""
    with store().read() as session:
        rows = queries.grades(session, metal=asked.metal, standards=asked.standards, on=asked.on)
        return GradesOut.of(
            row
            for row in rows
            if asked.system in {None, row.system} and asked.code in {None, row.code}
        )


@bp.get("/catalogue/grades/find")
@bp.input(WordIn, location="query", arg_name="asked")
@bp.output(GradesOut)
def find_grades(asked: WordIn) -> GradesOut:
    """List every grade that a trade word may mean; one line when it has one meaning."""
    with store().read() as session:
        one = queries.find_grade(session, asked.word)
        return GradesOut.of([one] if one else queries.grades_named(session, asked.word))


@bp.get("/catalogue/aliases")
@bp.input(OnDay, location="query", arg_name="asked")
@bp.output(AliasesOut)
def get_aliases(asked: OnDay) -> AliasesOut:
    """List what yards call the grades."""
    with store().read() as session:
        return AliasesOut.of(queries.aliases(session, on=asked.on))


@bp.get("/catalogue/alloys")
@bp.input(OfMetal, location="query", arg_name="asked")
@bp.output(AlloysOut)
def get_alloys(asked: OfMetal) -> AlloysOut:
    """List the alloys with the limits of their elements in parts per million."""
    with store().read() as session:
        return AlloysOut.of(queries.alloys(session, base_metal=asked.metal, on=asked.on))


@bp.get("/catalogue/factors")
@bp.input(OnDay, location="query", arg_name="asked")
@bp.output(FactorsOut)
def get_factors(asked: OnDay) -> FactorsOut:
    """List the emission factors; a missing one has no value and says what must be supplied."""
    with store().read() as session:
        return FactorsOut.of(queries.factors(session, on=asked.on))


@bp.get("/catalogue/factors/<factor_id>")
@bp.input(FactorIn, location="query", arg_name="asked")
@bp.output(FactorOut)
def get_factor(factor_id: str, asked: FactorIn) -> FactorOut:
    """Give one factor, as in force or as a named edition had it."""
    with store().read() as session:
        named = factor_id.replace("\0", "")
        row = queries.factor(session, named, on=asked.on, edition=asked.edition)
        return FactorOut.model_validate(row)


@bp.get("/catalogue/recovery-rates")
@bp.input(OfMetal, location="query", arg_name="asked")
@bp.output(RecoveryOut)
def get_recovery(asked: OfMetal) -> RecoveryOut:
    """List recovery rates in 1/10,000."""
    with store().read() as session:
        metals = [asked.metal] if asked.metal else [m.code for m in queries.metals(session)]
        rows = [r for metal in metals for r in queries.recovery(session, metal=metal, on=asked.on)]
        return RecoveryOut.of(rows)


@bp.get("/catalogue/targets")
@bp.input(OnDay, location="query", arg_name="asked")
@bp.output(TargetsOut)
def get_targets(asked: OnDay) -> TargetsOut:
    """List policy targets, published figures and rules."""
    with store().read() as session:
        return TargetsOut.of(queries.targets(session, on=asked.on))


@bp.get("/catalogue/places")
@bp.input(PlacesIn, location="query", arg_name="asked")
@bp.output(PlacesOut)
def get_places(asked: PlacesIn) -> PlacesOut:
    """List places with their WGS84 points in micro-degrees."""
    with store().read() as session:
        return PlacesOut.of(queries.places(session, level=asked.level, parent=asked.parent))


@bp.get("/catalogue/places/<adcode>")
@bp.output(PlaceOut)
def get_place(adcode: str) -> PlaceOut:
    """Give one place."""
    with store().read() as session:
        return PlaceOut.model_validate(queries.place(session, adcode.replace("\0", "")))


@bp.get("/catalogue/codes")
@bp.input(OnDay, location="query", arg_name="asked")
@bp.output(CodesOut)
def get_codes(asked: OnDay) -> CodesOut:
    """List codes of the customs tariff, of Basel and of hazardous waste."""
    with store().read() as session:
        return CodesOut.of(queries.codes(session, on=asked.on))


@bp.get("/catalogue/facilities")
@bp.input(OnDay, location="query", arg_name="asked")
@bp.output(FacilitiesOut)
def get_facilities(asked: OnDay) -> FacilitiesOut:
    """List real facilities: map reference only, no party of the market."""
    with store().read() as session:
        return FacilitiesOut.of(queries.facilities(session, on=asked.on))


@bp.get("/catalogue/editions")
@bp.output(EditionsOut)
def get_editions() -> EditionsOut:
    """List every load of reference data, the newest first."""
    with store().read() as session:
        return EditionsOut.of(queries.editions(session))
