"""Drafts on the pages of a seller: kept as typed, filled in again, published once."""

from collections.abc import Sequence
from typing import Any

from flask import url_for
from sqlmodel import Session

from remelt.platform.market.drafts import PhotoRef
from remelt.platform.market.preparing.keeping import (
    change_draft,
    draft_by_code,
    keep_draft,
    publish_draft,
)
from remelt.platform.parties import queries as parties
from remelt.platform.parties.actors import Actor
from remelt.web.context import clock, house, store
from remelt.web.draft_forms import DraftForm, values_of
from remelt.web.forms import read_form
from remelt.web.market_forms import LotForm, as_typed


def keep_typed(session: Session, form: DraftForm, who: Actor, *, photos: Sequence[PhotoRef]) -> str:
    """Keep what was typed: as a new draft, or as the one that the form began with."""
    said = _facts(session, form, who) | {"photos": photos}
    if form.draft_code:
        change_draft(session, clock=clock(), code=form.draft_code, **said)
    else:
        keep_draft(session, clock=clock(), person_id=who.person_id, **said)
    return url_for("drafts.index")


def publish_typed(
    session: Session, form: LotForm, who: Actor, *, photos: Sequence[PhotoRef]
) -> str:
    """Publish the draft that the form began with, as typed now; published before, lead to it."""
    with as_typed():
        row = draft_by_code(session, code=form.draft_code, seller_id=who.organisation_id)
        if row.listing_id is None:
            said = _facts(session, read_form(DraftForm), who) | {"photos": photos}
            change_draft(session, clock=clock(), code=row.code, **said)
        made = publish_draft(
            session,
            clock=clock(),
            code=row.code,
            seller_id=who.organisation_id,
            person_id=who.person_id,
            house=house(),
        )
    return url_for("lots.show", code=made.lot_code, new=1)


def draft_values(code: str, who: Actor) -> dict[str, str]:
    """Return the form of a lot filled in from the organisation's draft. Raises `NoSuchDraft`."""
    with store().read() as session:
        row = draft_by_code(session, code=code, seller_id=who.organisation_id)
        site = parties.site_by_id(session, site_id=row.site_id).code if row.site_id else ""
    return values_of(row, site_code=site)


def _facts(session: Session, form: DraftForm, who: Actor) -> dict[str, Any]:
    site = (
        parties.site(session, code=form.site, organisation_id=who.organisation_id)
        if form.site
        else None
    )
    return {
        "seller_id": who.organisation_id,
        "said": form.said(),
        "site_id": site.key if site else None,
        "open_s": form.open_s,
    }
