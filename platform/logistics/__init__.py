"""Vehicles, transport orders, rounds as saved, and the hand-over of lots."""
