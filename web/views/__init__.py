"""Pages, one blueprint per family."""

from flask import Blueprint

from remelt.web.views import assets, home, preferences, reference, style

BLUEPRINTS: tuple[Blueprint, ...] = (assets.bp, home.bp, preferences.bp, reference.bp, style.bp)
