"""Pages, one blueprint per family."""

from flask import Blueprint

BLUEPRINTS: tuple[Blueprint, ...] = ()
