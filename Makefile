.DEFAULT_GOAL := help
PYTHON ?= python3
BIN := .venv/bin
IMAGE := airbyte/source-bitrix24:dev
# Modules are compiled when they are first imported: few of them ever are
PIP_INSTALL := pip install -q -q --disable-pip-version-check --no-compile
ENGINE ?= $(shell command -v docker || command -v podman)

.PHONY: help
help:  ## list these commands
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*##/\t/' | expand -t 17

.venv/ready: requirements-dev.lock setup.py
	@$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or newer is needed; try: make PYTHON=python3.12 …" if sys.version_info < (3, 11) else 0)'
	@echo "Installing the connector and its tools into .venv, which takes a minute"
	$(PYTHON) -m venv .venv
	$(BIN)/$(PIP_INSTALL) --require-hashes -r requirements-dev.lock
	$(BIN)/$(PIP_INSTALL) --no-deps --no-build-isolation -e .
	@touch $@

.PHONY: setup
setup: .venv/ready  ## create a virtual environment with the connector and all tools

.PHONY: demo
demo: .venv/ready  ## run every command of the connector against the bundled portal
	@$(BIN)/python -m demo

.PHONY: test
test: lint  ## set up, lint, and run all tests
	$(BIN)/python -m pytest -n 2

.PHONY: lint
lint: .venv/ready  ## check style, types, and the direction of imports
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports

.PHONY: format
format: .venv/ready  ## format the code and fix what the linter can fix
	$(BIN)/ruff format
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

.venv/d2: pages/requirements.txt .venv/ready
	$(BIN)/$(PIP_INSTALL) --require-hashes -r $<
	@touch $@

.PHONY: docs
docs: .venv/d2 docs/report-light.png  ## write the generated parts of the documentation
	$(BIN)/python -m pages

docs/report-light.png: $(wildcard analytics/*.py analytics/page/* analytics/macros/* analytics/models/*/*.sql)
	@if command -v chromium >/dev/null; then $(MAKE) -s sync-python .venv/ready warehouse/.venv/ready analytics/.venv/tests && \
	warehouse/.venv/bin/python -m warehouse --no-queries && analytics/.venv/bin/python -m analytics --file .demo/bitrix24.duckdb && \
	for scheme in dark light; do analytics/.venv/bin/python -m analytics.browser .demo/report.html docs/report-$$scheme.png \
	--height 960 --scheme $$scheme >/dev/null; done; else echo "No Chromium: $@ stays as it is"; fi

.PHONY: test-docs
test-docs: .venv/d2  ## test the drawing of the diagrams
	$(BIN)/python -m pytest -m d2 unit_tests/pages

.PHONY: test-random
test-random: .venv/ready  ## play random histories for a minute or two; a failing one is printed as code
	HYPOTHESIS_PROFILE=random $(BIN)/python -m pytest -n 2 integration_tests/test_nothing_lost.py -k no_row_is_lost

.PHONY: bench
bench: .venv/ready  ## measure this connector and other readers side by side; slow, needs python3.13
	$(BIN)/python -m benchmarks

.PHONY: image
image:  ## build the connector's image with Docker or Podman
	@test -n "$(ENGINE)" || { echo "No container engine: install Docker or Podman, or run make image ENGINE=…"; exit 1; }
	$(ENGINE) build -t $(IMAGE) .

.PHONY: test-image
test-image: .venv/ready  ## test the image SOURCE_BITRIX24_IMAGE; without it, build one
	$(BIN)/python -m pytest -m image -rs integration_tests/test_image.py

.PHONY: soak
soak: .venv/ready  ## run 100 syncs with random edits, kills and faults; SEED=… repeats one
	$(BIN)/python -m integration_tests.soak $(if $(SEED),--seed $(SEED))

# The first Python that PyAirbyte can be installed with
SYNC_PYTHON ?= $(shell for python in $(PYTHON) python3.12 python3.11; do \
	$$python -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 13))' 2>/dev/null && echo $$python && break; done)

.PHONY: sync-python
sync-python:
	@test -x warehouse/.venv/bin/python || test -n "$(SYNC_PYTHON)" || { \
	echo "PyAirbyte needs Python 3.11 or 3.12, and none was found. Install one, or run: make sync SYNC_PYTHON=/path/to/python3.12"; exit 1; }

warehouse/.venv/ready: warehouse/requirements.lock
	@echo "Installing PyAirbyte and DuckDB into warehouse/.venv, which takes a minute or two"
	$(SYNC_PYTHON) -m venv warehouse/.venv
	warehouse/.venv/bin/$(PIP_INSTALL) --no-deps --require-hashes -r $<
	@touch $@

.PHONY: sync
sync: sync-python .venv/ready warehouse/.venv/ready  ## read a portal into bitrix24.duckdb, or FILE=…: make sync WEBHOOK_URL=…; without it, the bundled portal
	@warehouse/.venv/bin/python -m warehouse $(if $(FILE),--file "$(FILE)")

analytics/.venv/ready: analytics/requirements.lock
	@echo "Installing dbt and Altair into analytics/.venv, which takes a minute"
	$(SYNC_PYTHON) -m venv analytics/.venv
	analytics/.venv/bin/$(PIP_INSTALL) --no-deps --require-hashes -r $<
	@touch $@

analytics/.venv/tests: analytics/requirements-test.lock analytics/.venv/ready
	analytics/.venv/bin/$(PIP_INSTALL) --no-deps --require-hashes -r $<
	@touch $@

# The file that the report is made of: FILE, or what make sync has written
FILES := $(or $(FILE),$(wildcard bitrix24.duckdb))

.PHONY: report
report: sync-python  ## build and test the marts and write a page of charts from FILE=… or bitrix24.duckdb; without it, the bundled portal
	@$(MAKE) -s -j 3 .venv/ready warehouse/.venv/ready analytics/.venv/ready
	@$(if $(FILES),,warehouse/.venv/bin/python -m warehouse --no-queries)
	@analytics/.venv/bin/python -m analytics --file "$(or $(FILES),$(if $(WEBHOOK_URL),bitrix24.duckdb,.demo/bitrix24.duckdb))"

.PHONY: doctor
doctor: .venv/ready  ## examine a portal by reading only, into doctor.md and doctor.json: make doctor WEBHOOK_URL=…; without it, the bundled portal
	@$(BIN)/python -m demo.doctor

.PHONY: test-warehouse
test-warehouse: sync-python .venv/ready warehouse/.venv/ready analytics/.venv/tests  ## test make sync and make report: PyAirbyte, DuckDB, PostgreSQL, dbt, Chromium
	$(BIN)/python -m pytest -m warehouse -rs -n 2 --dist loadscope integration_tests/test_warehouse.py integration_tests/test_marts.py integration_tests/test_report.py
