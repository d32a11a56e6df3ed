# Every target sets up what it needs; a fresh machine has python3, make, node and npm only.
PYTHON ?= python3
# Tests start hundreds of processes; each would compile every module again.
unexport PYTHONDONTWRITEBYTECODE
BIN := .venv/bin
MINISTACK := .venv-ministack
GRAPH_TYPES := tests/contract/microsoft-graph-types
SNS_VALIDATOR := tests/contract/sns-validator
ICAL_JS := tests/contract/ical.js
PEERS := tests/benchmarks/peers
CDK := infra/cdk
UV_VERSION := $(shell sed -n 's/^uv==\([0-9.]*\).*/\1/p' requirements-dev.txt)
COMPILE := $(BIN)/uv pip compile --quiet --universal --generate-hashes --no-emit-index-url --no-annotate \
	--no-header --python-version 3.11

.PHONY: help setup system layers lock format check test bench openapi events invoke local demo deploy-local clean

help:  ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: .venv/.done $(MINISTACK)/.done $(GRAPH_TYPES)/node_modules/.done $(SNS_VALIDATOR)/node_modules/.done $(ICAL_JS)/node_modules/.done $(CDK)/node_modules/.done  ## Install what the locks name, here and nowhere else

$(BIN)/uv:
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --disable-pip-version-check uv==$(UV_VERSION)

.venv/.done: requirements-dev.txt | $(BIN)/uv
	$(BIN)/uv pip sync --quiet --require-hashes --python $(BIN)/python requirements-dev.txt
	@touch $@

$(MINISTACK)/.done: requirements-ministack.txt | $(BIN)/uv
	$(PYTHON) -m venv $(MINISTACK)
	$(BIN)/uv pip sync --quiet --require-hashes --python $(MINISTACK)/bin/python requirements-ministack.txt
	@touch $@

%/node_modules/.done: %/package-lock.json
	npm ci --prefix $* --ignore-scripts --no-audit --no-fund --silent
	@touch $@

lock: | $(BIN)/uv  ## Write the lock files anew from pyproject.toml
	$(COMPILE) pyproject.toml -o requirements.txt
	$(COMPILE) pyproject.toml --extra dev -c requirements.txt -o requirements-dev.txt
	$(COMPILE) requirements-ministack.in -o requirements-ministack.txt

format: setup  ## Format the code and mend what the linter can mend
	$(BIN)/ruff format
	$(BIN)/ruff check --fix

check: setup  ## Format, lint and types, without changing anything
	$(BIN)/ruff format --check
	$(BIN)/ruff check
	$(BIN)/mypy

system:  ## Install libical, against which tests hold invitations, unless it is there
	@PYTHON=$(PYTHON) sh infra/local/system.sh

layers: setup  ## Build both layers, as far as they changed (COMPILER=... a CPython 3.13, adds bytecode)
	@$(BIN)/python -m layers --compiler "$(COMPILER)"

test: check system layers  ## Everything CI runs: format, lint, types, tests with branch coverage
	$(BIN)/pytest -n 2 --dist loadscope --no-loadscope-reorder --cov --cov-report=term

bench: setup $(PEERS)/node_modules/.done  ## Print every figure of speed with its bound (RECORD=docs/benchmarks.md writes them there)
	@$(BIN)/python -m tests.benchmarks $(RECORD)

openapi: setup  ## Write the API's OpenAPI document anew from the code that serves it
	@$(BIN)/python -m infra.openapi

events: setup  ## Write the payloads of events/ anew from the routes and the examples
	@$(BIN)/python -m infra.payloads

invoke: setup  ## Invoke one function: make invoke FUNCTION=events PAYLOAD=events/events/create.json
	@$(BIN)/python -m infra.local.invoke $(FUNCTION) $(PAYLOAD)

local: setup  ## Run the whole service on http://127.0.0.1:8000 (PORT=... changes it)
	@exec $(BIN)/python -m infra.local

demo: setup  ## Drive the main job end to end against a service of its own
	@exec $(BIN)/python -m infra.local.demo

deploy-local: setup layers  ## Deploy the stack to an AWS on this machine and drive the main job through its API
	@exec $(BIN)/python -m infra.local.deployed

clean:  ## Remove what setup installed and layers built
	rm -rf build .venv $(MINISTACK) $(CDK)/node_modules $(GRAPH_TYPES)/node_modules $(SNS_VALIDATOR)/node_modules $(ICAL_JS)/node_modules $(PEERS)/node_modules .mypy_cache .pytest_cache .ruff_cache .hypothesis .coverage*
