"""A small world for the ledger's tests: sites, grades and a way to bring metal in."""

from dataclasses import replace

from remelt.platform.kernel.clock import SimulatedClock
from remelt.platform.kernel.codes import new_code
from remelt.traceability import ledger
from remelt.traceability.ledger import FactorRef, LotSpec, SiteRef

HUB = SiteRef(code="HUB1", adcode="520102")
SMELTER = SiteRef(code="SMELT1", adcode="520304")
ACTOR = "person:ZHAO"
CANS = LotSpec(
    metal="Al",
    grade_system="ReMA",
    grade_code="Talc",
    form="cans",
    origin="post_consumer",
    metal_bp=9_000,
    track="520102",
)
CLIPS = LotSpec(
    metal="Al",
    grade_system="ReMA",
    grade_code="Taboo",
    form="clippings",
    origin="pre_consumer",
    metal_bp=9_800,
    track="520304",
)
PRIMARY = LotSpec(
    metal="Al",
    grade_system="GB",
    grade_code="Al99.70",
    form="ingot",
    origin="primary",
    evidence="documented",
    metal_bp=9_970,
    track="530000",
)
INGOT = LotSpec(
    metal="Al",
    grade_system="GB",
    grade_code="ADC12",
    form="ingot",
    origin="unknown",
    metal_bp=None,
    track="520304",
)
DROSS = LotSpec(metal="Al", grade_system="own", grade_code="dross", form="dross", origin="unknown")
GRID = FactorRef(id="grid", edition="2023", numerator=5_366, denominator=10_000, unit="kWh")


def brought(session, clock: SimulatedClock, *, spec=CANS, mass_g=10_000_000, site=HUB, **more):
    """Bring a lot in by one event and return it."""
    clock.advance(seconds=1)
    spec = replace(spec, metal_bp=more.pop("metal_bp")) if "metal_bp" in more else spec
    terms = {"owner": "ORG1", "custodian": "ORG1", "actor": ACTOR, "lot_code": new_code()} | more
    return ledger.bring_in(session, clock=clock, spec=spec, mass_g=mass_g, site=site, **terms)
