"""What people keep an eye on: searches, listings, and what is asked about them in public."""
