"""Charge planning: what to put into the furnaces, and what a lot is worth. Pure; no database."""
