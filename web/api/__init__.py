"""The JSON API, one blueprint per family."""

from apiflask import APIBlueprint

from remelt.web.api import catalogue, market

BLUEPRINTS: tuple[APIBlueprint, ...] = (catalogue.bp, market.bp)
