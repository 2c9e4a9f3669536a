"""Several lots sold at once: offers for one lot or for several together, decided in one award."""
