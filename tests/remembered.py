"""A ledger in memory: events by the rules alone, with what a correction needs of the past."""

from collections import Counter
from dataclasses import asdict, dataclass, field

from remelt.traceability.rules import editions as rules
from remelt.traceability.rules.changing import (
    RESTATES,
    STILL,
    as_held,
    change_of,
    changed,
    changed_by,
    lots_named,
)
from remelt.traceability.rules.states import State, merged
from remelt.traceability.rules.views import Cone, Past

WORKINGS = frozenset({"sort", "split", "blend", "melt"})


@dataclass
class Books:
    """Lots, and the sums of what was written: comparable however it came about."""

    lots: dict = field(default_factory=dict)
    lines: dict = field(default_factory=dict)
    flags: Counter = field(default_factory=Counter)
    links: dict = field(default_factory=dict)
    melts: dict = field(default_factory=dict)

    def take_in(self, key, event_hash, outcome):
        self.lots |= {lot.code: lot for lot in outcome.lots}
        for line in outcome.lines:
            name = (line.kind, line.name, line.lot_code, line.metal)
            self.lines.setdefault(name, []).append(line.state)
            self.flags[name] += line.sign * line.beyond_tolerance
        held = {lot.code: lot.state.mass_g for lot in outcome.lots}
        own = [(key, link, held[link.child]) for link in outcome.links]
        for of, link, held_g in (*own, *outcome.restated.links):
            self.links[of, link.child, link.parent] = (link.mass_g, held_g, link.internal)
        self.melts |= {(event_hash, melt["metal"]): melt for melt in outcome.melts}
        self.melts |= {(of, melt["metal"]): melt for of, melt in outcome.restated.melts}

    def told(self):
        """Everything that two worlds are compared by."""
        sums = {key: asdict(merged(states)) for key, states in self.lines.items()}
        for total in sums.values():
            total["missing"], total["custody"] = (), ""
        nothing = asdict(State()) | {"custody": ""}
        return {
            "lots": self.lots,
            "lines": {key: total for key, total in sums.items() if total != nothing},
            "flags": {key: flags for key, flags in self.flags.items() if flags},
            "links": self.links,
            "melts": self.melts,
        }


class Remembered(Books):
    """A ledger of plain facts: `append` applies an event as the live ledger does."""

    def __init__(self):
        super().__init__()
        self.events = []
        self.keys = {}
        self.lines_of = {}
        self.before = {}
        self.said_by = {}

    def append(self, facts, *, event_hash=None):
        """Apply one event; return its hash."""
        key, event_hash = len(self.events), event_hash or f"{len(self.events):064x}"
        facts = {"rules": 1, **facts}
        cone = self.cone(facts) if facts["kind"] in RESTATES else None
        outcome = rules.apply(self.lots, facts, event_hash=event_hash, cone=cone)
        self.events.append((event_hash, facts))
        self.keys[event_hash] = key
        self.before |= {(key, lot.code): lot for lot in outcome.before}
        self.before |= {(of, lot.code): lot for of, lot in outcome.restated.before}
        for of, by in outcome.restated.changes:
            self.said_by.setdefault(of, []).append(key if by is None else by)
        for line in outcome.lines:
            of = key if line.restates is None else line.restates
            self.lines_of.setdefault(of, []).append(line)
        self.take_in(key, event_hash, outcome)
        return event_hash

    def sources(self, facts):
        """The events that say what is to be changed; None for the very event."""
        if facts["kind"] == "restate":
            return [(self.keys[each], self.events[self.keys[each]][1]) for each in facts["of"]]
        return [(None, facts)]

    def believed(self, key):
        event_hash, facts = self.events[key]
        for by in self.said_by.get(key, ()):
            facts = changed(facts, change_of(self.events[by][1], event_hash))
        return facts

    def past(self, key, *, first=()):
        before = {code: lot for (of, code), lot in self.before.items() if of == key}
        event_hash = self.events[key][0]
        facts = self.believed(key)
        return Past(
            key=key,
            hash=event_hash,
            facts=facts,
            before=before,
            lines=tuple(self.lines_of.get(key, ())),
            melts={metal: melt for (of, metal), melt in self.melts.items() if of == event_hash},
            first=tuple(first),
        )

    def cone(self, facts):
        """What the event can reach, by walking forward over all events."""
        changes, said_by = {}, []
        for by, said in self.sources(facts):
            for root in changed_by(said):
                key = self.keys[root]
                changes[key] = changes.get(key, {}) | change_of(said, root)
                said_by.append((key, by))
        reached, events = {}, []
        for key, (_, said) in enumerate(self.events):
            named = lots_named(said)
            hit = key in changes or reached.keys() & set(named)
            if not hit or said["kind"] in RESTATES:
                continue
            working = said["kind"] in WORKINGS
            whole = key in changes and not working
            if working or whole:
                reached |= (
                    dict.fromkeys(each["lot"] for each in said["outputs"])
                    if working
                    else {named[0]: None}
                )
            events.append(self.past(key, first=self.first(key, named[0]) if whole else ()))
        return Cone(
            events=lambda _differing: events,
            changes=changes,
            said_by=() if facts.get("put_off") else tuple(said_by),
            codes=tuple(reached),
        )

    def first(self, until, code):
        own = []
        for key, (_, said) in enumerate(self.events[:until]):
            if code in lots_named(said) and said["kind"] not in STILL:
                own = [] if said["kind"] in WORKINGS else own
                own.append(self.past(key))
        return own


def right_from_the_first(events):
    """The world in which every correction that took effect had been said in the first place."""
    world, changes, said_by = Books(), {}, dict(events)
    for _, facts in events:
        if facts["kind"] in RESTATES and not facts.get("put_off"):
            waited = [said_by[each] for each in facts.get("of", ())]
            for said in waited or [facts]:
                for root in changed_by(said):
                    changes[root] = changes.get(root, {}) | change_of(said, root)
    for key, (event_hash, facts) in enumerate(events):
        if facts["kind"] not in STILL:
            said = as_held(changed(facts, changes.get(event_hash)), world.lots)
            world.take_in(key, event_hash, rules.apply(world.lots, said, event_hash=event_hash))
    return world
