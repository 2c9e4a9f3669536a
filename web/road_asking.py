"""The operator's road engine, for changes in the day: asked before anything is locked."""

from remelt.platform.logistics.changing import beside_whom
from remelt.platform.logistics.road_cache import Kept
from remelt.platform.logistics.road_engines import engine_of
from remelt.web.context import settings, store


def known_roads(*, order: str = "", organisation_id: int = 0) -> Kept | None:
    """Return what the road engine has said so far; None where the operator runs none.

    order: a lot that joins rounds: the engine is asked for its ways there and back first. Where it
    does not answer, those are estimated, and each leg says so.
    """
    engine = engine_of(settings())
    if engine is None:
        return None
    if order:
        with store().read() as session:
            points = beside_whom(session, code=order, organisation_id=organisation_id)
        engine.ask_beside(points)
    return engine.kept()
