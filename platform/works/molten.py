"""Liquid metal by ladle: two notes of one delivery, matched, counted once on the sender's."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import Session, select

from remelt.platform.kernel import outbox
from remelt.platform.kernel.clock import Clock
from remelt.platform.kernel.codes import new_code
from remelt.platform.parties import queries as parties
from remelt.platform.parties.models import Organisation
from remelt.platform.works.errors import (
    LadleWeightWrong,
    NoSuchNote,
    NotesDoNotMatch,
    NotLiquid,
)
from remelt.platform.works.events import LadleMatched
from remelt.platform.works.flow_models import LadleMatch, LadleNote
from remelt.platform.works.ladles import fits, unmatched
from remelt.platform.works.places import Place, lots_here, place_of
from remelt.platform.works.primary import bring_primary
from remelt.traceability import ledger
from remelt.traceability.door.book import lock_lots
from remelt.traceability.ledger import SiteRef
from remelt.traceability.models import Lot

LIQUID = "liquid"
WINDOW = timedelta(hours=24)
HOT = range(200, 2_001)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ladle:
    """What either side writes down: numbers of ladle and tap, weights in g, degrees, time."""

    ladle: str
    tap: str
    gross_g: int
    tare_g: int
    temperature_c: int
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Tapped:
    """Primary metal tapped into a ladle: its alloy in the catalogue, its content in 1/10,000."""

    alloy: str
    standard: str
    purity_bp: int | None = None
    factor_id: str | None = None


def send_ladle(
    session: Session,
    *,
    clock: Clock,
    site_id: int,
    person_id: int,
    ladle: Ladle,
    what: Tapped | str,
    to_site: str | None = None,
) -> LadleNote:
    """Write the sender's note: liquid primary metal as tapped, or a liquid lot on hand by code.

    The note's net is the lot's mass. to_site: of the receiver, None for the own cast house,
    which writes no second note. Raises `LadleWeightWrong`, `NotLiquid`, `SiteCannot`,
    `NoSuchSite`, `NotInCustody`, `NoSuchAlloy` and what the ledger refuses.
    """
    check_ladle(ladle)
    place = place_of(session, site_id=site_id, person_id=person_id, needs=("smelt",))
    there = parties.site(session, code=to_site) if to_site else place.site
    lot = _filled(session, clock, place, ladle=ladle, what=what)
    away = there.organisation_id != place.site.organisation_id
    if away:
        ledger.move(
            session,
            clock=clock,
            lot_codes=[lot.code],
            kind="ship",
            to_site=SiteRef(code=there.code, adcode=there.adcode),
            custodian=place.organisation,
            actor=place.actor,
        )
    note = _note(session, clock, place, ladle, side="sent", other_id=there.organisation_id)
    note.lot_code, note.primary = lot.code, not isinstance(what, str)
    session.add(note)
    session.flush()
    if away:
        _match_numbers(session, clock=clock, note=note)
    return note


def receive_ladle(
    session: Session,
    *,
    clock: Clock,
    site_id: int,
    person_id: int,
    ladle: Ladle,
    sender: str,
) -> LadleNote:
    """Write the receiver's note. It moves the lot only once it meets the sender's.

    sender: code of the organisation that sent it. Notes of the same two firms with the same
    ladle and tap number within a day are one delivery; others wait in the list of unmatched.
    Raises `LadleWeightWrong`, `SiteCannot`, `NoSuchOrganisation`.
    """
    check_ladle(ladle)
    place = place_of(session, site_id=site_id, person_id=person_id, needs=("smelt", "process"))
    other = parties.organisation(session, code=sender)
    note = _note(session, clock, place, ladle, side="received", other_id=other.key)
    session.add(note)
    session.flush()
    _match_numbers(session, clock=clock, note=note)
    return note


def match_notes(
    session: Session,
    *,
    clock: Clock,
    organisation_id: int,
    person_id: int,
    sent: str,
    received: str,
) -> LadleMatch:
    """Match two notes by hand, as the receiver: a number was misread on one of them.

    Raises `NoSuchNote`, `NotesDoNotMatch`.
    """
    notes = {note.code: note for note in unmatched(session, organisation_id=organisation_id)}
    if sent not in notes or received not in notes:
        raise NoSuchNote(note_code=sent if sent not in notes else received)
    pair = notes[sent], notes[received]
    if not fits(*pair) or pair[1].organisation_id != organisation_id:
        raise NotesDoNotMatch(field="sent")
    return _match(session, clock=clock, sent=pair[0], received=pair[1], person_id=person_id)


def check_ladle(ladle: Ladle) -> None:
    """Refuse weights or a temperature that no ladle has. Raises `LadleWeightWrong`."""
    if not 0 <= ladle.tare_g < ladle.gross_g:
        raise LadleWeightWrong(field="tare_kg")
    if ladle.temperature_c not in HOT:
        raise LadleWeightWrong(field="temperature_c")


def _filled(
    session: Session, clock: Clock, place: Place, *, ladle: Ladle, what: Tapped | str
) -> Lot:
    """Return the lot in the ladle, at the note's net mass."""
    net_g = ladle.gross_g - ladle.tare_g
    if not isinstance(what, str):
        return bring_primary(
            session,
            clock=clock,
            site_id=place.site.key,
            person_id=place.person_id,
            alloy=what.alloy,
            standard=what.standard,
            mass_g=net_g,
            form=LIQUID,
            purity_bp=what.purity_bp,
            factor_id=what.factor_id,
            track=place.site.adcode,
            ticket=f"{ladle.ladle}/{ladle.tap}",
        )
    lot = lots_here(session, place, [what], owner=place.organisation)[what]
    if lot.form != LIQUID:
        raise NotLiquid(field="lot", lot_code=what)
    if lot.mass_g != net_g:
        ledger.weigh(
            session,
            clock=clock,
            lot_code=what,
            mass_g=net_g,
            ticket_ref=f"{ladle.ladle}/{ladle.tap}",
            scale_division_g=place.division_g,
            site=place.ref,
            actor=place.actor,
        )
    return lot


