"""Pages, one blueprint per family."""

from flask import Blueprint

from remelt.web.views import assets, home, log, preferences, reference, style

BLUEPRINTS: tuple[Blueprint, ...] = (
    assets.bp,
    home.bp,
    log.bp,
    preferences.bp,
    reference.bp,
    style.bp,
)
