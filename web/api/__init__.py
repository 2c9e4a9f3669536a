"""The JSON API, one blueprint per family."""
