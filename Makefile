# Everything runs in a virtual environment that these targets make: python3 (3.11 or newer) and pip are enough.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check
JOBS ?= 2
EDITORS ?= $(abspath $(VENV))/editors

BUSY ?= 8
TESTS ?= test
TIMES ?= 1

# The tests start thousands of processes. Where a container forbids bytecode, each would compile its sources.
export PYTHONDONTWRITEBYTECODE :=

.PHONY: help demo test test-fast test-waits test-busy test-editors test-reliability docs fix lint types layers check bench clean

help: ## Show this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /  make \1\t/' | expand -t 24

demo: $(VENV)/.runtime ## Index this repository and ask it two questions
	$(BIN)/cornea index .
	$(BIN)/cornea search -n 3 "where is a long function cut at statement boundaries"
	$(BIN)/cornea search -n 3 Searcher

test: $(VENV)/.dev ## Run the tests: all but those of editors, reliability in its short form
	$(BIN)/python -m pytest -n $(JOBS) -m "not editors"

test-fast: $(VENV)/.dev ## Run those that take milliseconds: of every package, without processes and waiting
	$(BIN)/python -m pytest -n $(JOBS) -m "not (editors or reliability or waits or processes or slow)"

test-waits: $(VENV)/.dev ## Run those that wait for something, TIMES=1 times in a row
	for n in $$(seq $(TIMES)); do $(BIN)/python -m pytest -n $(JOBS) -m "waits and not editors" || exit 1; done

test-busy: $(VENV)/.dev ## Run TESTS=test beside BUSY=8 busy processes
	$(BIN)/python -m tests.support.busy $(BUSY) $(MAKE) $(TESTS)

test-reliability: $(VENV)/.dev ## Run the tests of reliability in full: an hour on an idle machine
	CORNEA_SOAK=1 $(BIN)/python -m pytest -rP --timeout 7200 tests/reliability

test-editors: $(VENV)/.dev ## Drive Neovim, Helix, Emacs and the VS Code extension; editors that are missing are unpacked in .venv
	editors/get.sh $(EDITORS) > $(VENV)/editors.env
	set -a; . $(VENV)/editors.env; set +a; $(BIN)/python -m pytest -rs tests/editors

docs: $(VENV)/.dev ## Write what is generated from the declarations of settings and from the types of JSON
	$(BIN)/python -m tests.support.settings_reference
	$(BIN)/python -m cornea.schemas

fix: $(VENV)/.dev ## Correct style and format where ruff can
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

lint: $(VENV)/.dev ## Check style, format and vocabulary
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/python -m tests.support.vocabulary

types: $(VENV)/.dev ## Check types
	$(BIN)/mypy

layers: $(VENV)/.dev ## Check which package imports which
	$(BIN)/lint-imports

check: test lint types layers ## All of the above

bench: $(VENV)/.dev ## Measure speed on the installed packages (docs/benchmarks.md has the rest)
	$(BIN)/cornea bench speed

clean: ## Remove the virtual environment and caches
	rm -rf $(VENV) build dist .mypy_cache .ruff_cache .import_linter_cache .hypothesis

# Two stamps, so that the demo does not wait for the development tools.
$(VENV)/.runtime: pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Cornea needs Python 3.11 or newer: make PYTHON=python3.12 ...")'
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV) || \
	    { $(PYTHON) -m venv --clear --without-pip $(VENV) && $(PYTHON) -m pip --python $(BIN)/python install --quiet pip; }
	$(PIP) -e .
	@# The distribution's former name; an environment that has both says so at every command.
	@$(BIN)/python -m pip uninstall --quiet --yes cornea 2>/dev/null
	@touch $@

$(VENV)/.dev: $(VENV)/.runtime
	$(PIP) -e '.[dev]'
	@touch $@
