"""Ladle notes as they are read: unmatched ones, and deliveries with what lies between the notes."""

from dataclasses import dataclass

from sqlmodel import Session, col, or_, select

from remelt.platform.parties.models import Site
from remelt.platform.works.flow_models import LadleMatch, LadleNote
from remelt.platform.works.places import DEFAULT_DIVISION_G
from remelt.traceability.rules.states import within_tolerance


def fits(sent: LadleNote, received: LadleNote) -> bool:
    """Tell whether two notes can be of one ladle: the same two firms, one on each side."""
    return (sent.side, received.side) == ("sent", "received") and (
        sent.organisation_id,
        sent.other_id,
    ) == (received.other_id, received.organisation_id)


def unmatched(session: Session, *, organisation_id: int) -> list[LadleNote]:
    """Return the notes between firms that no note of the other side meets, oldest first."""
    met = select(LadleMatch.sent_id).union_all(select(LadleMatch.received_id)).subquery()
    return list(
        session.exec(
            select(LadleNote)
            .where(
                or_(
                    LadleNote.organisation_id == organisation_id,
                    LadleNote.other_id == organisation_id,
                ),
                LadleNote.organisation_id != LadleNote.other_id,
                col(LadleNote.id).not_in(select(met.c.sent_id)),
            )
            .order_by(col(LadleNote.at), col(LadleNote.id))
        )
    )


@dataclass(frozen=True, slots=True)
class Delivery:
    """A matched ladle. difference_g: received less sent; the sender's mass stands."""

    sent: LadleNote
    received: LadleNote
    difference_g: int
    beyond_tolerance: bool


def deliveries(session: Session, *, organisation_id: int, limit: int = 50) -> list[Delivery]:
    """Return matched ladles from and to an organisation, the newest first."""
    matches = session.exec(
        select(LadleMatch, LadleNote, Site)
        .join(LadleNote, col(LadleNote.id) == col(LadleMatch.received_id))
        .join(Site, col(Site.id) == col(LadleNote.site_id))
        .where(
            or_(
                LadleNote.organisation_id == organisation_id,
                LadleNote.other_id == organisation_id,
            )
        )
        .order_by(col(LadleMatch.id).desc())
        .limit(limit)
    ).all()
    wanted = [match.sent_id for match, _note, _site in matches]
    sent = {
        note.key: note
        for note in session.exec(select(LadleNote).where(col(LadleNote.id).in_(wanted)))
    }
    return [
        delivered(sent[match.sent_id], note, division_g=site.scale_division_g)
        for match, note, site in matches
    ]


def delivered(sent: LadleNote, received: LadleNote, *, division_g: int | None) -> Delivery:
    """Return two notes side by side with what lies between them. Pure."""
    difference_g = received.net_g - sent.net_g
    within = within_tolerance(
        difference_g, mass_g=sent.net_g, scale_division_g=division_g or DEFAULT_DIVISION_G
    )
    return Delivery(
        sent=sent, received=received, difference_g=difference_g, beyond_tolerance=not within
    )
