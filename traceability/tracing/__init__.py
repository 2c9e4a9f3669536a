"""What lies behind a lot, and what became of it."""
