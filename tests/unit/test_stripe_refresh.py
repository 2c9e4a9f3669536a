"""A new edition of the provider's API is compared with the pinned one, key by key."""

import copy
import json

from tools.stripe_twin.refresh import differences, trim
from tools.stripe_twin.schemas import SUBSET


def test_the_same_edition_differs_in_nothing():
    old = json.loads(SUBSET.read_text())
    assert differences(old, trim(old, paths=list(old["paths"]))) == []


def test_what_came_went_and_changed_is_named():
    old = json.loads(SUBSET.read_text())
    new = copy.deepcopy(old)
    del new["paths"]["/v1/balance"]
    refund = new["components"]["schemas"]["refund"]["properties"]
    refund["destination_details"] = {"type": "string"}
    refund["amount"] = {"type": "string"}
    del refund["reason"]
    said = differences(old, trim(new, paths=list(old["paths"])))
    assert {"- path /v1/balance", "- schema balance", "- refund: reason"} <= set(said)
    assert {"+ refund: destination_details", "~ refund: amount"} <= set(said)
