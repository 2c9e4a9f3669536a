"""Shares and heats for programs of the regulator and of auditors."""

from remelt.platform.kernel.codes import read_code
from remelt.traceability import queries as ledger
from remelt.traceability.queries import ShareRow
from remelt.traceability.tracing.melting import Melt
from remelt.traceability.tracing.sources import sources
from remelt.web.api.base import api_blueprint
from remelt.web.context import clock, needs, settings, store
from remelt.web.inputs import ApiOut
from remelt.web.regulation import (
    Asked,
    AskedMelts,
    AskedTrace,
    By,
    covered,
    melts_of,
    period_of,
    rows_of,
)

bp = api_blueprint("regulation", tag="Regulation")


class ShareOut(ApiOut):
    """One row: recycled metal used over all metal used, contained, in mg."""

    key: str
    formula: str
    numerator_mg: int
    denominator_mg: int
    post_mg: int
    pre_mg: int
    share_bp: int | None
    heats: int
    sites: int
    charged_g: int
    cast_g: int
    co2e_g: int
    internal_mg: int
    remelted_mg: int
    estimated_mg: int
    blocked_mg: int
    in_province_mg: int
    unexplained_g: int


class SharesOut(ApiOut):
    """A table of shares, and what it covers."""

    metal: str
    month_from: str
    month_to: str
    by: By
    coverage: str
    reporting_sites: int
    register_sites: int
    rows: list[ShareOut]


class MeltOut(ApiOut):
    """One heat in one metal; the three recycled contents as [numerator, denominator]."""

    event_hash: str
    metal: str
    site: str
    adcode: str
    month: str
    post_mg: int
    pre_mg: int
    unknown_mg: int
    primary_mg: int
    internal_mg: int
    remelted_mg: int
    estimated_mg: int
    charged_g: int
    cast_g: int
    co2e_g: int
    unexplained_g: int
    claims_blocked: bool
    product: tuple[int, int] | None
    element: tuple[int, int] | None
    charge: tuple[int, int] | None


class MeltsOut(ApiOut):
    """Heats, newest first; without a `key` those of the whole period."""

    metal: str
    month_from: str
    month_to: str
    melts: list[MeltOut]


class SourceOut(ApiOut):
    """A lot that was brought in, and how many grams of the lot asked for it is."""

    code: str
    supplier: str
    metal: str
    grade_code: str
    origin: str
    track: str
    mass_g: int


class TraceOut(ApiOut):
    """Where a lot's mass came from: of_g = sources + added_g + residual_g, to the gram.

    added_g: alloying metal, flux and gains. residual_g: not followed further, at most
    residual_bp of the mass. steps: workings that were followed.
    """

    lot: str
    of_g: int
    added_g: int
    residual_g: int
    residual_bp: int
    steps: int
    suppliers: dict[str, int]
    sources: list[SourceOut]


@bp.get("/lots/<code>/trace")
@needs("regulation.read")
@bp.input(AskedTrace, location="query", arg_name="asked")
@bp.output(TraceOut)
@bp.doc(summary="Which lots and suppliers a lot's mass came from, and what was not followed")
def trace(code: str, asked: AskedTrace) -> TraceOut:
    """Return the sources of a lot, the heaviest first."""
    with store().read() as session:
        lot = ledger.lot(session, code=read_code(code))
        found = sources(session, lot, residual_bp=asked.residual_bp)
    return TraceOut(
        lot=lot.code,
        of_g=found.of_g,
        added_g=found.added_g,
        residual_g=found.residual_g,
        residual_bp=found.residual_bp,
        steps=found.steps,
        suppliers=found.by_supplier(),
        sources=[SourceOut(**each._asdict()) for each in found.sources],
    )


@bp.get("/shares")
@needs("regulation.read")
@bp.input(Asked, location="query", arg_name="asked")
@bp.output(SharesOut)
@bp.doc(summary="Recycled share of one metal by month, prefecture or smelter, or in total")
def shares(asked: Asked) -> SharesOut:
    """Return the table with numerator, denominator and coverage."""
    with store().read() as session:
        period = period_of(asked, now=clock().now(session))
        rows = rows_of(session, metal=asked.metal, period=period, by=asked.by)
        sites = rows_of(session, metal=asked.metal, period=period, by="smelter")
        cover = covered(
            session,
            metal=asked.metal,
            reporting=[row.key for row in sites],
            province=settings().province,
        )
    return SharesOut(
        metal=asked.metal,
        month_from=period.first,
        month_to=period.last,
        by=asked.by,
        coverage=cover.label,
        reporting_sites=cover.reporting,
        register_sites=cover.register,
        rows=[_share(row) for row in rows],
    )


@bp.get("/melts")
@needs("regulation.read")
@bp.input(AskedMelts, location="query", arg_name="asked")
@bp.output(MeltsOut)
@bp.doc(summary="The heats that make one row of the shares")
def melts(asked: AskedMelts) -> MeltsOut:
    """Return the heats of a row (`by` and `key`), or of the period when `key` is absent."""
    row = asked if asked.key else asked.model_copy(update={"by": "metal"})
    with store().read() as session:
        period = period_of(asked, now=clock().now(session))
        found = melts_of(session, asked=row, period=period)
    return MeltsOut(
        metal=asked.metal,
        month_from=period.first,
        month_to=period.last,
        melts=[_melt(each) for each in found[: asked.limit]],
    )


def _share(row: ShareRow) -> ShareOut:
    known = {name: getattr(row, name) for name in ShareOut.model_fields if hasattr(row, name)}
    return ShareOut(
        **known,
        formula=row.share.formula,
        numerator_mg=row.share.numerator,
        denominator_mg=row.share.denominator,
        post_mg=row.share.post,
        pre_mg=row.share.pre,
        share_bp=row.share.bp,
    )


def _melt(melt: Melt) -> MeltOut:
    known = {name: getattr(melt, name) for name in MeltOut.model_fields if hasattr(melt, name)}
    return MeltOut(**{**known, "claims_blocked": bool(melt.claims_blocked)}, site=melt.site_code)
