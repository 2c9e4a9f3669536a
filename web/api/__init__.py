"""The JSON API, one blueprint per family."""

from apiflask import APIBlueprint

from remelt.web.api import catalogue

BLUEPRINTS: tuple[APIBlueprint, ...] = (catalogue.bp,)
