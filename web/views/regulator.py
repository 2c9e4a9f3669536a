"""The regulator's workplace: shares with formula, coverage and the way down to every heat."""

from collections.abc import Iterable

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlmodel import Session

from remelt.platform.catalogue import queries as catalogue
from remelt.platform.kernel.codes import BadCode, read_code
from remelt.platform.kernel.sheets.writing import Entry
from remelt.platform.parties import queries as parties
from remelt.platform.parties.models import Organisation, Site
from remelt.traceability import queries as ledger
from remelt.traceability.corrections.shown import marks_of
from remelt.traceability.corrections.workings import working
from remelt.traceability.models import MeltLine
from remelt.traceability.tracing import families as tracing
from remelt.traceability.tracing.melting import Melt
from remelt.traceability.tracing.sources import sources
from remelt.web import fmt, ledger_words
from remelt.web.context import clock, require, settings, store
from remelt.web.errors import say
from remelt.web.forms import FormState, blank
from remelt.web.regulation import (
    GRID,
    Asked,
    AskedMelts,
    Desk,
    Named,
    Period,
    covered,
    desk,
    firm_names,
    melts_of,
    named,
    period_of,
    rows_of,
    site_names,
    supplier_names,
)
from remelt.web.sheets import csv_answer
from remelt.web.svg import Series, Tile, tile_grid, trend
from remelt.web.targets import judge

bp = Blueprint("regulator", __name__, url_prefix="/regulator")
ALWAYS = frozenset({"Al", "Cu", "Pb", "Zn"})


@bp.get("")
def show() -> ResponseReturnValue:
    """Show the shares of one metal: trend, prefectures, smelters, coverage, targets."""
    require("regulation.read")
    asked = Asked.model_validate(_given())
    with store().read() as session:
        now = clock().now(session)
        period = period_of(asked, now=now)
        shown = desk(session, metal=asked.metal, period=period, province=settings().province)
        melted = tracing.melted_metals(session) | ALWAYS | {asked.metal}
        metals = [metal for metal in catalogue.metals(session) if metal.code in melted]
        totals = [
            (metal, rows_of(session, metal=metal.code, period=period, by="metal"))
            for metal in metals
        ]
        marks = marks_of(session, shown.total.written if shown.total else ())
        targets = judge(catalogue.targets(session), on=fmt.beijing(now).date())
    return render_template(
        "regulator/show.html",
        asked=asked,
        period=period,
        desk=shown,
        totals=totals,
        targets=targets,
        trend=_trend(shown, period, metal=asked.metal),
        grid=_grid(shown, asked=asked, period=period),
        marks=marks,
        words=ledger_words,
    )


@bp.get("/shares.csv")
def shares_csv() -> ResponseReturnValue:
    """The table of shares as CSV, units in the headers."""
    require("regulation.read")
    asked = Asked.model_validate(_given())
    with store().read() as session:
        period = period_of(asked, now=clock().now(session))
        rows = named(session, rows_of(session, metal=asked.metal, period=period, by=asked.by))
        reporting = rows_of(session, metal=asked.metal, period=period, by="smelter")
        cover = covered(
            session,
            metal=asked.metal,
            reporting=[row.key for row in reporting],
            province=settings().province,
        )
    return csv_answer(
        _HEADER,
        [_line(each, asked=asked, period=period, coverage=cover.label) for each in rows],
        file_name=f"shares-{asked.metal}-{asked.by}-{period.first}-{period.last}.csv",
    )


@bp.get("/melts")
def melts() -> ResponseReturnValue:
    """The heats that make one row of a table, with the sums that the row shows."""
    require("regulation.read")
    asked = AskedMelts.model_validate(_given())
    with store().read() as session:
        period = period_of(asked, now=clock().now(session))
        found = melts_of(session, asked=asked, period=period)
        sites = {code: (site, whose) for code, site, whose in _sites(session, found)}
        marks = marks_of(session, {each.written_key for each in found})
    return render_template(
        "regulator/melts.html",
        asked=asked,
        period=period,
        melts=found,
        sites=sites,
        marks=marks,
        words=ledger_words,
    )


@bp.get("/melts/<event_hash>")
def melt(event_hash: str) -> ResponseReturnValue:
    """One heat: what went in, what came out, what is missing, and its place in the log."""
    require("regulation.read")
    with store().read() as session:
        heat = tracing.heat(session, event_hash=event_hash)
        places = _sites(session, heat.lines)
        believed = working(session, event_hash=event_hash)
        head = ledger.checkpoint(session)
    return render_template(
        "regulator/melt.html",
        heat=heat,
        facts=believed.facts,
        place=places[0] if places else None,
        words=ledger_words,
        head=head,
        amount=fmt.decimal,
    )


