"""Pages, one blueprint per family."""

from flask import Blueprint

from remelt.web.views.account import bp as account
from remelt.web.views.assets import bp as assets
from remelt.web.views.auth import bp as auth
from remelt.web.views.home import bp as home
from remelt.web.views.log import bp as log
from remelt.web.views.operator import bp as operator
from remelt.web.views.operator_people import bp as operator_people
from remelt.web.views.organisation import bp as organisation
from remelt.web.views.preferences import bp as preferences
from remelt.web.views.reference import bp as reference
from remelt.web.views.register import bp as register
from remelt.web.views.style import bp as style

BLUEPRINTS: tuple[Blueprint, ...] = (
    account,
    assets,
    auth,
    home,
    log,
    operator,
    operator_people,
    organisation,
    preferences,
    reference,
    register,
    style,
)
