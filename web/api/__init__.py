"""The JSON API, one blueprint per family."""

from apiflask import APIBlueprint

from remelt.web.api import catalogue, logistics, market

BLUEPRINTS: tuple[APIBlueprint, ...] = (catalogue.bp, logistics.bp, market.bp)
