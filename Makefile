# Every target installs what it needs. Running the service needs python3 and make; the other targets
# also need node and npm. `make local` shows the console only if they are installed.
PYTHON ?= python3
# `make test-fast PATH=tests/shared` selects tests, but make would also give that PATH to every
# command. Use it as TESTS, and restore the search path that make was started with. Make 4.4 and
# later pass the new PATH to $(shell) too; then the old one is read from make's own environment.
ifeq ($(origin PATH),command line)
TESTS := $(PATH)
MAKES_PATH := $(shell if [ "$$PATH" != "$(TESTS)" ]; then echo "$$PATH"; \
	else PATH=/usr/bin:/bin; tr '\0' '\n' < /proc/$$PPID/environ | sed -n 's/^PATH=//p'; fi)
override PATH := $(or $(MAKES_PATH),/usr/local/bin:/usr/bin:/bin)
endif
# Tests start hundreds of processes; each would compile every module again.
unexport PYTHONDONTWRITEBYTECODE
BIN := .venv/bin
MINISTACK := .venv-ministack
DEPLOYED := .venv-3.13
GRAPH_TYPES := tests/contract/microsoft-graph-types
SNS_VALIDATOR := tests/contract/sns-validator
ICAL_JS := tests/contract/ical.js
PEERS := tests/benchmarks/peers
CDK := infra/cdk
CONSOLE := console
BUNDLE := functions/console/static/console.js
PYTEST_OPTIONS := -n 2 --dist loadscope --no-loadscope-reorder
PYTHON_3_13 = $(shell $(BIN)/python -c 'from layers.compiler import find_compiler as f; print(f("$(COMPILER)"))')
UV_VERSION := $(shell sed -n 's/^uv==\([0-9.]*\).*/\1/p' requirements-dev.txt)
COMPILE := $(BIN)/uv pip compile --quiet --universal --generate-hashes --no-emit-index-url --no-annotate \
	--no-header --python-version 3.11

.PHONY: help setup setup-local check-node system layers lock format check console console-if-node test test-fast test-deployed bench openapi events invoke local demo deploy-local clean

help:  ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-13s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: check-node .venv/.done $(MINISTACK)/.done $(GRAPH_TYPES)/node_modules/.done $(SNS_VALIDATOR)/node_modules/.done $(ICAL_JS)/node_modules/.done $(CDK)/node_modules/.done $(CONSOLE)/node_modules/.done  ## Install everything for development, from the lock files, into this folder

setup-local: .venv/.local $(MINISTACK)/.done  ## Install only what `make local`, `demo` and `invoke` need (no npm)

check-node:
	@sh infra/local/check_tools.sh node

$(BIN)/uv:
	@PYTHON="$(PYTHON)" sh infra/local/check_tools.sh python
	"$(PYTHON)" -m venv .venv
	$(BIN)/pip install --quiet --disable-pip-version-check uv==$(UV_VERSION)

.venv/.done: requirements-dev.txt | $(BIN)/uv
	$(BIN)/uv pip sync --quiet --require-hashes --python $(BIN)/python requirements-dev.txt
	@touch $@ .venv/.local

# A subset of the development set, so it is added to whatever .venv holds already.
.venv/.local: requirements-local.txt | $(BIN)/uv
	$(BIN)/uv pip install --quiet --require-hashes --python $(BIN)/python -r requirements-local.txt
	@touch $@

$(MINISTACK)/.done: requirements-ministack.txt | $(BIN)/uv
	$(BIN)/python -m venv $(MINISTACK)
	$(BIN)/uv pip sync --quiet --require-hashes --python $(MINISTACK)/bin/python requirements-ministack.txt
	@touch $@

%/node_modules/.done: %/package-lock.json | check-node
	npm ci --prefix $* --ignore-scripts --no-audit --no-fund --silent
	@touch $@

$(DEPLOYED)/.done: requirements-dev.txt | $(BIN)/uv
	"$(PYTHON_3_13)" -m venv $(DEPLOYED)
	$(BIN)/uv pip sync --quiet --require-hashes --python $(DEPLOYED)/bin/python requirements-dev.txt
	@touch $@