@bp.get("/trace")
def trace() -> ResponseReturnValue:
    """A lot's family up and down, its events and its mass in and out."""
    require("regulation.read")
    typed = request.args.get("code", "")[:500]
    if not typed:
        return render_template("regulator/trace_find.html", state=blank())
    try:
        code = read_code(typed)
    except BadCode as refused:
        state = FormState(values={"code": typed}, errors={"code": say(refused)})
        return render_template("regulator/trace_find.html", state=state), 422
    with store().read() as session:
        lot = ledger.lot(session, code=code)
        events = ledger.history(session, code=code, own=True)
        sites = site_names(session, {lot.site_code, *(step.site_code for step in events)})
        firms = firm_names(session, {lot.owner, lot.custodian})
        family = tracing.family(session, lot)
        came = sources(session, lot)
        suppliers = supplier_names(session, came)
    return render_template(
        "regulator/trace.html",
        lot=lot,
        state=lot.vectors,
        family=family,
        came=came,
        suppliers=suppliers,
        events=events,
        sites=sites,
        firms=firms,
        words=ledger_words,
    )


def _given() -> dict[str, str]:
    """Return the query without the language, which any page may be asked in."""
    return {name: value for name, value in request.args.items() if name != "lang"}


_HEADER = (
    "key", "name", "metal", "month from", "month to", "formula",
    "recycled metal used (mg)", "of it post-consumer (mg)", "of it pre-consumer (mg)",
    "all metal used (mg)", "share (%)", "estimated without analysis (mg)",
    "in heats with blocked claims (mg)", "melted before, not counted (mg)",
    "run-around, not counted (mg)", "heats", "sites", "cast (g)", "known burden of cast (gCO2e)",
    "unexplained (g)", "coverage", "downgrade index 0-1 (g)", "known alloy class (g)",
    "alloy class not known (g)",
)  # fmt: skip


def _line(each: Named, *, asked: Asked, period: Period, coverage: str) -> list[Entry]:
    row, share = each.row, each.row.share
    name = each.place or each.site
    bp = share.bp
    return [
        row.key, fmt.named(name, zh=fmt.is_chinese()) if name else row.key, asked.metal,
        period.first, period.last, share.formula, share.numerator, share.post, share.pre,
        share.denominator, None if bp is None else f"{bp / 100:.2f}", row.estimated_mg,
        row.blocked_mg, row.remelted_mg, row.internal_mg, row.heats, row.sites, row.cast_g,
        row.co2e_g, row.unexplained_g, coverage, row.preserved_g, row.class_known_g,
        row.class_unknown_g,
    ]  # fmt: skip


def _trend(shown: Desk, period: Period, *, metal: str) -> str:
    months = period.months
    shares = {row.key: row.share for row in shown.by_month}

    def line(name: str, part: str) -> Series:
        values = [_part(shares[m], part) if m in shares else None for m in months]
        return Series(name, values)

    return trend(
        [line(_("Recycled"), "numerator"), line(_("of it post-consumer"), "post")],
        labels=[month[2:] for month in months],
        title=_(
            "Recycled share of %(metal)s by month; the table below has the figures", metal=metal
        ),
    )


def _part(share: object, part: str) -> int | None:
    whole: int = getattr(share, "denominator", 0)
    return getattr(share, part) * 10_000 // whole if whole else None


def _grid(shown: Desk, *, asked: Asked, period: Period) -> str:
    rows = {each.row.key: each.row for each in shown.by_prefecture}
    with store().read() as session:
        places = catalogue.places(session, level="prefecture")
    tiles = [
        Tile(
            *GRID[place.adcode],
            name=_short(fmt.named(place, zh=fmt.is_chinese())),
            said=fmt.percent(rows[place.adcode].share.bp) if place.adcode in rows else _("no data"),
            value=rows[place.adcode].share.bp if place.adcode in rows else None,
            href=_way_down(asked, period, by="prefecture", key=place.adcode)
            if place.adcode in rows
            else "",
        )
        for place in places
        if place.adcode in GRID
    ]
    return tile_grid(
        tiles, title=_("Recycled share by prefecture; the table below has the figures")
    )


def _sites(
    session: Session, melts: Iterable[Melt | MeltLine]
) -> list[tuple[str, Site, Organisation]]:
    wanted = {melt.site_code for melt in melts}
    known = parties.sites_that(session, capability="smelt")
    return [(site.code, site, whose) for site, whose in known if site.code in wanted]


def _short(name: str) -> str:
    """Return a prefecture's name without its rank, short enough for a tile."""
    for tail in ("布依族苗族自治州", "苗族侗族自治州", "市", " City"):
        name = name.removesuffix(tail)
    return name.split(" ")[0]


def _way_down(asked: Asked, period: Period, *, by: str, key: str) -> str:
    return url_for(
        "regulator.melts", metal=asked.metal, by=by, key=key,
        month_from=period.first, month_to=period.last,
    )  # fmt: skip
