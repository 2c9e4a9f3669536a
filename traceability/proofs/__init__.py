"""What anybody can check: keys, witnesses, passports and their verifier."""
