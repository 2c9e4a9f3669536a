"""The sentence of every refusal, by its public code. Each room has its own file here.

`N_` marks the English sentence for translation; the facts of the refusal fill `%(name)s`.
"""

from remelt.web.messages.inputs import RULES
from remelt.web.messages.kernel import MESSAGES as KERNEL

MESSAGES: dict[str, str] = {**KERNEL}

__all__ = ["MESSAGES", "RULES"]
