"""Ids replaced by the objects they name, where `expand` asks for it."""

from typing import Any

import orjson

from tools.stripe_twin.refusals import Refused, invalid
from tools.stripe_twin.schemas import subset
from tools.stripe_twin.world import Object, World

DEEPEST = 4


def expanded(world: World, account: str, said: Object, paths: list[str]) -> Any:
    """Return a copy of an answer in which each path's ids are objects. Raises `Refused`."""
    answer = orjson.loads(orjson.dumps(said))
    for path in paths:
        steps = path.split(".")
        if len(steps) > DEEPEST:
            raise invalid("You can expand up to four levels deep", param="expand")
        _expand(world, account, answer, steps)
    return answer


def _expand(world: World, account: str, within: Any, steps: list[str]) -> None:
    if not steps:
        return
    if isinstance(within, list):
        for each in within:
            _expand(world, account, each, steps)
        return
    if not isinstance(within, dict) or not _known(within, steps[0]):
        raise _unknown(steps[0])
    if isinstance(within.get(steps[0]), str):
        within[steps[0]] = _found(world, account, within[steps[0]], steps[0])
    if within.get(steps[0]) is not None:
        _expand(world, account, within[steps[0]], steps[1:])


def _found(world: World, account: str, code: str, name: str) -> Any:
    found = world.books(account).objects.get(code)
    if found is None:
        raise _unknown(name)
    return orjson.loads(orjson.dumps(found))


def _unknown(name: str) -> Refused:
    return invalid(f"This property cannot be expanded ({name}).", param="expand")


def _known(within: Object, name: str) -> bool:
    """Tell whether an object has a property, or may have one."""
    schema = subset().schemas.get(within.get("object", ""), {})
    return name in within or name in schema.get("properties", {})