def _note(
    session: Session, clock: Clock, place: Place, ladle: Ladle, *, side: str, other_id: int
) -> LadleNote:
    return LadleNote(
        code=new_code(),
        side=side,
        organisation_id=place.site.organisation_id,
        site_id=place.site.key,
        other_id=other_id,
        ladle=ladle.ladle.strip().upper(),
        tap=ladle.tap.strip().upper(),
        gross_g=ladle.gross_g,
        tare_g=ladle.tare_g,
        temperature_c=ladle.temperature_c,
        at=ladle.at,
        person_id=place.person_id,
        recorded_at=clock.now(session),
    )


def _match_numbers(session: Session, *, clock: Clock, note: LadleNote) -> None:
    for other in unmatched(session, organisation_id=note.organisation_id):
        sent, received = (note, other) if note.side == "sent" else (other, note)
        same = (sent.ladle, sent.tap) == (received.ladle, received.tap)
        near = abs(sent.at - received.at) <= WINDOW
        if same and near and fits(sent, received):
            _match(session, clock=clock, sent=sent, received=received, person_id=None)
            return


def _match(
    session: Session,
    *,
    clock: Clock,
    sent: LadleNote,
    received: LadleNote,
    person_id: int | None,
) -> LadleMatch:
    """The lot arrives with the sender's mass and belongs to the receiver from now on."""
    code = sent.lot_code or ""
    lock_lots(session, [code])
    site = parties.site_by_id(session, site_id=received.site_id)
    firm = session.exec(
        select(Organisation).where(Organisation.id == received.organisation_id)
    ).one()
    person = parties.person_by_id(session, person_id=received.person_id)
    actor = f"person:{person.code}"
    ledger.move(
        session,
        clock=clock,
        lot_codes=[code],
        kind="receive",
        to_site=SiteRef(code=site.code, adcode=site.adcode),
        custodian=firm.code,
        actor=actor,
    )
    ledger.transfer(
        session,
        clock=clock,
        lot_code=code,
        owner=firm.code,
        contract_ref=f"ladle:{sent.code}",
        actor=actor,
    )
    match = LadleMatch(
        sent_id=sent.key, received_id=received.key, person_id=person_id, at=clock.now(session)
    )
    session.add(match)
    outbox.record(
        session,
        LadleMatched(
            at=match.at,
            sent_code=sent.code,
            received_code=received.code,
            lot_code=code,
            difference_g=received.net_g - sent.net_g,
        ),
    )
    session.flush()
    return match
