"""What proves a purchase, what is missing, and what that costs."""
