"""Pages, one blueprint per family."""
