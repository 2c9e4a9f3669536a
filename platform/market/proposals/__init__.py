"""Counter-offers: a buyer names another price than the fixed one; the two sides answer in turn."""
