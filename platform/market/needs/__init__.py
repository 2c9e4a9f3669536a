"""What buyers look for, and how it meets what sellers offer."""
