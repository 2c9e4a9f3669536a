"""Pages, one blueprint per family."""

from flask import Blueprint

from remelt.web.views.assets import bp as assets
from remelt.web.views.auth import bp as auth
from remelt.web.views.home import bp as home
from remelt.web.views.log import bp as log
from remelt.web.views.preferences import bp as preferences
from remelt.web.views.reference import bp as reference
from remelt.web.views.register import bp as register
from remelt.web.views.style import bp as style

BLUEPRINTS: tuple[Blueprint, ...] = (
    assets,
    auth,
    home,
    log,
    preferences,
    reference,
    register,
    style,
)