lock: | $(BIN)/uv  ## Update the lock files from pyproject.toml
	$(COMPILE) pyproject.toml -o requirements.txt
	$(COMPILE) pyproject.toml --extra local -c requirements.txt -o requirements-local.txt
	$(COMPILE) pyproject.toml --extra local --extra dev -c requirements-local.txt -o requirements-dev.txt
	$(COMPILE) requirements-ministack.in -o requirements-ministack.txt

format: setup  ## Format the code and apply the linter's automatic fixes
	$(BIN)/ruff format
	$(BIN)/ruff check --fix

check: setup  ## Check format, lint and types; change nothing
	$(BIN)/ruff format --check
	$(BIN)/ruff check
	$(BIN)/mypy
	$(BIN)/mypy --python-version 3.13
	$(CONSOLE)/node_modules/.bin/tsc -p $(CONSOLE)

system:  ## Install libical, curl and Chromium, which the tests use, if they are missing
	@PYTHON=$(PYTHON) sh infra/local/system.sh

$(BUNDLE): $(CONSOLE)/node_modules/.done $(CONSOLE)/build.mjs $(CONSOLE)/tsconfig.json $(wildcard $(CONSOLE)/src/*)
	node $(CONSOLE)/build.mjs

console: $(BUNDLE)  ## Bundle the console for its function

console-if-node:
	@if sh infra/local/check_tools.sh node 2>/dev/null; then $(MAKE) --no-print-directory console; \
		else echo "No Node.js 20 with npm found: the service runs without the console."; fi

layers: setup console  ## Build the layers and functions to deploy (COMPILER=... a CPython 3.13 for the bytecode)
	@$(BIN)/python -m layers --compiler "$(COMPILER)"

test: check system layers  ## Everything CI runs: format, lint, types, tests with branch coverage
	$(BIN)/pytest $(PYTEST_OPTIONS) --cov --cov-report=term
	@$(MAKE) --no-print-directory test-deployed

test-fast: setup system console  ## Run the tests not marked `long`, under a minute (PATH=tests/shared/domain runs a part)
	$(BIN)/pytest $(PYTEST_OPTIONS) -m "not long" --durations=0 --durations-min=5 $(TESTS)

test-deployed: setup system layers  ## Run every test on Python 3.13, the deployed version, if it is installed
	@if [ -n "$(PYTHON_3_13)" ]; then $(MAKE) --no-print-directory $(DEPLOYED)/.done; fi
	@if [ -n "$(PYTHON_3_13)" ]; then $(DEPLOYED)/bin/pytest $(PYTEST_OPTIONS); \
		else echo "No Python 3.13 found: the tests did not run on the deployed version."; fi

bench: setup $(PEERS)/node_modules/.done  ## Run the benchmarks and print each result with its bound (RECORD=docs/benchmarks.md stores them)
	@$(BIN)/python -m tests.benchmarks $(RECORD)

openapi: setup  ## Generate the OpenAPI document and the tables of docs/errors.md from the code
	@$(BIN)/python -m infra.openapi

events: setup  ## Generate the payloads of events/ from the routes and the examples
	@$(BIN)/python -m infra.payloads

mail-screenshots: setup system  ## Write a picture of every kind of mail, 640 and 360 pixels wide, to build/mail/
	@$(BIN)/python -m tests.support.mail_screenshots

invoke: setup-local  ## Invoke one function: make invoke FUNCTION=events PAYLOAD=events/events/create.json
	@$(BIN)/python -m infra.local.invoke $(FUNCTION) $(PAYLOAD)

local: setup-local console-if-node  ## Run the whole service on http://127.0.0.1:8000 (PORT=... changes it)
	@exec $(BIN)/python -m infra.local

demo: setup-local  ## Run the main use-cases end to end against a new local service
	@exec $(BIN)/python -m infra.local.demo

deploy-local: running layers  ## Deploy the stack to an AWS on this machine and run the demo through its API
	@exec $(BIN)/python -m infra.local.deployed

clean:  ## Remove installed packages, built layers and caches
	rm -rf build $(dir $(BUNDLE)) $(CONSOLE)/node_modules .venv $(MINISTACK) $(DEPLOYED) $(CDK)/node_modules $(GRAPH_TYPES)/node_modules $(SNS_VALIDATOR)/node_modules $(ICAL_JS)/node_modules $(PEERS)/node_modules .mypy_cache .pytest_cache .ruff_cache .hypothesis .coverage*
