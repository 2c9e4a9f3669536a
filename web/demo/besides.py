"""The week beside trade and heats: every other flow once, so that no page of the works is empty."""

from collections.abc import Sequence
from typing import Any

from sqlmodel import Session, col, select

from remelt.platform.kernel.clock import SimulatedClock
from remelt.platform.kernel.store import Store
from remelt.traceability.corrections.workings import working
from remelt.traceability.models import Lot
from remelt.web.demo import flows
from remelt.web.demo.stage import OnStage, Stage

HUB, RETURNS_TO = "hub", "hub2"
SMELTER, CASTER, COPPER = "smelter", "smelter2", "smelter3"
LEAST_G = 1_000_000
SWAPPED_FROM_G = 50_000


def before_heats(store: Store, *, clock: SimulatedClock, stage: Stage) -> None:
    """Send a wet load back, before the furnaces take all that lies there."""
    buyer, hub = stage[CASTER], stage[RETURNS_TO]
    with store.read() as session:
        lots = _on_hand(session, buyer, owner=buyer)
    if len(lots) > 1:
        with store.write() as session:
            flows.send_back(
                session, clock=clock, buyer=buyer, hub=hub, lot=_again(session, lots[0])
            )


def after_heats(store: Store, *, clock: SimulatedClock, stage: Stage, base_url: str) -> None:
    """Shred, run the line, pour a ladle, swap scrap for ingot, claim, certify and correct."""
    with store.write() as session:
        flows.pour(session, clock=clock, sender=stage[SMELTER], receiver=stage[CASTER])
    _shred(store, clock, stage[HUB])
    with store.read() as session:
        copper = _cast(session, stage[COPPER])
        ingots = _cast(session, stage[CASTER])
        billets = _cast(session, stage[SMELTER])
        lying = _on_hand(session, stage[HUB], owner=stage[HUB], least_g=SWAPPED_FROM_G)
        scrap = [lot for lot in lying if lot.metal == "Al" and not lot.pool_key]
    if copper:
        with store.write() as session:
            flows.run_line(
                session, clock=clock, smelter=stage[COPPER], lot=_again(session, copper[0])
            )
    if scrap and len(billets) > 1:
        with store.write() as session:
            flows.toll(
                session, clock=clock, owner=stage[HUB], processor=stage[SMELTER],
                scrap=_again(session, scrap[-1]), ingot=_again(session, billets[-1]),
            )  # fmt: skip
    if ingots:
        with store.write() as session:
            flows.claim(session, clock=clock, smelter=stage[CASTER], lot=_again(session, ingots[0]))
    if billets:
        _certify_and_correct(store, clock, stage[SMELTER], code=billets[0].code, base_url=base_url)


def _shred(store: Store, clock: SimulatedClock, hub: OnStage) -> None:
    with store.read() as session:
        found = [
            lot
            for lot in _on_hand(session, hub, owner=hub, least_g=flows.SHREDDED_FROM_G)
            if lot.grade_code == "Thorn" and not lot.pool_key
        ]
    if found:
        with store.write() as session:
            lots = [_again(session, lot) for lot in found]
            flows.shred(session, clock=clock, hub=hub, lots=lots)


def _certify_and_correct(
    store: Store, clock: SimulatedClock, smelter: OnStage, *, code: str, base_url: str
) -> None:
    """Issue a passport, correct a charge of its heat, and issue the one that takes its place."""
    with store.read() as session:
        cast = session.exec(select(Lot).where(Lot.code == code)).one()
        taken = working(session, event_hash=cast.made_by).facts["inputs"]
        charged = next(each["lot"] for each in taken if each["role"] == "charge")
    said: dict[str, Any] = {"clock": clock, "smelter": smelter}
    with store.write() as session:
        flows.certify(session, lot=_by_code(session, code), base_url=base_url, **said)
    with store.write() as session:
        flows.correct(session, lot=_by_code(session, charged), **said)
    with store.write() as session:
        flows.certify(session, lot=_by_code(session, code), base_url=base_url, **said)


def _cast(session: Session, smelter: OnStage) -> Sequence[Lot]:
    return [
        lot
        for lot in _on_hand(session, smelter, owner=smelter)
        if lot.role == "product" and lot.vectors.melted_g == lot.mass_g
    ]


def _on_hand(session: Session, at: OnStage, *, owner: OnStage, least_g: int = LEAST_G) -> list[Lot]:
    statement = select(Lot).where(
        Lot.site_code == at.site_code,
        Lot.owner == owner.organisation_code,
        Lot.status == "on_hand",
        Lot.mass_g >= least_g,
    )
    return list(session.exec(statement.order_by(col(Lot.id))))


def _again(session: Session, lot: Lot) -> Lot:
    return _by_code(session, lot.code)


def _by_code(session: Session, code: str) -> Lot:
    return session.exec(select(Lot).where(Lot.code == code)).one()
