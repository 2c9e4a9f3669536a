"""The parameters of an EPCIS 2.0 event query, read strictly: an unknown one is refused. Pure."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NoReturn

from remelt.platform.kernel.errors import Invalid
from remelt.traceability.capture import fields as f
from remelt.traceability.capture import match as m
from remelt.traceability.capture.schema import follows
from remelt.traceability.epcis.names import web_name
from remelt.traceability.epcis.values import moment


class BadQuery(Invalid):
    """A parameter is unknown, or its value is none that it takes."""

    code = "bad-query"


class QueryTooLarge(Invalid):
    """More events answer than may be given or sorted at once."""

    code = "query-too-large"


@dataclass(kw_only=True)
class Query:
    """What is asked: tests that an event must pass, and what the database can look up first.

    names: for each MATCH parameter without patterns, the web names of which one must be named.
    ids: for each EQ_eventID, the ids of which one it must be. times: (field, operator) -> bound.
    """

    tests: list[m.Test] = field(default_factory=list)
    names: list[frozenset[str]] = field(default_factory=list)
    ids: list[frozenset[str]] = field(default_factory=list)
    times: dict[tuple[str, str], datetime] = field(default_factory=dict)
    order_by: str | None = None
    descending: bool = True
    limit: int | None = None
    most: int | None = None

    def takes(self, event: m.Event) -> bool:
        """Tell whether an event passes every test."""
        return all(test(event) for test in self.tests)


Reader = Callable[[Query, str, list[str], Mapping[str, str]], None]


def read_query(given: Mapping[str, Sequence[str]], *, names: Mapping[str, str]) -> Query:
    """Return the query that parameters ask for; a list's values are parted by `|`, or repeated.

    names: prefix -> namespace of the asker's extensions. Raises `BadQuery`.
    """
    query = Query()
    for name, values in given.items():
        split = [part for value in values for part in value.split("|")]
        reader = _PLAIN.get(name) or next(
            (read for form, read in _FORMS if form.fullmatch(name)), None
        )
        if reader is None:
            raise BadQuery(parameter=name[:80], why="unknown")
        reader(query, name, split, names)
    if query.limit is not None and query.most is not None:
        raise BadQuery(parameter="maxEventCount", why="excluded")
    return query


def _bad(name: str, why: str = "value") -> NoReturn:
    raise BadQuery(parameter=name[:80], why=why)


def _one(name: str, values: Sequence[str]) -> str:
    return values[0] if len(values) == 1 else _bad(name)


def _time(name: str, values: Sequence[str]) -> datetime:
    text = _one(name, values)
    found = moment(text) if follows("time", text) else None
    return found or _bad(name)


def _number(name: str, text: str) -> float:
    found = (
        m.read_as(text, 0.0)
        if re.fullmatch(r"-?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]+)?", text)
        else None
    )
    return found if isinstance(found, float) else _bad(name)


def _count(name: str, values: Sequence[str]) -> int:
    text = _one(name, values)
    fits = text.isascii() and text.isdigit() and len(text) <= 9  # noqa: PLR2004 - a thousand million
    return int(text) if fits and int(text) else _bad(name)


def _addresses(name: str, values: list[str]) -> list[str]:
    return values if values and all(follows("uri", value) for value in values) else _bad(name)


def _types(query: Query, name: str, values: list[str], _names: Any) -> None:
    if not all(value in f.TYPES or follows("uri", value) for value in values):
        _bad(name)
    query.tests.append(m.one_of([("type",)], values))


def _action(query: Query, name: str, values: list[str], _names: Any) -> None:
    if not set(values) <= {"OBSERVE", "ADD", "DELETE"}:
        _bad(name)
    query.tests.append(m.one_of([("action",)], values))


def _word(query: Query, name: str, values: list[str], _names: Any) -> None:
    path, known = f.WORDS[name]
    if not all(m.word(value) in known or follows("uri", value) for value in values):
        _bad(name)
    query.tests.append(m.words_in(path, values))


def _named(query: Query, name: str, values: list[str], _names: Any) -> None:
    wanted = _addresses(name, values)
    query.tests.append(m.names_in(f.EPC[name], wanted))
    if not any(value.startswith("urn:epc:idpat:") for value in wanted):
        query.names.append(frozenset(map(web_name, wanted)))


def _address(query: Query, name: str, values: list[str], _names: Any) -> None:
    query.tests.append(m.names_in(f.ADDRESSES[name], _addresses(name, values)))


def _within(query: Query, name: str, values: list[str], _names: Any) -> None:
    query.tests.append(m.within(name.removeprefix("WD_"), _addresses(name, values)))


def _event_ids(query: Query, name: str, values: list[str], _names: Any) -> None:
    query.ids.append(frozenset(_addresses(name, values)))


def _stamp(query: Query, name: str, values: list[str], _names: Any) -> None:
    operator, _, which = name.partition("_")
    query.times[which, operator] = _time(name, values)


def _instant(query: Query, name: str, values: list[str], _names: Any) -> None:
    operator, _, which = name.partition("_")
    query.tests.append(m.compared(f.TIMES[which], operator, _time(name, values)))


def _quantity(query: Query, name: str, values: list[str], _names: Any) -> None:
    operator = name.partition("_")[0]
    numbers = [_number(name, value) for value in values]
    if operator == "EQ":
        query.tests.append(m.one_of(f.AMOUNTS, values))
    else:
        query.tests.append(m.compared(f.AMOUNTS, operator, numbers[0]))


def _rank(query: Query, name: str, values: list[str], _names: Any) -> None:
    bound = _number(name, _one(name, values))
    query.tests.append(m.compared([(*f.REPORT, "percRank")], name[:2], bound))


def _value(query: Query, name: str, values: list[str], _names: Any) -> None:
    path = (*f.REPORT, name.removeprefix("EQ_"))
    if name == "EQ_booleanValue" and _one(name, values) not in {"true", "false"}:
        _bad(name)
    wanted = frozenset(values)
    query.tests.append(
        lambda event: any(
            (v if isinstance(v, str) else str(v).lower()) in wanted for v in m.at(event, path)
        )
    )


def _exists(query: Query, name: str, values: list[str], _names: Any) -> None:
    _flag(name, values)
    query.tests.append(m.present((name.removeprefix("EXISTS_"),)))


def _flag(name: str, values: Sequence[str]) -> None:
    text = _one(name, values)
    if text not in {"", "null", "true"} and not text.isdigit():
        _bad(name)


def _measured(query: Query, name: str, values: list[str], _names: Any) -> None:
    operator, which, uom = name.split("_")
    numbers = [_number(name, value) for value in values]
    lists = [(each,) for each in m.QUANTITIES] if which == "quantity" else [f.REPORT]

    def holds(value: Any) -> bool:
        return value in numbers if operator == "EQ" else m.COMPARE[operator](value, numbers[0])

    either = [m.measured(each, which, uom, holds) for each in lists]
    query.tests.append(lambda event: any(test(event) for test in either))


def _paired(query: Query, name: str, values: list[str], _names: Any) -> None:
    _, member, kind = name.split("_", 2)
    test = m.paired(f"{member}List", member, kind, _addresses(name, values))
    query.tests.append(test)


def _extension(query: Query, name: str, values: list[str], names: Mapping[str, str]) -> None:
    found = _EXTENSION.fullmatch(name)
    if found is None:
        raise LookupError(name)
    operator, inner, place, field_name = found.groups()
    if operator == "EXISTS":
        _flag(name, values)
        holds: Callable[[Any], bool] = _always
    elif operator == "EQ":
        holds = lambda value: m.equal(m.at(value, ()), values)  # noqa: E731 - one line says it
    else:
        holds = _bounded(name, operator, values)
    where = f.PLACES[place or ""]
    query.tests.append(m.extended(where, field_name, holds, inner=bool(inner), names=names))


def _bounded(name: str, operator: str, values: list[str]) -> Callable[[Any], bool]:
    text = _one(name, values)
    bound: m.Bound = _time(name, values) if follows("time", text) else _number(name, text)

    def holds(value: Any) -> bool:
        read = (m.read_as(each, bound) for each in m.at(value, ()))
        return any(each is not None and m.COMPARE[operator](each, bound) for each in read)

    return holds


def _always(_value: Any) -> bool:
    return True


def _attribute(query: Query, _name: str, _values: list[str], _names: Any) -> None:
    """No master data are kept here, so no place or thing has attributes: nothing answers."""
    query.tests.append(lambda _event: False)


def _order(query: Query, name: str, values: list[str], _names: Any) -> None:
    query.order_by = _one(name, values)
    if query.order_by not in f.SORTABLE and not re.fullmatch(f.NAME, query.order_by):
        _bad(name)


def _direction(query: Query, name: str, values: list[str], _names: Any) -> None:
    if _one(name, values) not in f.DIRECTIONS:
        _bad(name)
    query.descending = values[0] == "DESC"


def _limit(query: Query, name: str, values: list[str], _names: Any) -> None:
    query.limit = _count(name, values)


def _most(query: Query, name: str, values: list[str], _names: Any) -> None:
    query.most = _count(name, values)


_PLAIN: Mapping[str, Reader] = {
    "eventType": _types,
    "EQ_action": _action,
    "EQ_eventID": _event_ids,
    "orderBy": _order,
    "orderDirection": _direction,
    "eventCountLimit": _limit,
    "maxEventCount": _most,
    "EXISTS_errorDeclaration": _exists,
    "EXISTS_sensorElementList": _exists,
    "EQ_stringValue": _value,
    "EQ_booleanValue": _value,
    "EQ_hexBinaryValue": _value,
    **dict.fromkeys(f.WORDS, _word),
    **dict.fromkeys(f.EPC, _named),
    **dict.fromkeys(f.ADDRESSES, _address),
    **dict.fromkeys(("WD_readPoint", "WD_bizLocation"), _within),
    **{f"{o}_{t}": _stamp for o in ("GE", "LT") for t in f.SORTABLE},
    **{f"{o}_{t}": _instant for o in ("GE", "LT") for t in f.TIMES},
    **{f"{o}_quantity": _quantity for o in ("EQ", *m.COMPARE)},
    **{f"{o}_percRank": _rank for o in m.COMPARE},
}
_EXTENSION = re.compile(
    rf"(EQ|GT|GE|LT|LE|EXISTS)_(INNER_)?({'|'.join(filter(None, f.PLACES))})?({f.NAME})"
)
_FORMS: tuple[tuple[re.Pattern[str], Reader], ...] = (
    (re.compile(r"EQ_(?:bizTransaction|source|destination)_[a-z][A-Za-z0-9_]+"), _paired),
    (re.compile(rf"(?:EQ|GE|GT|LT|LE)_quantity_{f.UOM}"), _measured),
    (re.compile(rf"EQ_value_{f.UOM}"), _measured),
    (re.compile(rf"(?:GE|GT|LT|LE)_(?:{f.MEASURES})_{f.UOM}"), _measured),
    (re.compile(rf"HASATTR_{f.NAME}|EQ_ATTR_\w+_\w+"), _attribute),
    (re.compile(rf"EQ_(?:INNER_)?(?:readPoint|bizLocation)_{f.NAME}"), _extension),
    (re.compile(rf"(?!.*(?:readPoint|bizLocation)_){_EXTENSION.pattern}"), _extension),
)
