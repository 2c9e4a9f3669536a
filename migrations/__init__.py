"""Alembic environment and revisions; the only place that makes schemas."""
