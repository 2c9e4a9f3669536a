"""Mass balance by ISO 22095-2: schemes and accounts."""
