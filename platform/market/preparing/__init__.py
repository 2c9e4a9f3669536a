"""Lots being prepared for the market: kept as drafts, read from files, published once."""
