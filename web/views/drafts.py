"""Lots that wait to be published, and the list of lots that a seller sends in as a file."""

from flask import Blueprint, flash, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, ngettext
from sqlmodel import Session

from remelt.platform.kernel.errors import Refusal
from remelt.platform.kernel.files import NoSuchFile
from remelt.platform.kernel.sheets.tables import Table
from remelt.platform.market.preparing import importing, keeping
from remelt.platform.market.preparing.filerows import LotRow, parse
from remelt.platform.market.preparing.said import missing_of
from remelt.platform.parties import queries as parties
from remelt.platform.parties.actors import Actor
from remelt.web.address import asked_page
from remelt.web.context import clock, files, house, require, store
from remelt.web.draft_forms import CheckedLotsForm, LotFileForm
from remelt.web.errors import say
from remelt.web.forms import FormState, Press, blank, submit
from remelt.web.market_words import KIND_WORDS, WORDS
from remelt.web.uploads import SHOWN, in_words, sent_table
from remelt.web.views.lots import grade_names

bp = Blueprint("drafts", __name__)
PAGE = 30


@bp.get("/drafts")
def index() -> ResponseReturnValue:
    """List the drafts, those changed last first."""
    return _index(require("market.sell"), blank())


@bp.post("/drafts/<draft>/publish")
def publish(draft: str) -> ResponseReturnValue:
    """Put a draft on the market; pressed again, the listing that it became."""
    who = require("market.sell")
    _own(draft, who)

    def act(session: Session, _form: Press) -> str:
        made = keeping.publish_draft(
            session,
            clock=clock(),
            code=draft,
            seller_id=who.organisation_id,
            person_id=who.person_id,
            house=house(),
        )
        return url_for("lots.show", code=made.lot_code, new=1)

    return submit(Press, act, who=who, page=lambda state: _index(who, state))


@bp.post("/drafts/<draft>/drop")
def drop(draft: str) -> ResponseReturnValue:
    """Drop a draft."""
    who = require("market.sell")
    _own(draft, who)

    def act(session: Session, _form: Press) -> str:
        keeping.drop_draft(session, clock=clock(), code=draft, seller_id=who.organisation_id)
        return url_for("drafts.index")

    return submit(Press, act, who=who, page=lambda state: _index(who, state))


@bp.get("/lots/import")
def ask_file() -> ResponseReturnValue:
    """Ask for the file of lots."""
    return _ask(require("market.sell"), blank())


@bp.post("/lots/import")
def upload() -> ResponseReturnValue:
    """Keep the file and show what it would become."""
    who = require("market.sell")

    def act(session: Session, form: LotFileForm) -> str:
        sent = sent_table()
        site = parties.site(session, code=form.site, organisation_id=who.organisation_id)
        _parsed(sent.content, sent.name, form)
        return url_for(
            "drafts.check",
            file=files().put(sent.content),
            name=sent.name,
            site=site.code,
            mass_unit=form.mass_unit,
            price_unit=form.price_unit,
        )

    return submit(LotFileForm, act, who=who, page=lambda state: _ask(who, state))


@bp.get("/lots/import/check")
def check() -> ResponseReturnValue:
    """Show the dry run: the lots, and every cell to mend."""
    return _check(require("market.sell"), blank())


@bp.post("/lots/import/check")
def take_in() -> ResponseReturnValue:
    """Keep every lot of the checked file as a draft, or publish them all."""
    who = require("market.sell")

    def act(session: Session, form: CheckedLotsForm) -> str:
        site = parties.site(session, code=form.site, organisation_id=who.organisation_id)
        done = importing.import_lots(
            session,
            clock=clock(),
            seller_id=who.organisation_id,
            person_id=who.person_id,
            site_id=site.key,
            parsed=_parsed(files().get(form.file), form.name, form),
            publish=form.then == "publish",
            house=house(),
        )
        if done.listings:
            flash(_said_published(len(done.listings)), "good")
            return url_for("lots.mine")
        flash(gettext("%(n)s drafts were kept.", n=len(done.drafts)), "good")
        return url_for("drafts.index")

    return submit(CheckedLotsForm, act, who=who, page=lambda state: _check(who, state)[0])


def _said_published(number: int) -> str:
    return str(ngettext("%(num)s lot is published.", "%(num)s lots are published.", number))


def _parsed(content: bytes, name: str, form: LotFileForm) -> Table[LotRow]:
    return parse(
        content,
        filename=name,
        mass_unit=form.mass_unit or None,
        price_unit=form.price_unit or None,
    )


def _own(draft: str, who: Actor) -> None:
    with store().read() as session:
        keeping.draft_by_code(session, code=draft, seller_id=who.organisation_id)


def _index(who: Actor, state: FormState) -> str:
    page = asked_page()
    with store().read() as session:
        rows = keeping.drafts_of(
            session, seller_id=who.organisation_id, limit=PAGE + 1, offset=(page - 1) * PAGE
        )
        names = grade_names(session)
    lines = [(row, row.said, bool(missing_of(row.said)) or row.site_id is None) for row in rows]
    return render_template(
        "market/drafts.html", lines=lines[:PAGE], more=len(rows) > PAGE, page=page, names=names,
        words=WORDS, kinds=KIND_WORDS, state=state, press=blank(),
    )  # fmt: skip


def _ask(who: Actor, state: FormState) -> str:
    with store().read() as session:
        sites = parties.sites_of(session, organisation_id=who.organisation_id)
    return render_template("market/lots_import.html", state=state, sites=sites)


def _check(who: Actor, state: FormState) -> tuple[str, int]:
    asked = {
        name: request.values.get(name, "")[:200]
        for name in ("file", "name", "site", "mass_unit", "price_unit")
    }
    try:
        form = LotFileForm.model_validate(
            {n: asked[n] for n in ("site", "mass_unit", "price_unit")}
        )
        with store().read() as session:
            site = parties.site(session, code=form.site, organisation_id=who.organisation_id)
            preview = importing.dry_run(
                session,
                clock=clock(),
                seller_id=who.organisation_id,
                site_id=site.key,
                parsed=_parsed(files().get(asked["file"]), asked["name"], form),
                house=house(),
            )
    except NoSuchFile:
        raise
    except (Refusal, ValueError) as refused:
        sentence = say(refused) if isinstance(refused, Refusal) else gettext("Choose a file first.")
        return _ask(who, FormState(values=asked, refusal=sentence)), 422
    page = render_template(
        "market/lots_import_check.html",
        state=state,
        preview=preview,
        problems=in_words(preview.problems),
        asked=asked,
        site=site,
        words=WORDS,
        shown=SHOWN,
    )
    return page, 200
