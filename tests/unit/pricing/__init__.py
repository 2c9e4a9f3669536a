"""The language of prices."""
