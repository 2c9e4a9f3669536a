"""Sealed bids: nobody reads a price before the end, and afterwards only two halves together."""
