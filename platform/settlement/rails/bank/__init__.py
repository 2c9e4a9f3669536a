"""Bank transfer, the default rail: statements taken in, matched, and compared with the book."""
