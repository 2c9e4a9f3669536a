"""The CO2e of a return's way back, said by who bears it once that is agreed."""

from sqlmodel import Session, select

from remelt.platform.kernel.clock import Clock
from remelt.traceability.actions.acting import header
from remelt.traceability.corrections.cones import by_hash
from remelt.traceability.corrections.restated import NEAR, WAY_BACK, Said, say_anew
from remelt.traceability.door.reading import opened
from remelt.traceability.errors import CannotCorrect
from remelt.traceability.models_restating import Restatement
from remelt.traceability.rules.changing import BEAR
from remelt.traceability.terms import SiteRef


def bear_way_back(
    session: Session,
    *,
    clock: Clock,
    event_hash: str,
    co2e_g: int,
    site: SiteRef,
    actor: str,
    near: int = NEAR,
) -> Said:
    """Burden a lot with its way back, as its owner states it, from the return on.

    event_hash: the return, which said no figure: the way is missing by name no more, nor in
    anything that was made of the lot since. Passports that named it so are superseded. Raises
    `NoSuchEvent`, `CannotCorrect` where the owner does not bear it, or it was stated.
    """
    returned = by_hash(session, [event_hash])[0]
    said = opened(session, returned)
    again = select(Restatement.id).where(Restatement.event_key == returned.key)
    silent = said.get("owner_bears") and said["co2e_g"] is None
    if not silent or session.exec(again).first() is not None:
        raise CannotCorrect(event_hash=event_hash, kind=returned.kind)
    facts = header(session, clock, BEAR, site=site, actor=actor, at=None) | {
        "lot": said["lot"],
        "returned": event_hash,
        "co2e_g": co2e_g,
    }
    return say_anew(session, clock=clock, facts=facts, reason=WAY_BACK, near=near)
