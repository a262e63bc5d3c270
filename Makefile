# Every command a developer or CI needs. `make help` lists them.
PYTHON ?= python3
BIN := .venv/bin
INSTALLED := .venv/.installed

.DEFAULT_GOAL := help
.PHONY: help run test web types screenshots soak eval bench check check-types check-web format lock clean

help: ## List the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-10s %s\n", $$1, $$2}'

run: web ## Set everything up and serve on http://127.0.0.1:8000 (PORT, DATA_DIR, DATABASE_URL)
	@if [ -n "$$DATABASE_URL" ]; then $(BIN)/python -m storage migrate; fi
	@exec $(BIN)/python -m api

test: web ## Run all tests against a real PostgreSQL, in parallel
	@$(BIN)/python -m pytest -n 3 --dist worksteal
	@$(BIN)/python -m pytest -n 2 --dist worksteal tests/browser

web: $(INSTALLED) ## Build the web app into api/static, if its sources have changed
	@$(BIN)/python build_web.py

types: $(INSTALLED) ## Write the web app's types anew, from what the API says of itself
	@$(BIN)/python build_web.py types

screenshots: web ## Take a picture of each page, into docs/screenshots
	@$(BIN)/python -m pytest -n0 -q tests/browser/take_screenshots.py

soak: $(INSTALLED) ## Break servers and database down during 500 runs (ARGS="--runs 1000 --seed 2")
	@$(BIN)/python -m tests.chaos $(ARGS)

eval: $(INSTALLED) ## Ask the configured model the question set (ARGS="--limit 50 --price 0.4 --wrong")
	@$(BIN)/python -m tests.evals $(ARGS)

bench: web ## Measure how fast it is, and print tables (docs/performance.md has ours)
	@$(BIN)/python -m benchmarks

check: $(INSTALLED) ## Lint, format, types, layers, models against migrations, and the web app
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/lint-imports
	@$(MAKE) --no-print-directory --jobs 2 check-types check-web
	@$(BIN)/python -m storage check

check-types:
	@$(BIN)/mypy

check-web:
	@$(BIN)/python build_web.py check

format: $(INSTALLED) ## Format the code and mend what ruff can mend
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

lock: $(INSTALLED) ## Write the lock files anew from pyproject.toml
	@$(BIN)/uv pip compile $(LOCK) pyproject.toml -o requirements.lock
	@$(BIN)/uv pip compile $(LOCK) pyproject.toml --extra otel --group dev -c requirements.lock -o requirements-dev.lock

LOCK := --quiet --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-emit-find-links --no-annotate --no-header

clean: ## Remove the virtual environment and caches, never the data
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis

$(INSTALLED): requirements-dev.lock pyproject.toml
	@echo "Setting up .venv (once per lock file)"
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed: make PYTHON=python3.12 …")'
	@$(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@
