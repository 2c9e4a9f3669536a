#!/bin/sh
# Fill .venv from a hash-pinned list, then put the package itself in, editable, without asking any index again.
set -eu
list=$1
if command -v uv >/dev/null 2>&1; then
  uv pip install -q --python .venv/bin/python --require-hashes -r "$list"
  uv pip install -q --python .venv/bin/python --no-deps --no-build-isolation -e .
else
  .venv/bin/python -m pip install -q --disable-pip-version-check --require-hashes -r "$list"
  .venv/bin/python -m pip install -q --disable-pip-version-check --no-deps --no-build-isolation -e .
fi
mkdir -p .types/remelt
for room in platform routing traceability web migrations; do ln -sfn "../../$room" ".types/remelt/$room"; done
if [ -f tools/i18n.py ] && .venv/bin/python -c "import babel" 2>/dev/null; then .venv/bin/python -m tools.i18n compile; fi
