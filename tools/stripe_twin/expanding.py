"""Ids replaced by the objects they name, where `expand` asks for it."""

from typing import Any

import orjson

from tools.stripe_twin.refusals import invalid
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
    if not isinstance(within, dict) or steps[0] not in within:
        raise invalid(f"This property cannot be expanded ({steps[0]}).", param="expand")
    value = within[steps[0]]
    if isinstance(value, str):
        found = world.books(account).objects.get(value)
        if found is None:
            raise invalid(f"This property cannot be expanded ({steps[0]}).", param="expand")
        within[steps[0]] = value = orjson.loads(orjson.dumps(found))
    if value is not None:
        _expand(world, account, value, steps[1:])
