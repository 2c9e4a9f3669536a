"""The Merkle log over the ledger's events, and its signed notes."""
