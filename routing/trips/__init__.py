"""Ruin and recreate over trips: what a vehicle carries between two unloadings, compiled."""
