"""Sorting, splitting, blending, heats and energy."""
