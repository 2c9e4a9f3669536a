"""Replay from the first event, compared with what is stored."""
