"""The JSON API, one blueprint per family."""

from apiflask import APIBlueprint

BLUEPRINTS: tuple[APIBlueprint, ...] = ()
