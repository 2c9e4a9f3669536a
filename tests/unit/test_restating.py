"""After a correction the books are those of the world that was weighed rightly at once."""

from dataclasses import asdict, replace

from hypothesis import given, settings
from hypothesis import strategies as st

from remelt.traceability.rules.allot import tidy
from remelt.traceability.rules.states import State, merged, minus
from remelt.traceability.terms import FactorRef, LotSpec
from tests.remembered import Remembered, right_from_the_first

CANS = LotSpec(
    metal="Al",
    grade_system="ReMA",
    grade_code="Talc",
    form="cans",
    origin="post_consumer",
    metal_bp=9_000,
    track="520102",
)
CLIPS = replace(CANS, grade_code="Taboo", origin="pre_consumer", metal_bp=9_800, track="520304")
WIRE = replace(CANS, metal="Cu", grade_code="Berry", metal_bp=None, track="unknown")
SPECS = (CANS, CLIPS, WIRE)
GRID = asdict(FactorRef(id="grid", edition="2023", numerator=5_366, denominator=10_000, unit="kWh"))
MASSES = (1, 7, 1_000, 999_983, 10_000_000, 30_000_000)
BASE = {
    "day": "2026-03-02",
    "time": "2026-03-02T04:00:00+00:00",
    "site": "SMELT1",
    "adcode": "520304",
}


