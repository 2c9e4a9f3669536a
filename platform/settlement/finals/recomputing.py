"""Working a stored settlement again: the same terms and inputs, to the same bytes."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import orjson

from remelt.platform.settlement.finals.computing import final, provisional
from remelt.platform.settlement.finals.inputs import Inputs
from remelt.platform.settlement.finals.statement import (
    Stage,
    Statement,
    Waiting,
    statement_bytes,
)
from remelt.platform.settlement.finals.stored import inputs_json, read_inputs
from remelt.platform.settlement.finals.terms import Terms, canonical_json, terms_json


def record_bytes(terms: Terms, inputs: Inputs, *, stage: Stage) -> bytes:
    """Return all that a statement is worked from, as canonical JSON."""
    said = {"stage": stage, "terms": terms_json(terms), "inputs": inputs_json(inputs)}
    return canonical_json(said)


def recomputed(record: bytes) -> bytes | None:
    """Return the statement of a record as canonical JSON, None where something is missing."""
    said: Mapping[str, Any] = orjson.loads(record)
    terms = kept_terms(canonical_json(said["terms"]))
    worked = worked_at(said["stage"], terms=terms, inputs=read_inputs(said["inputs"]))
    return statement_bytes(worked) if isinstance(worked, Statement) else None


@lru_cache(1024)
def kept_terms(text: bytes) -> Terms:
    """Return terms from the JSON that was kept of them."""
    return Terms.model_validate_json(text)


def worked_at(stage: Stage, *, terms: Terms, inputs: Inputs) -> Statement | Waiting | None:
    """Return the statement of one stage."""
    return final(terms, inputs) if stage == "final" else provisional(terms, inputs)
