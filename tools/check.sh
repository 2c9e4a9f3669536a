#!/bin/sh
# What CI asks of the source: format, lint, types, arrows.
set -eu
ruff format --check .
ruff check .
mypy -p remelt
lint-imports --no-cache
