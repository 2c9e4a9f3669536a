# Two commands for a newcomer: `make demo` and `make test`. The rest is for the workshop.
PYTHON ?= python3
BIN := .venv/bin
SPOKEN := $(patsubst %.po,%.mo,$(wildcard web/translations/*/LC_MESSAGES/messages.po))
UV := $(shell command -v uv 2>/dev/null)

.PHONY: setup demo test check properties formulas races provider-faults lock i18n clean

setup: .venv/ready-dev $(SPOKEN)

.venv/bin/python:
ifdef UV
	uv venv -q -p $(PYTHON) .venv
else
	$(PYTHON) -m venv .venv
endif

.venv/ready-dev: requirements-dev.txt pyproject.toml setup.py .venv/bin/python tools/environment.sh
	sh tools/environment.sh requirements-dev.txt
	@touch $@ .venv/ready-run

.venv/ready-run: requirements.txt pyproject.toml setup.py .venv/bin/python tools/environment.sh
	sh tools/environment.sh requirements.txt
	@touch $@

%.mo: %.po tools/i18n.py
	$(BIN)/python -m tools.i18n compile

demo: .venv/ready-run $(SPOKEN)
	$(BIN)/remelt demo $(if $(ONCE),--once)

test: .venv/ready-dev $(SPOKEN)
	PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/python -m tools.suite

check: .venv/ready-dev
	PATH="$(CURDIR)/$(BIN):$$PATH" sh tools/check.sh

properties: .venv/ready-dev
	REMELT_PROPERTIES=$(or $(EXAMPLES),200) PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/python -m pytest -q tests/integration/test_ledger_properties.py tests/integration/test_trade_properties.py tests/integration/test_order_of_arrival.py tests/integration/test_money_ledger.py

races: .venv/ready-dev
	REMELT_RACES=$(or $(RACES),1000) PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/python -m pytest -q tests/integration/test_bid_races.py tests/integration/test_bid_kill.py tests/integration/test_server_kill.py

formulas: .venv/ready-dev
	REMELT_PROPERTIES=$(or $(EXAMPLES),20000) $(BIN)/python -m pytest -q -p no:cacheprovider tests/unit/pricing/test_formulas.py -k "breaks or reads_back"

provider-faults: .venv/ready-dev
	$(BIN)/python -m tools.fault_campaign $(or $(SCHEDULES),10000) --workers $(or $(WORKERS),1)

lock:
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header -q pyproject.toml tools/build.in -o requirements.txt
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header -q --extra celery -c requirements.txt pyproject.toml tools/build.in -o requirements-celery.txt
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header -q --extra dev -c requirements.txt pyproject.toml tools/build.in -o requirements-dev.txt

lock-check:
	for v in 3.11 3.12 3.13; do uv pip compile --python-version $$v --only-binary :all: --no-emit-index-url -q requirements-dev.txt -o /dev/null || exit 1; done
