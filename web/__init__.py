"""The entrypoints: HTTP pages, JSON API and the command line."""
