"""Who wins which of several lots: winner determination. Pure; no database."""
