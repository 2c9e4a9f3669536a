"""What others saw: EPCIS documents captured as evidence, and queries over events."""
