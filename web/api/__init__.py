"""The JSON API, one blueprint per family."""

from apiflask import APIBlueprint

from remelt.web.api.catalogue import bp as catalogue
from remelt.web.api.logistics import bp as logistics
from remelt.web.api.market import bp as market
from remelt.web.api.parties import bp as parties
from remelt.web.api.passports import bp as passports

BLUEPRINTS: tuple[APIBlueprint, ...] = (
    catalogue,
    logistics,
    market,
    parties,
    passports,
)
