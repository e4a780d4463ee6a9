.DEFAULT_GOAL := help
PYTHON ?= python3
UV ?= uv
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.PHONY: help run test test-browser torture check format bench bench-large lock clean

help: ## Say what each target does
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-12s %s\n", $$1, $$2}'

.venv/run: requirements/run.txt pyproject.toml
	$(PYTHON) -m venv .venv
	.venv/bin/pip install --quiet --require-hashes --only-binary :all: -r requirements/run.txt
	.venv/bin/pip install --quiet --no-deps --no-build-isolation --no-index --editable .
	@touch $@

.venv/dev: .venv/run requirements/dev.txt
	.venv/bin/pip install --quiet --require-hashes -r requirements/dev.txt
	@touch $@

.venv/browser: .venv/dev requirements/browser.txt
	.venv/bin/pip install --quiet --require-hashes -r requirements/browser.txt
	@touch $@

run: .venv/run ## Start everything on http://127.0.0.1:8000 with the Coventry sample
	@.venv/bin/redress migrate
	@.venv/bin/redress sample coventry
	@exec .venv/bin/redress serve

test: .venv/dev ## Run the whole suite, on SQLite and on a PostgreSQL of its own
	.venv/bin/python -m pytest

test-browser: .venv/browser ## Drive the pages in a Chromium, at the widths of a phone and a desk, and in print
	.venv/bin/python -m pytest tests/browser

torture: .venv/dev ## Faults and hostile input for some minutes, with their counts; exits 1 if one is wrong
	.venv/bin/python -m tests.torture

check: .venv/dev ## Lint, types, layers, and the fast tests
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/mypy
	.venv/bin/lint-imports
	.venv/bin/python -m pytest -q tests/unit tests/property

format: .venv/dev ## Format the code
	.venv/bin/ruff check --fix .
	.venv/bin/ruff format .

bench: .venv/dev ## Measure against the yardsticks; writes benchmarks/results.json
	.venv/bin/python -m benchmarks

bench-large: .venv/dev ## Measure what a million cases change; draws docs/growth.svg
	.venv/bin/python -m benchmarks large

lock: ## Resolve requirements/*.in anew into hash-locked files (needs uv)
	$(UV) pip compile --quiet --upgrade --generate-hashes --no-header --python-version 3.11 requirements/run.in -o requirements/run.txt
	$(UV) pip compile --quiet --upgrade --generate-hashes --no-header --python-version 3.11 requirements/dev.in -o requirements/dev.txt
	$(UV) pip compile --quiet --upgrade --generate-hashes --no-header --python-version 3.11 requirements/browser.in -o requirements/browser.txt
	$(UV) pip compile --quiet --upgrade --generate-hashes --no-header --python-version 3.11 requirements/telemetry.in -o requirements/telemetry.txt

clean: ## Remove the environment and the embedded database
	rm -rf .venv var .mypy_cache .pytest_cache .ruff_cache .hypothesis .import_linter_cache
