# `make help` lists the targets. Nothing here needs root or Docker.
PYTHON ?= python3.11
BIN := .venv/bin
SETTLED := .venv/.settled

help: ## list the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 16

$(SETTLED): requirements.lock
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

run: $(SETTLED) ## start everything on embedded parts, ready for a browser
	@exec $(BIN)/newsletter run

lock: ## resolve the exact versions anew (uv pip compile, with hashes)
	$(BIN)/uv pip compile -q --upgrade --universal -p 3.11 --generate-hashes --no-emit-index-url --no-annotate \
	  --custom-compile-command "make lock" pyproject.toml -o requirements.lock
	$(BIN)/uv pip compile -q --universal -p 3.11 --generate-hashes --no-emit-index-url --no-annotate \
	  --custom-compile-command "make lock" pyproject.toml --group dev -c requirements.lock -o requirements-dev.lock

.PHONY: help run lock
