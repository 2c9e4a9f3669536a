"""Every table of every room, gathered for the schema."""

from typing import Any

from remelt.platform.catalogue import definitions
from remelt.platform.catalogue import models as catalogue
from remelt.platform.kernel import file_ends, idempotency, installation, jobs, outbox, scrubbing
from remelt.platform.kernel.rows import metadata
from remelt.platform.logistics import models as logistics
from remelt.platform.logistics import road_models as roads
from remelt.platform.logistics.siting import models as siting
from remelt.platform.market import auction_models as auctions
from remelt.platform.market import ending_models as endings
from remelt.platform.market import models as market
from remelt.platform.market import terms_models as terms
from remelt.platform.market.combined import models as combined
from remelt.platform.market.following import models as following
from remelt.platform.market.needs import models as needs
from remelt.platform.market.preparing import models as preparing
from remelt.platform.market.proposals import models as proposals
from remelt.platform.market.sealing import models as sealing
from remelt.platform.market.tenders import models as tenders
from remelt.platform.parties import models as parties
from remelt.platform.settlement import models as settlement
from remelt.platform.settlement.escrow import models as escrow
from remelt.platform.settlement.evidence import models as purchase_papers
from remelt.platform.settlement.finals import models as finals
from remelt.platform.settlement.ledger import models as money
from remelt.platform.settlement.pricing import models as pricing
from remelt.platform.settlement.rails import provider_models as providers
from remelt.platform.settlement.rails.bank import models as bank
from remelt.platform.settlement.reverse import models as reverse
from remelt.platform.settlement.running import models as running
from remelt.platform.works import charge_models as charging
from remelt.platform.works import flow_models as flows
from remelt.platform.works import line_models as lines
from remelt.platform.works import models as works
from remelt.platform.works import power_models as power
from remelt.platform.yard import models as yard
from remelt.platform.yard import return_models as returns
from remelt.traceability import models as traceability
from remelt.traceability import models_restating as restating
from remelt.traceability.capture import models as epcis
from remelt.traceability.credits import models as credit
from remelt.traceability.labels import models as loads
from remelt.traceability.proofs import models as proofs

ROOMS = (
    file_ends,
    idempotency,
    installation,
    jobs,
    outbox,
    scrubbing,
    market,
    terms,
    endings,
    proposals,
    sealing,
    combined,
    auctions,
    following,
    needs,
    preparing,
    tenders,
    parties,
    catalogue,
    traceability,
    loads,
    proofs,
    credit,
    epcis,
    restating,
    logistics,
    roads,
    siting,
    yard,
    settlement,
    finals,
    escrow,
    pricing,
    money,
    providers,
    reverse,
    purchase_papers,
    bank,
    running,
    works,
    power,
    lines,
    charging,
    flows,
    returns,
    definitions,
)

__all__ = ["ROOMS", "is_ours", "metadata"]

_ENGINES_OWN = ("listing_search", "money_unfinished", "sqlite_")


def is_ours(thing: Any, name: str | None, kind: str, reflected: bool, compare_to: Any) -> bool:  # noqa: ARG001, FBT001
    """Leave to the DDL module what Alembic does not model: search tables and their shadows."""
    return not (kind == "table" and name is not None and name.startswith(_ENGINES_OWN))
