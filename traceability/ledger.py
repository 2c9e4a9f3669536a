"""What can happen to a lot. Every action appends events; nobody keeps a second book.

Actions take `session` and `clock` and never commit. Lots are locked in id order, then the clock
is asked. `at` is when it happened, when that is not now. `actor` is `person:<code>`. As the
write session is left, `seal` numbers the events and hashes them into the log.
"""

from remelt.traceability.actions.assaying import assay
from remelt.traceability.actions.declaring import declare_burden
from remelt.traceability.actions.holding import hold, release
from remelt.traceability.actions.making import Transformation, transform
from remelt.traceability.actions.moving import carry, move, ship_out, transfer
from remelt.traceability.actions.pools import pool_in, pool_lot
from remelt.traceability.actions.registering import Weighing, bring_in, commission, weigh
from remelt.traceability.actions.returning import send_back, take_back
from remelt.traceability.corrections.bearing import bear_way_back
from remelt.traceability.corrections.correcting import Correction, correct, correct_assay
from remelt.traceability.corrections.truing import true_up_energy, true_up_yield
from remelt.traceability.door.seal import seal
from remelt.traceability.terms import (
    Addition,
    Contracted,
    EnergyLine,
    FactorRef,
    LegShare,
    LotSpec,
    Market,
    Output,
    Period,
    SiteRef,
    Taken,
)

__all__ = [
    "Addition",
    "Contracted",
    "Correction",
    "EnergyLine",
    "FactorRef",
    "LegShare",
    "LotSpec",
    "Market",
    "Output",
    "Period",
    "SiteRef",
    "Taken",
    "Transformation",
    "Weighing",
    "assay",
    "bear_way_back",
    "bring_in",
    "carry",
    "commission",
    "correct",
    "correct_assay",
    "declare_burden",
    "hold",
    "move",
    "pool_in",
    "pool_lot",
    "release",
    "seal",
    "send_back",
    "ship_out",
    "take_back",
    "transfer",
    "transform",
    "true_up_energy",
    "true_up_yield",
    "weigh",
]
