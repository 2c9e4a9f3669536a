"""Energy of the works: readings, corrections, closed months."""

from collections.abc import Callable, Sequence
from functools import partial

from flask import Blueprint, render_template, url_for
from flask.typing import ResponseReturnValue
from sqlmodel import Session

from remelt.platform.kernel.clock import BEIJING
from remelt.platform.parties import queries as parties
from remelt.platform.parties.actors import Actor
from remelt.platform.parties.models import Site
from remelt.platform.works import energy, power, queries
from remelt.platform.works.models import EnergyEntry
from remelt.platform.works.sheets import EnergyUse
from remelt.web.context import clock, require, store
from remelt.web.fmt import amount
from remelt.web.forms import FormState, blank, submit
from remelt.web.works_forms import CertificateForm, EnergyForm, MonthForm
from remelt.web.works_words import CARRIER_UNITS, CARRIER_WORDS, WORDS, site_choices, spoken

bp = Blueprint("energy", __name__, url_prefix="/works/energy")


@bp.get("")
def show() -> ResponseReturnValue:
    """Show readings and closed months, and the forms that add to them."""
    return _page(require("works.energy"), blank())


@bp.post("")
def post_reading() -> ResponseReturnValue:
    """Keep a reading and show the page again."""
    who = require("works.energy")

    def act(session: Session, form: EnergyForm) -> str:
        site = parties.site(session, code=form.site, organisation_id=who.organisation_id)
        energy.record_energy(
            session,
            clock=clock(),
            site_id=site.key,
            person_id=who.person_id,
            use=EnergyUse(carrier=form.carrier, quantity=form.quantity),  # type: ignore[arg-type]
            since=form.since,
            until=form.until,
            furnace_code=form.furnace or None,
            meter=form.meter,
            corrects=form.corrects or None,
        )
        return url_for("energy.show")

    return submit(EnergyForm, act, who=who, page=partial(_page, who))


@bp.post("/certificates")
def post_certificate() -> ResponseReturnValue:
    """Retire a green certificate and show the page again."""
    who = require("works.energy")

    def act(session: Session, form: CertificateForm) -> str:
        site = parties.site(session, code=form.site, organisation_id=who.organisation_id)
        power.retire(
            session,
            clock=clock(),
            site_id=site.key,
            person_id=who.person_id,
            issuer=form.issuer,
            serial=form.serial,
            factor_id=form.technology,
            quantity=form.quantity,
            since=form.since,
            until=form.until,
        )
        return url_for("energy.show")

    return submit(
        CertificateForm, act, who=who, page=lambda state: _page(who, blank(), green=state)
    )


@bp.post("/months")
def post_month() -> ResponseReturnValue:
    """Close a month and show the page again."""
    who = require("works.energy")

    def act(session: Session, form: MonthForm) -> str:
        site = parties.site(session, code=form.site, organisation_id=who.organisation_id)
        energy.close_month(
            session,
            clock=clock(),
            site_id=site.key,
            person_id=who.person_id,
            month=form.month,
        )
        return url_for("energy.show")

    return submit(MonthForm, act, who=who, page=_month_page(who))


def _month_page(who: Actor) -> Callable[[FormState], ResponseReturnValue]:
    return lambda state: _page(who, blank(), closing=state)


def _page(
    who: Actor,
    state: FormState,
    *,
    closing: FormState | None = None,
    green: FormState | None = None,
) -> ResponseReturnValue:
    with store().read() as session:
        sites = parties.sites_of(session, organisation_id=who.organisation_id, capability="smelt")
        furnaces = queries.furnaces(session, site_ids=[site.key for site in sites])
        entries = [(site, energy.entries_in_force(session, site.key, limit=60)) for site in sites]
        months = [(site, energy.months(session, site.key)) for site in sites]
        held = [(site, power.certificates(session, site_id=site.key)) for site in sites]
        today = clock().now(session).astimezone(BEIJING).date()
        sorts = power.technologies(session, on=today)
        unsaid = power.residuals(session, on=today)
    return render_template(
        "works/energy.html",
        state=state,
        closing=closing or blank(),
        green=green or blank(),
        held=held,
        technologies=[(each.factor_id, each.activity) for each in sorts if each.value_digits],
        waiting=[each for each in sorts + unsaid if each.value_digits is None],
        sites=sites,
        site_choices=site_choices(sites),
        furnace_choices=[(one.code, one.name) for one in furnaces],
        entry_choices=_entry_choices(entries),
        furnace_names={one.id: one.name for one in furnaces},
        entries=entries,
        months=months,
        carriers=spoken(CARRIER_WORDS),
        words=WORDS,
    )


def _entry_choices(entries: Sequence[tuple[Site, Sequence[EnergyEntry]]]) -> list[tuple[str, str]]:
    """Readings that can be replaced: those of meters, not those of heats."""
    return [
        (
            row.code,
            f"{row.since} – {row.until} · {amount(row.quantity)} {CARRIER_UNITS[row.carrier]}",
        )
        for _site, rows in entries
        for row in rows
        if row.heat_id is None
    ]
