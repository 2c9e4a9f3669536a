"""Settlement mathematics."""
