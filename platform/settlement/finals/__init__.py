"""From terms, weights, assays and prices to what is owed: each figure with its rule and origin."""
