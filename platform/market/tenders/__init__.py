"""A buyer's reverse auction: sellers of lots that fit a need bid the price down."""
