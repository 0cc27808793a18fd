# Everything a person or CI does here is one of these words. `make setup` makes the environment from the lock file.
PYTHON ?= python3
BIN := .venv/bin
STAMP := .venv/.made-from-lock
# What `make test` runs on a Redis Cluster, with a compiled core, too; `make soak` runs all of it there, and so.
ON_A_CLUSTER := tests/state --ignore tests/state/test_cluster.py --ignore tests/state/test_slots.py \
	tests/serve/test_following.py tests/serve/test_reader.py \
	tests/e2e/test_acceptance.py::test_the_recorded_day_has_the_known_figures \
	tests/e2e/test_rebuild.py::test_definitions_change_at_once_and_nothing_is_told_twice
CORE := $(if $(shell command -v cc),compiled)
# Of tests, side by side; 0: all in one.
PROCESSES ?= auto

.DEFAULT_GOAL := help
.PHONY: help setup demo test check bench bench-quick soak mutation lint format types layers sizes lock lock-write docs docs-write contract contract-release

help: ## what can be made
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "%-12s %s\n", $$1, $$2}'

setup: $(STAMP) ## the environment in .venv, from requirements.lock; PYTHON=/usr/bin/python3: of another Python

$(STAMP): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed: make PYTHON=python3.11 setup")'
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

demo: setup ## everything on this machine, with simulated events
	$(BIN)/centralino demo

test: setup ## all tests, on real parts; installs these where it may
	bash tests/setup
	$(BIN)/pytest --numprocesses $(PROCESSES) --dist loadfile --no-loadscope-reorder --durations 15
	CENTRALINO_TEST_STORE=cluster CENTRALINO_TEST_CORE=$(CORE) $(BIN)/pytest --numprocesses $(PROCESSES) --dist loadfile $(ON_A_CLUSTER)

check: lint format types layers sizes lock docs contract ## everything that a machine can say without running the program

lint: setup
	$(BIN)/ruff check .

format: setup
	$(BIN)/ruff format --check .

types: setup
	$(BIN)/mypy

layers: setup
	$(BIN)/lint-imports

sizes: setup
	$(BIN)/python checks/module_sizes.py

lock: setup
	$(BIN)/python checks/lock_file.py

lock-write: setup ## the lock files anew from pyproject.toml
	PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/python checks/lock_file.py --write

docs: setup
	$(BIN)/python -m checks.pages --check

docs-write: setup ## the generated pages anew
	$(BIN)/python -m checks.pages

contract: setup
	$(BIN)/python -m checks.contract_release --check

contract-release: setup ## the contract as it is, kept as a released version
	$(BIN)/python -m checks.contract_release

bench: setup ## how fast, beside its peers
	$(BIN)/python -m bench

bench-quick: setup ## the same with fewer rows and events, once
	$(BIN)/python -m bench --quick

soak: setup ## the kill tests with ten seeds and with fifty kills, an hour of faults; a month of a million events, viewers for a minute, growth in twenty; all on a Redis Cluster, and with the compiled core; the image's locks
	bash tests/setup
	CENTRALINO_WHOLE_IMAGE=1 $(BIN)/pytest tests/deploy/test_image.py
	$(BIN)/pytest tests/serve/browser_of_subscription.py
	CENTRALINO_MONTH_EVENTS=1000000 $(BIN)/pytest tests/core/test_month.py
	CENTRALINO_VIEWER_SECONDS=60 $(BIN)/pytest tests/serve/test_load.py
	CENTRALINO_TEST_CORE=$(CORE) CENTRALINO_GROWTH_RATE=1000 CENTRALINO_GROWTH_MINUTES=20 $(BIN)/pytest tests/e2e/test_growth.py
	CENTRALINO_KILL_SEEDS=10 $(BIN)/pytest tests/e2e/test_kill.py -k killed_paused_and_put_back
	CENTRALINO_PAUSE_TURNS=10 $(BIN)/pytest -s tests/e2e/test_pauses.py
	CENTRALINO_CLUSTER_EVENTS=600000 $(BIN)/pytest tests/e2e/test_cluster.py
	CENTRALINO_TEST_STORE=cluster $(BIN)/pytest --numprocesses $(PROCESSES) --dist loadfile tests/state tests/agents tests/serve tests/cli tests/e2e
	CENTRALINO_TEST_CORE=compiled $(BIN)/pytest --numprocesses $(PROCESSES) --dist loadfile tests/serve tests/cli tests/e2e
	CENTRALINO_ONCE_KILLS=50 CENTRALINO_ONCE_EVENTS=300000 $(BIN)/pytest tests/e2e/test_once_at_random.py

mutation: setup ## whether the core's tests notice a changed line: hours; MODULE=agents.time one module, EVERY=6 each 6th
	$(BIN)/python -m checks.mutation --every $(or $(EVERY),1) $(MODULE)
