"""The lot ledger: events, states, proofs, footprints and shares; usable without the market."""
