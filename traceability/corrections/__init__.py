"""What was wrong is said again, and all that came of it derived anew."""
