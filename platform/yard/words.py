"""The words that tickets, payments and inspections are kept in."""

from typing import Final

KINDS: Final = ("gate", "receipt", "dispatch")
SOURCES: Final = ("typed", "import")
METHODS: Final = ("cash", "wechat", "alipay", "bank")
TIERS: Final = ("key", "general")
INSPECTION_METHODS: Final = (
    "visual",
    "xrf",
    "oes",
    "assay",
    "melt_test",
    "gamma",
    "scale",
    "declared",
)
