"""Events, and the endpoints that want to hear of them."""

import copy
from dataclasses import dataclass, field
from typing import Any, Final

import orjson

from tools.stripe_twin.refusals import invalid
from tools.stripe_twin.world import PLATFORM, Books, Object, World, page, version


@dataclass
class Letter:
    """One event on its way to one endpoint. tries: how often it was sent so far."""

    event: Object
    endpoint: str
    url: str
    secret: str
    tries: int = 0
    due_at: float = 0.0
    faults: list[str] = field(default_factory=list)


def create(world: World, books: Books, params: dict[str, Any]) -> Object:
    """Register an endpoint; its secret is told once, here."""
    connect = params.get("connect", False)
    if not params["url"].startswith(("http://", "https://")):
        raise invalid("Invalid URL", param="url", code="url_invalid")
    made = world.make(
        books,
        "webhook_endpoint",
        {
            "api_version": params.get("api_version"),
            "description": params.get("description"),
            "enabled_events": params["enabled_events"],
            "metadata": params.get("metadata") or {},
            "status": "enabled",
            "url": params["url"],
        },
    )
    made["secret"] = f"whsec_{made['id']}"
    world.known(made["id"]).outcome = "connect" if connect else ""
    return made


def update(world: World, books: Books, params: dict[str, Any], code: str) -> Object:
    """Change an endpoint."""
    endpoint = world.get(books, "webhook_endpoint", code)
    if "disabled" in params:
        endpoint["status"] = "disabled" if params["disabled"] else "enabled"
    names = ("url", "enabled_events", "description", "metadata")
    endpoint.update({name: params[name] for name in names if name in params})
    return endpoint


def delete(world: World, books: Books, _params: dict[str, Any], code: str) -> Object:
    """Forget an endpoint."""
    world.get(books, "webhook_endpoint", code)
    del books.kinds["webhook_endpoint"][code]
    del books.objects[code]
    return {"id": code, "object": "webhook_endpoint", "deleted": True}


def retrieve_endpoint(world: World, books: Books, _params: dict[str, Any], code: str) -> Object:
    """Return an endpoint."""
    return world.get(books, "webhook_endpoint", code)


def endpoints(world: World, books: Books, params: dict[str, Any]) -> Object:
    """List endpoints."""
    return page(world, books, "webhook_endpoint", params, url="/v1/webhook_endpoints")


def retrieve(world: World, books: Books, _params: dict[str, Any], code: str) -> Object:
    """Return an event."""
    return world.get(books, "event", code)


def events(world: World, books: Books, params: dict[str, Any]) -> Object:
    """List events; `types` names several."""
    kinds = params.pop("types", None)
    params.pop("delivery_success", None)
    found = page(world, books, "event", params | {"limit": 100}, url="/v1/events")
    if kinds is not None:
        found["data"] = [each for each in found["data"] if each["type"] in kinds]
    found["data"] = found["data"][: params.get("limit", 10)]
    return found


def announce(world: World, *, request: str, key: str | None) -> list[Letter]:
    """Turn what has happened into events; return the letters to the endpoints that want them."""
    letters: list[Letter] = []
    happened, world.happened = world.happened, []
    for account, said in happened:
        books = world.books(account)
        event = world.make(
            books,
            "event",
            {
                "api_version": version(),
                "data": {"object": copy.deepcopy(said["object"])},
                "pending_webhooks": 0,
                "request": {"id": request, "idempotency_key": key},
                "type": said["type"],
            },
        )
        if account != PLATFORM:
            event["account"] = account
        wanted = _wanted(world, account, said["type"])
        event["pending_webhooks"] = len(wanted)
        body = orjson.loads(orjson.dumps(event))
        letters += [Letter(body, each["id"], each["url"], each["secret"]) for each in wanted]
    return letters


def _wanted(world: World, account: str, kind: str) -> list[Object]:
    platform = world.books(PLATFORM)
    return [
        each
        for each in platform.kinds.get("webhook_endpoint", {}).values()
        if each["status"] == "enabled"
        and ("*" in each["enabled_events"] or kind in each["enabled_events"])
        and (world.known(each["id"]).outcome == "connect") == (account != PLATFORM)
    ]


CALLS: Final = {
    "GET /v1/events": events,
    "GET /v1/events/{id}": retrieve,
    "GET /v1/webhook_endpoints": endpoints,
    "POST /v1/webhook_endpoints": create,
    "GET /v1/webhook_endpoints/{webhook_endpoint}": retrieve_endpoint,
    "POST /v1/webhook_endpoints/{webhook_endpoint}": update,
    "DELETE /v1/webhook_endpoints/{webhook_endpoint}": delete,
}
