"""Ladles of liquid metal: both sides' notes, what they match to, and what waits."""

from functools import partial

from flask import Blueprint, render_template, url_for
from flask.typing import ResponseReturnValue
from sqlmodel import Session

from remelt.platform.catalogue import queries as catalogue
from remelt.platform.kernel.clock import BEIJING
from remelt.platform.parties import queries as parties
from remelt.platform.parties.actors import Actor
from remelt.platform.works import queries
from remelt.platform.works.ladles import deliveries, unmatched
from remelt.platform.works.molten import LIQUID, match_notes, receive_ladle, send_ladle
from remelt.web.context import clock, require, store
from remelt.web.flow_forms import MatchForm, ReceiveForm, SendForm
from remelt.web.fmt import is_chinese, named
from remelt.web.forms import FormState, blank, submit
from remelt.web.works_forms import BETWEEN
from remelt.web.works_words import lot_choices, site_choices

bp = Blueprint("ladles", __name__, url_prefix="/works/ladles")


@bp.get("")
def show() -> ResponseReturnValue:
    """Show deliveries with their difference, and notes that no other meets."""
    return _page(require("works.ladles"), blank())


@bp.get("/send")
def new_sent() -> ResponseReturnValue:
    """Show the sender's note."""
    return _note_page(require("works.ladles"), "send", _now())


@bp.post("/send")
def post_sent() -> ResponseReturnValue:
    """Write the sender's note."""
    who = require("works.ladles")

    def act(session: Session, form: SendForm) -> str:
        site = parties.site(session, code=form.site, organisation_id=who.organisation_id)
        send_ladle(
            session,
            clock=clock(),
            site_id=site.key,
            person_id=who.person_id,
            ladle=form.note(),
            what=form.what(),
            to_site=form.to_site or None,
        )
        return url_for("ladles.show")

    return submit(SendForm, act, who=who, page=partial(_note_page, who, "send"))


@bp.get("/receive")
def new_received() -> ResponseReturnValue:
    """Show the receiver's note."""
    return _note_page(require("works.ladles"), "receive", _now())


@bp.post("/receive")
def post_received() -> ResponseReturnValue:
    """Write the receiver's note."""
    who = require("works.ladles")

    def act(session: Session, form: ReceiveForm) -> str:
        site = parties.site(session, code=form.site, organisation_id=who.organisation_id)
        receive_ladle(
            session,
            clock=clock(),
            site_id=site.key,
            person_id=who.person_id,
            ladle=form.note(),
            sender=form.sender,
        )
        return url_for("ladles.show")

    return submit(ReceiveForm, act, who=who, page=partial(_note_page, who, "receive"))


@bp.post("/match")
def post_match() -> ResponseReturnValue:
    """Match two notes by hand."""
    who = require("works.ladles")

    def act(session: Session, form: MatchForm) -> str:
        match_notes(
            session,
            clock=clock(),
            organisation_id=who.organisation_id,
            person_id=who.person_id,
            sent=form.sent,
            received=form.received,
        )
        return url_for("ladles.show")

    return submit(MatchForm, act, who=who, page=partial(_page, who))


def _now() -> FormState:
    with store().read() as session:
        now = clock().now(session).astimezone(BEIJING)
    return blank(day=now.date().isoformat(), hour=f"{now:%H:%M}")


def _page(who: Actor, state: FormState) -> ResponseReturnValue:
    with store().read() as session:
        waiting = unmatched(session, organisation_id=who.organisation_id)
        done = deliveries(session, organisation_id=who.organisation_id)
        notes = [*waiting, *(d.sent for d in done), *(d.received for d in done)]
        named_ids = {n.organisation_id for n in notes} | {n.other_id for n in notes}
        firms = parties.organisations_by_id(session, ids=named_ids)
    mine = [n for n in waiting if n.side == "received" and n.organisation_id == who.organisation_id]
    theirs = [n for n in waiting if n.side == "sent" and n.other_id == who.organisation_id]
    return render_template(
        "works/ladles.html",
        state=state,
        waiting=waiting,
        deliveries=done,
        firms=firms,
        sent_choices=[(n.code, f"{n.ladle} · {n.tap} · {n.net_g // 1000} kg") for n in theirs],
        received_choices=[(n.code, f"{n.ladle} · {n.tap} · {n.net_g // 1000} kg") for n in mine],
    )


def _note_page(who: Actor, side: str, state: FormState) -> ResponseReturnValue:
    with store().read() as session:
        sites = parties.sites_of(session, organisation_id=who.organisation_id, capability="smelt")
        others = [
            (site, firm)
            for capability in ("smelt", "process")
            for site, firm in parties.sites_that(session, capability=capability)
            if firm.key != who.organisation_id
        ]
        stock = queries.stock(
            session,
            organisation_code=who.organisation_code,
            site_codes=[site.code for site in sites],
        )
        alloys = [
            (f"{one.standard}{BETWEEN}{one.alloy}", f"{one.alloy} · {one.standard}")
            for one in catalogue.alloys(session)
        ]
    zh = is_chinese()
    places = {site.code: f"{named(firm, zh=zh)} · {named(site, zh=zh)}" for site, firm in others}
    firms = {firm.code: named(firm, zh=zh) for _site, firm in others}
    return render_template(
        "works/ladle.html",
        state=state,
        side=side,
        sites=sites,
        site_choices=site_choices(sites),
        places=sorted(places.items(), key=lambda each: each[1]),
        firms=sorted(firms.items(), key=lambda each: each[1]),
        lots=lot_choices([line for line in stock if line.lot.form == LIQUID]),
        alloys=alloys,
    )
