"""Reverse invoicing (反向开票): the buyer draws up the invoice of a natural person."""
