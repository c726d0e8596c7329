# Everything a person or a machine does with Kith. `make` alone lists it.
# Needs Python 3.11 or later, and nothing else.

PYTHON ?= python3
HOST ?= 127.0.0.1
PORT ?= 8000
BIN := .venv/bin
WORKERS ?= auto
FULL ?=

.DEFAULT_GOAL := help
.PHONY: help setup dev run work demo test check quick lint types stairs templates translations docs browser bench assure assure-full assure-ci audit screenshots hooks requirements

help:  ## list what can be made
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 16

.venv/.ready: requirements.txt
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@echo "Getting what Kith needs. This takes about a minute, once."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.txt
	@touch $@

.venv/.ready-dev: requirements-dev.txt .venv/.ready
	@echo "Getting what the tests need."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	@touch $@

setup: .venv/.ready  ## prepare .venv, and nothing else

dev: .venv/.ready-dev  ## prepare .venv with the tools for working on Kith

run: setup  ## start the demo at http://127.0.0.1:8000 (PORT= and HOST= override)
	@$(BIN)/flask demo run --host $(HOST) --port $(PORT)

work: setup  ## run the background loop alone
	@$(BIN)/flask work

demo: setup  ## migrate the database and fill it with the demo
	@$(BIN)/flask db upgrade
	@$(BIN)/flask demo load

test: dev  ## every test, on both database engines and in a real browser
	@$(BIN)/pytest -n $(WORKERS) --dist worksteal

quick: dev  ## what takes seconds: lint, stairs, and tests on one engine without a browser
	@$(MAKE) --no-print-directory lint stairs
	@$(BIN)/pytest -n $(WORKERS) -m "not browser and not slow" -k "not postgresql"

lint: dev  ## style and likely mistakes
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .

types: dev  ## types of every room
	@$(BIN)/mypy

stairs: dev  ## who may import whom
	@$(BIN)/lint-imports

templates: dev  ## lint the templates
	@$(BIN)/djlint templates --lint --quiet

check: lint types stairs templates test assure-ci  ## all that must hold before a commit lands

translations: dev  ## gather the words to translate, bring the catalogues up to date, compile them
	@$(BIN)/python -m tools.translations

browser: dev  ## the journeys in a real browser alone
	@$(BIN)/pytest -m browser

docs: dev  ## write the generated pages of docs anew
	@$(BIN)/python -m tools.reference_docs
	@$(BIN)/python -m tools.assurance_docs

bench: dev  ## how fast the search is, beside what else there is (FULL=1: 200,000 listings too)
	@$(BIN)/python -m benchmarks.bench $(if $(FULL),--full)

assure: dev  ## how far Kith can be trusted, in figures, in under ten minutes
	@$(BIN)/python -m benchmarks.assurance --write

assure-full: dev  ## the same with the long counts; hours
	@$(BIN)/python -m benchmarks.assurance --full --write

assure-ci: dev  ## the quick and telling ones of them, without judging how long anything took
	@$(BIN)/python -m benchmarks.assurance --ci

.venv/audit/.ready:
	@$(PYTHON) -m venv .venv/audit
	@.venv/audit/bin/pip install --quiet --disable-pip-version-check pip-audit
	@touch $@

audit: setup .venv/audit/.ready  ## look for known faults in the parts made by others (needs the network)
	@.venv/audit/bin/pip-audit --strict --no-deps --disable-pip -r requirements.txt

screenshots: dev  ## take the pictures of docs/images anew
	@WRITE_SCREENSHOTS=1 $(BIN)/pytest tests/browser/test_screenshots.py

hooks:  ## check before each commit, by git
	@printf '#!/bin/sh\nexec make quick\n' > .git/hooks/pre-commit && chmod +x .git/hooks/pre-commit

requirements: dev  ## pin requirements anew from the .in files
	@$(BIN)/uv pip compile --quiet --custom-compile-command "make requirements" requirements.in -o requirements.txt
	@$(BIN)/uv pip compile --quiet --custom-compile-command "make requirements" requirements-dev.in -o requirements-dev.txt
