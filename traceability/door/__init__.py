"""The one door: events come in by batches, are sealed, numbered and written."""