class World:
    """Steps of the trade as facts; every choice is one of the numbers given."""

    def __init__(self):
        self.ledger = Remembered()
        self.waiting = []
        self.count = 0

    def say(self, kind, **facts):
        return self.ledger.append({**BASE, "kind": kind, **facts})

    def code(self):
        self.count += 1
        return f"L{self.count}"

    def held(self):
        return [
            lot
            for lot in self.ledger.lots.values()
            if lot.status == "on_hand" and lot.state.mass_g and lot.pool_key is None
        ]

    def pick(self, n):
        held = self.held()
        return held[n % len(held)] if held else None

    def bring(self, a, b, _c):
        upstream = {"factor": GRID, "quantity": 1, "co2e_g": 1, "primary_g": 0}
        mass_g = MASSES[b % len(MASSES)]
        terms = {"spec": asdict(SPECS[a % 3]), "owner": "O", "custodian": "O", "mass_g": mass_g}
        factor = FactorRef(**GRID)
        upstream |= {"quantity": mass_g, "co2e_g": factor.co2e_g(mass_g)}
        self.say("bring_in", lot=self.code(), upstream=upstream if a % 2 else None, **terms)

    def declare(self, a, b, _c):
        code = self.code()
        terms = {"spec": asdict(SPECS[a % 3]), "owner": "O", "custodian": "O"}
        self.say("commission", lot=code, declared_mass_g=5, **terms)
        if a % 2:
            self.say("carry", lot=code, stage="collection", co2e_g=b, primary_g=0, factors=[])
        mass_g = MASSES[b % len(MASSES)]
        self.say("weigh", lot=code, mass_g=mass_g, scale_division_g=20)

    def weigh(self, a, b, _c):
        if lot := self.pick(a):
            mass_g = max(1, lot.state.mass_g + b % 5_000 - 2_500)
            self.say("weigh", lot=lot.code, mass_g=mass_g, scale_division_g=20)

    def carry(self, a, b, c):
        if lot := self.pick(a):
            burden = {"stage": "transport", "co2e_g": None if c % 3 == 0 else b, "primary_g": b % 2}
            burden["factors"] = [GRID] if c % 2 else []
            self.say("carry", lot=lot.code, **burden)

    def move(self, a, b, _c):
        if lot := self.pick(a):
            step = ("ship", "receive")[b % 2]
            self.say("move", lot=lot.code, step=step, custodian="C")

    def assay(self, a, b, _c):
        if lot := self.pick(a):
            said = {"elements_ppm": {"Al": b % 900_000, "Si": 9}, "method": "OES"}
            self.say("assay", lot=lot.code, **said)

    def out(self, a, _b, _c):
        if lot := self.pick(a):
            self.say("ship_out", lot=lot.code)

    def back(self, a, b, _c):
        gone = [lot for lot in self.ledger.lots.values() if lot.outside.mass_g]
        if gone:
            lot = gone[a % len(gone)]
            mass_g = 1 + b % lot.outside.mass_g
            self.say("take_back", lot=lot.code, mass_g=mass_g, cause="grade", custodian="C")

    def pool(self, a, b, _c):
        heaps = [lot for lot in self.ledger.lots.values() if lot.pool_key and lot.spec == CANS]
        if not heaps or b % 4 == 0:
            code = self.code()
            spec = asdict(CANS)
            self.say("commission", lot=code, spec=spec, owner="O", custodian="O", pool_key=code)
            heaps = [*heaps[-1:], self.ledger.lots[code]]
            if len(heaps) > 1 and heaps[0].state.mass_g:
                self.put(heaps[0], heaps[1])
        elif lot := self.pick(a):
            self.put(lot, heaps[-1])

    def put(self, lot, heap):
        taken = self.taken(lot, lot.state.mass_g, 0)
        self.working("blend", [taken], [self.given(heap, lot.state.mass_g, into=True)])

    def unpool(self, _a, b, _c):
        heaps = [lot for lot in self.ledger.lots.values() if lot.pool_key and lot.state.mass_g]
        if heaps:
            mass_g = 1 + b % heaps[-1].state.mass_g
            self.working("split", [self.taken(heaps[-1], mass_g, b)], [(CANS, mass_g, "product")])

    def taken(self, lot, mass_g, n):
        return {
            "lot": lot.code,
            "mass_g": mass_g,
            "whole": mass_g == lot.state.mass_g,
            "recovery_bp": (None, 9_500, 0, 10_000)[n % 4],
            "internal": n % 5 == 0,
            "role": "charge",
        }

    def given(self, heap, mass_g, *, into=False, role="product"):
        return {
            "lot": heap.code if into else self.code(),
            "spec": asdict(heap.spec if into else heap),
            "mass_g": mass_g,
            "role": role,
            "owner": "O",
            "into": into,
            "follows": into,
        }

    def working(self, kind, inputs, outputs, **more):
        made = [
            each if isinstance(each, dict) else self.given(each[0], each[1], role=each[2])
            for each in outputs
        ]
        facts = {"losses": {}, "flux_g": 0, "oxygen_g": 0, "additions": [], "burdens": []} | more
        self.say(kind, inputs=inputs, outputs=made, scale_division_g=20, custodian="O", **facts)

    def charge(self, a, b, c, *, most):
        held = self.held()
        lots = list({held[(a + i * b) % len(held)].code: None for i in range(most)}) if held else []
        found = [self.ledger.lots[code] for code in lots]
        parts = [
            lot.state.mass_g if (c >> i) % 2 else 1 + (b + i) % lot.state.mass_g
            for i, lot in enumerate(found)
        ]
        taken = [
            self.taken(lot, g, c + i) for i, (lot, g) in enumerate(zip(found, parts, strict=True))
        ]
        return taken, sum(parts)

    def split(self, a, b, c):
        taken, whole = self.charge(a, b, c, most=1)
        if taken:
            cut = whole * (b % 10) // 10
            outputs = [(CANS, g, "product") for g in (cut, whole - cut + c % 3) if g]
            self.working("split", taken, outputs)

    def sort(self, a, b, c):
        taken, whole = self.charge(a, b, c, most=2)
        if taken:
            outputs = [
                (SPECS[c % 3], 1 + whole // 2, "product"),
                (CLIPS, 1 + whole // 3, "product"),
            ]
            outputs += [(CANS, 1 + whole // 10, "waste")] if c % 2 else []
            self.working("sort", taken, outputs, losses={"dirt": whole // 50, "moisture": b % 9})

    def blend(self, a, b, c):
        taken, whole = self.charge(a, b, c, most=3)
        if taken:
            self.working("blend", taken, [(CANS, max(1, whole - c % 50), "product")])

    def melt(self, a, b, c):
        taken, whole = self.charge(a, b, c, most=4)
        if taken:
            outputs = [(CANS, 1 + whole * 8 // 10, "product"), (CANS, 1 + whole // 20, "dross")]
            outputs += [(CANS, 1 + whole // 30, "heel")] if a % 2 else []
            energy = {"stage": "melt_energy", "name": "power", "quantity": b, "factor": GRID}
            known = {"co2e_g": b % 10**6, "primary_g": b % 7, "provisional": bool(c % 2)}
            addition = {"name": "Si", "mass_g": 1 + c % 1_000, "elements_bp": {"Si": 9_900}}
            self.working(
                "melt",
                taken,
                outputs,
                losses={"burn_off": whole * (c % 9) // 100},
                flux_g=b % 500,
                oxygen_g=c % 300,
                additions=[addition] if c % 3 else [],
                burdens=[energy | known] if a % 4 else [],
            )

    def correct(self, a, b, c):
        wrong = [
            (known, facts)
            for known, facts in self.ledger.events
            if facts["kind"] in {"weigh", "bring_in"}
        ]
        root, facts = wrong[a % len(wrong)]
        mass_g = MASSES[b % len(MASSES)] if c % 2 else max(1, facts["mass_g"] + b % 5_000 - 2_500)
        self.amend("correct", c, root=root, mass_g=mass_g, lot=facts["lot"])

    def restate_assay(self, a, b, c):
        said = [each for each in self.ledger.events if each[1]["kind"] == "assay"]
        if said:
            root, facts = said[a % len(said)]
            ppm = {"Al": b % 800_000, "Cu": 70}
            self.amend("correct", c, root=root, elements_ppm=ppm, lot=facts["lot"])

    def true_up(self, a, b, c):
        heats = [known for known, facts in self.ledger.events if facts["kind"] == "melt"]
        heats = heats[a % 2 :: 2]
        if heats and b % 2:
            line = {"stage": "melt_energy", "name": "power", "unit": "kWh", "factor": GRID}
            given = {heat: [b + i] for i, heat in enumerate(heats)}
            self.amend("true_up", c, what="energy", heats=given, lines=[line])
        elif heats:
            measured = {"measured_g": 1 + b % 10_000, "expected_g": 9_000}
            self.amend("true_up", c, what="yield", heats=dict.fromkeys(heats), **measured)

    def amend(self, kind, c, **facts):
        later = c % 4 == 0 or bool(self.waiting)
        event_hash = self.say(kind, put_off=later, **facts)
        if later:
            self.waiting.append(event_hash)

    def restate(self, _a, _b, _c):
        if self.waiting:
            self.say("restate", of=self.waiting)
            self.waiting = []


STEPS = (
    "bring", "declare", "weigh", "carry", "move", "assay", "out", "back", "pool", "pool", "unpool",
    "split", "sort", "blend", "melt", "melt", "correct", "correct", "correct", "restate_assay",
    "true_up", "restate",
)  # fmt: skip
number = st.integers(0, 2**20)
plans = st.lists(st.tuples(st.sampled_from(STEPS), number, number, number), max_size=18)


def lived(plan):
    """Do all steps of the plan after two purchases; return the world."""
    world = World()
    world.bring(0, 4, 0)
    world.declare(1, 5, 0)
    for step, *choices in plan:
        getattr(world, step)(*choices)
    return world


@settings(max_examples=150, deadline=None)
@given(plan=plans)
def test_a_correction_makes_the_world_that_was_weighed_rightly_at_once(plan):
    world = lived(plan)
    world.restate(0, 0, 0)
    assert world.ledger.told() == right_from_the_first(world.ledger.events).told()


@settings(max_examples=60, deadline=None)
@given(plan=plans)
def test_nothing_is_lost_while_corrections_wait_and_after(plan):
    ledger = lived(plan).ledger
    lots = merged(lot.state for lot in ledger.lots.values())
    lines = merged(state for states in ledger.lines.values() for state in states)
    assert minus(lots, lines) == State()
    assert all(lot.state.holds() for lot in ledger.lots.values())


@settings(max_examples=60, deadline=None)
@given(plan=plans)
def test_vectors_are_in_order_as_they_are_made(plan):
    """So they are stored as they are, and one state has one form."""
    ledger = lived(plan).ledger
    states = [lot.state for lot in ledger.lots.values()]
    states += [state for told in ledger.lines.values() for state in told]
    for state in states:
        for vector in (state.classes, state.elements, state.track, state.co2e):
            assert list(vector.items()) == list(tidy(vector).items())
        assert state.missing == tuple(sorted(state.missing))
