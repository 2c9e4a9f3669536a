"""Who may do what: one table, permission -> roles.

Whose object it is (own or another organisation's) is asked by the query that reads the object:
another organisation's private object is not found. Both answers are walked for every route by
`tests/functional/test_permissions.py` against a reviewed file.
"""

from typing import Final

COLLECTOR: Final = "collector"
HUB: Final = "hub"
SMELTER: Final = "smelter"
REGULATOR: Final = "regulator"
OPERATOR: Final = "operator"
AUDITOR: Final = "auditor"
ROLES: Final = (COLLECTOR, HUB, SMELTER, REGULATOR, OPERATOR, AUDITOR)

ANYONE: Final = "anyone"  # signed in or not
MEMBER: Final = "member"  # signed in for an organisation, whatever the role

PERMISSIONS: Final[dict[str, frozenset[str]]] = {
    # parties
    "parties.register": frozenset({ANYONE}),
    "parties.account": frozenset({MEMBER}),
    "parties.own": frozenset({MEMBER}),
    "parties.edit_own": frozenset({COLLECTOR, HUB, SMELTER, OPERATOR}),
    "parties.operate": frozenset({OPERATOR}),
    # catalogue
    # market
    "market.browse": frozenset({COLLECTOR, HUB, SMELTER, OPERATOR}),
    "market.sell": frozenset({COLLECTOR, HUB, SMELTER}),
    "market.bid": frozenset({HUB, SMELTER}),
    "market.contracts": frozenset({COLLECTOR, HUB, SMELTER}),
    "market.follow": frozenset({COLLECTOR, HUB, SMELTER, OPERATOR}),
    "market.need": frozenset({HUB, SMELTER}),
    "market.hold": frozenset({COLLECTOR, HUB, SMELTER, REGULATOR}),
    "market.standing": frozenset({OPERATOR}),
    "boards.read": frozenset({ANYONE}),
    "boards.set": frozenset({HUB, SMELTER}),
    # yard
    "yard.read": frozenset({HUB, SMELTER}),
    "yard.weigh": frozenset({HUB, SMELTER}),
    "yard.buy": frozenset({HUB, SMELTER}),
    "yard.void": frozenset({HUB, SMELTER}),
    "yard.import": frozenset({HUB, SMELTER}),
    "yard.returns": frozenset({COLLECTOR, HUB, SMELTER}),
    "yard.return": frozenset({HUB, SMELTER}),
    # logistics
    "logistics.dispatch": frozenset({HUB, SMELTER}),
    "logistics.drive": frozenset({HUB, SMELTER}),
    "siting.plan": frozenset({REGULATOR, OPERATOR}),
    # works
    "works.stock": frozenset({HUB, SMELTER}),
    "works.sort": frozenset({HUB, SMELTER}),
    "works.melt": frozenset({SMELTER}),
    "works.energy": frozenset({SMELTER}),
    "works.ladles": frozenset({SMELTER}),
    "works.toll": frozenset({HUB, SMELTER}),
    # settlement
    "settlement.read": frozenset({COLLECTOR, HUB, SMELTER}),
    "settlement.pay": frozenset({COLLECTOR, HUB, SMELTER}),
    "settlement.deal": frozenset({COLLECTOR, HUB, SMELTER}),
    "settlement.indices": frozenset({COLLECTOR, HUB, SMELTER, OPERATOR, AUDITOR}),
    "settlement.quote": frozenset({OPERATOR}),
    "settlement.invoice": frozenset({HUB, SMELTER}),
    "settlement.sell": frozenset({COLLECTOR}),
    "settlement.evidence": frozenset({HUB, SMELTER}),
    "settlement.running": frozenset({COLLECTOR, HUB, SMELTER}),
    "settlement.oversee": frozenset({OPERATOR}),
    "settlement.bank": frozenset({COLLECTOR, HUB, SMELTER, OPERATOR}),
    "settlement.books": frozenset({COLLECTOR, HUB, SMELTER, OPERATOR}),
    # traceability
    "traceability.claim": frozenset({HUB, SMELTER}),
    "traceability.scheme": frozenset({SMELTER}),
    "traceability.label": frozenset({COLLECTOR, HUB, SMELTER}),
    # epcis
    "epcis.capture": frozenset({COLLECTOR, HUB, SMELTER}),
    "epcis.read": frozenset({COLLECTOR, HUB, SMELTER, REGULATOR, AUDITOR}),
    "epcis.read_all": frozenset({REGULATOR, AUDITOR}),
    "traceability.open": frozenset({COLLECTOR, HUB, SMELTER, REGULATOR, AUDITOR}),
    # regulation
    "regulation.read": frozenset({REGULATOR, AUDITOR}),
    "regulation.define": frozenset({REGULATOR}),
}


def allows(role: str | None, permission: str) -> bool:
    """Tell whether `role` may do `permission`; `role` is None for a person not signed in.

    An unknown permission is a mistake of ours and raises `KeyError`.
    """
    roles = PERMISSIONS[permission]
    return ANYONE in roles or (role is not None and (MEMBER in roles or role in roles))
