# `make help` lists the targets. Nothing here needs root or Docker; only the browser of the tests is fetched with apt where that is allowed.
PYTHON ?= $(shell command -v python3.11 || command -v python3.12 || command -v python3)
BIN := .venv/bin
SETTLED := .venv/.settled
SETTLED_DEV := .venv/.settled-dev
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check
HOST ?= 127.0.0.1
PORT ?= 8000

.DEFAULT_GOAL := help

help: ## list the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 12

run: $(SETTLED) ## start everything on embedded parts, ready for a browser (HOST=, PORT=; DEMO=1: made-up data in a scratch folder)
	@exec $(BIN)/newsletter run --host $(HOST) --port $(PORT) $(if $(filter-out 0 no,$(DEMO)),--demo)

test: $(SETTLED_DEV) ## run the whole suite; ARGS= are handed to pytest
	@.ci/browser
	@$(BIN)/python -m pytest -n 2 $(ARGS)

check: $(SETTLED_DEV) ## lint, format, types, import contracts, known holes in dependencies
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@PYTHONPATH=. $(BIN)/lint-imports --config .importlinter --no-cache
	@.ci/audit

bench: $(SETTLED_DEV) ## every figure with its bar in one table, into docs/benchmarks.md too (ARGS=--quick; ARGS="--only NAME")
	@$(BIN)/python -m bench.report $(ARGS)

chaos: $(SETTLED_DEV) ## the fire suite at its full sizes; ARGS="kills subscribers=500" for one at another, ARGS=--short for all small
	@$(BIN)/python -m chaos.run $(ARGS)

pictures: $(SETTLED_DEV) ## draw the mails and pages for a look at them
	@.ci/browser
	@$(BIN)/python -m tests.pictures $(ARGS)

lock: $(SETTLED_DEV) ## resolve the exact versions anew (uv pip compile, with hashes)
	$(BIN)/uv pip compile -q --upgrade --universal -p 3.11 --generate-hashes --no-emit-index-url --no-annotate \
	  --custom-compile-command "make lock" pyproject.toml -o requirements.lock
	$(BIN)/uv pip compile -q --universal -p 3.11 --generate-hashes --no-emit-index-url --no-annotate \
	  --custom-compile-command "make lock" pyproject.toml --group dev -c requirements.lock -o requirements-dev.lock

clean: ## remove what can be made again: .venv and caches (not var/, which holds the data)
	@rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache build dist *.egg-info
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(BIN)/python:
	@.ci/make-venv "$(PYTHON)"

$(SETTLED): requirements.lock pyproject.toml | $(BIN)/python
	@echo "Installing the locked packages into .venv (once) ..."
	@$(PIP) --require-hashes -r requirements.lock
	@$(PIP) --no-deps --no-build-isolation -e .
	@touch $@

$(SETTLED_DEV): requirements-dev.lock $(SETTLED)
	@echo "Installing the locked tools for tests into .venv (once) ..."
	@$(PIP) --require-hashes -r requirements-dev.lock
	@touch $@

.PHONY: help run test check bench chaos pictures lock clean
