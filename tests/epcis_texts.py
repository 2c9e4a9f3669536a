"""Hostile JSON for EPCIS tests: names of the standard with values that are not theirs."""

from hypothesis import strategies as st

TEXTS = st.text(max_size=12) | st.sampled_from(
    [
        "urn:x:1",
        "ex:a",
        "_:b",
        "2026-03-01T00:00:00Z",
        "+08:00",
        "ObjectEvent",
        "ADD",
        "\0",
        "http://[",
    ]
)
LEAVES = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.integers(min_value=10**17, max_value=10**40)
    | st.floats(allow_nan=False, allow_infinity=False)
    | TEXTS
)
NAMES = st.sampled_from(
    ["type", "eventTime", "eventTimeZoneOffset", "action", "epcList", "quantityList", "epcClass",
     "quantity", "uom", "ilmd", "readPoint", "id", "sensorElementList", "sensorReport", "set",
     "sensorMetadata", "errorDeclaration", "declarationTime", "bizTransactionList", "@context",
     "source", "sourceList", "bizTransaction", "persistentDisposition", "ex:a", "ex:listList"]
) | st.text(max_size=6)  # fmt: skip
VALUES = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(NAMES, inner, max_size=6),
    max_leaves=25,
)
PARAMETERS = [
    "perPage", "nextPageToken", "GE_eventTime", "LT_recordTime", "EQ_bizStep", "MATCH_anyEPC",
    "MATCH_epcClass", "EQ_eventID", "orderBy", "orderDirection", "eventCountLimit",
    "maxEventCount", "GE_quantity", "EQ_value_KGM", "EXISTS_ex:a", "EQ_INNER_ex:a", "@context",
    "WD_bizLocation", "EQ_source_location", "eventType", "\0", "EQ_ex:a",
]  # fmt: skip
