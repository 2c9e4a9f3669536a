"""What can happen to a lot, as actions."""
