"""The demonstration: invented firms on real places, traded through the public actions."""
