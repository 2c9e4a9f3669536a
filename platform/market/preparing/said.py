"""A draft as it is kept (plain JSON, anything may be missing) and as the market takes it."""

from collections.abc import Mapping, Sequence
from dataclasses import MISSING, asdict, fields
from datetime import datetime, timedelta
from typing import Any, Final, get_origin

from remelt.platform.market.drafts import MOST_BANDS, Ascending, FixedPrice, ListingDraft
from remelt.platform.market.kinds import PLAIN, Conditions, Descending, Sealed
from remelt.platform.market.preparing.errors import DraftIncomplete, UnreadableDraft

Price = FixedPrice | Ascending | Sealed | Descending
PRICES: Final[Mapping[str, type[Price]]] = {
    "fixed": FixedPrice,
    "auction": Ascending,
    "sealed": Sealed,
    "descending": Descending,
}
_PARTS: Final = frozenset({"price", "conditions"})
_TIMES: Final = frozenset({"closes_at", "opens_at"})
_KNOWN: Final = {each.name: each for each in fields(ListingDraft) if each.name not in _TIMES}
NEEDED: Final = tuple(name for name, each in _KNOWN.items() if each.default is MISSING)
_TEXT_LIMIT: Final = 2_000


def said_of(draft: ListingDraft) -> dict[str, Any]:
    """Return a whole draft as it is kept."""
    said = {name: getattr(draft, name) for name in _KNOWN if name not in _PARTS}
    return said | {"price": price_said(draft.price)} | conditions_said(draft.conditions)


def price_said(price: Price) -> dict[str, Any]:
    """Return a price as it is kept: its mode, and what its kind holds."""
    mode = next(mode for mode, kind in PRICES.items() if isinstance(price, kind))
    return {"mode": mode, **asdict(price)}


def conditions_said(asked: Conditions) -> dict[str, Any]:
    """Return what is asked of bidders as it is kept; nothing where nothing is asked."""
    return {} if asked == PLAIN else {"conditions": asdict(asked)}


def check_said(said: Mapping[str, Any]) -> None:
    """Refuse what no listing has, so that a draft can always be shown and changed."""
    _check_part(said, kind=ListingDraft, field=None)
    if set(said) & _TIMES:
        raise UnreadableDraft(field=min(set(said) & _TIMES))
    for name in _PARTS & set(said):
        if not isinstance(said[name], Mapping):
            raise UnreadableDraft(field=name)
    _check_part(said.get("conditions", {}), kind=Conditions, field="conditions")
    price = said.get("price")
    if price is not None:
        mode = price.get("mode")
        if not isinstance(mode, str) or mode not in PRICES:
            raise UnreadableDraft(field="price")
        rest = {name: value for name, value in price.items() if name != "mode"}
        _check_part(rest, kind=PRICES[mode], field="price")


def missing_of(said: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the fields that a listing needs and the draft does not say, in the form's order."""
    return tuple(name for name in NEEDED if said.get(name) is None or said[name] == "")


def draft_of(said: Mapping[str, Any], *, open_s: int, now: datetime) -> ListingDraft:
    """Return what was kept as a draft that opens now. Raises `DraftIncomplete`."""
    missing = missing_of(said)
    if missing:
        raise DraftIncomplete(field=missing[0], missing=", ".join(missing))
    given = {n: value for n, value in said.items() if n not in _PARTS and value is not None}
    price = dict(said["price"])
    kind = PRICES[price.pop("mode")]
    return ListingDraft(
        **given,
        price=kind(**price),
        conditions=Conditions(**said.get("conditions", {})),
        closes_at=now + timedelta(seconds=open_s),
    )


def _check_part(part: Mapping[str, Any], *, kind: type[Any], field: str | None) -> None:
    """Refuse names that a kind of terms does not have, and values of another type than its own."""
    known = {each.name: each.type for each in fields(kind)}
    for name, value in part.items():
        if name not in known or not _is(value, known[name], part=name in _PARTS and field is None):
            raise UnreadableDraft(field=field or name[:40])


def _is(value: object, kind: Any, *, part: bool) -> bool:
    if part or value is None:
        return True
    if isinstance(value, bool):
        return kind is bool
    if isinstance(value, str) and len(value) > _TEXT_LIMIT:
        return False
    if get_origin(kind) is tuple:
        return isinstance(value, list | tuple) and _are_pairs(value)
    return isinstance(value, kind)


def _are_pairs(value: Sequence[object]) -> bool:
    """Tell whether a value reads as bands: a few pairs of whole numbers."""
    return len(value) <= MOST_BANDS and all(
        isinstance(pair, list | tuple) and [type(each) for each in pair] == [int, int]
        for pair in value
    )
