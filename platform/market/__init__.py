"""Listings, ascending auctions and fixed prices, bids, awards, contracts, price boards."""
