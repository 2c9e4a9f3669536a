"""Pure planning of rounds: numbers in, plans out; no database, no clock."""
