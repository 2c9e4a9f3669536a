"""Organisations, sites, people, memberships, filings, and what each role may do."""
