"""The sentence of every refusal, by its public code. Each room has its own file here.

`N_` marks the English sentence for translation; the facts of the refusal fill `%(name)s`.
"""

from remelt.web.messages.awards import MESSAGES as AWARDS
from remelt.web.messages.catalogue import MESSAGES as CATALOGUE
from remelt.web.messages.combined import MESSAGES as COMBINED
from remelt.web.messages.custody import MESSAGES as CUSTODY
from remelt.web.messages.epcis import MESSAGES as EPCIS
from remelt.web.messages.inputs import RULES
from remelt.web.messages.kernel import MESSAGES as KERNEL
from remelt.web.messages.logistics import MESSAGES as LOGISTICS
from remelt.web.messages.market import MESSAGES as MARKET
from remelt.web.messages.needs import MESSAGES as NEEDS
from remelt.web.messages.parties import MESSAGES as PARTIES
from remelt.web.messages.pricing import MESSAGES as PRICING
from remelt.web.messages.proofs import MESSAGES as PROOFS
from remelt.web.messages.rails import MESSAGES as RAILS
from remelt.web.messages.reverse import MESSAGES as REVERSE
from remelt.web.messages.running import MESSAGES as RUNNING
from remelt.web.messages.sealing import MESSAGES as SEALING
from remelt.web.messages.settlement import MESSAGES as SETTLEMENT
from remelt.web.messages.siting import MESSAGES as SITING
from remelt.web.messages.traceability import MESSAGES as TRACEABILITY
from remelt.web.messages.works import MESSAGES as WORKS
from remelt.web.messages.yard import MESSAGES as YARD

MESSAGES: dict[str, str] = {
    **KERNEL,
    **CATALOGUE,
    **YARD,
    **SETTLEMENT,
    **PRICING,
    **REVERSE,
    **RAILS,
    **RUNNING,
    **MARKET,
    **COMBINED,
    **SEALING,
    **NEEDS,
    **AWARDS,
    **PARTIES,
    **PROOFS,
    **TRACEABILITY,
    **CUSTODY,
    **LOGISTICS,
    **SITING,
    **WORKS,
    **EPCIS,
}

__all__ = ["MESSAGES", "RULES"]
