"""Refuse orders, rounds and trucks of others, or of nobody, before an input is read."""

from remelt.platform.logistics.fleet import vehicle
from remelt.platform.logistics.orders import order_by_code
from remelt.platform.logistics.planning import round_by_code
from remelt.platform.parties.actors import Actor
from remelt.web.context import store


def check_order(who: Actor, code: str) -> None:
    """Refuse an order that no site of one's own dispatches. Raises `NoSuchOrder`."""
    with store().read() as session:
        order_by_code(session, code=code, organisation_id=who.organisation_id)


def check_round(who: Actor, code: str) -> None:
    """Refuse a round that is not one's own. Raises `NoSuchRound`."""
    with store().read() as session:
        round_by_code(session, code=code, organisation_id=who.organisation_id)


def check_vehicle(who: Actor, code: str) -> None:
    """Refuse a truck that is not one's own. Raises `NoSuchVehicle`."""
    with store().read() as session:
        vehicle(session, code=code, organisation_id=who.organisation_id)
