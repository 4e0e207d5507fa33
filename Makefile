# Everything runs in a virtual environment that these targets make: python3 (3.11 or newer) and pip are enough.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check
JOBS ?= 2
EDITORS ?= $(abspath $(VENV))/editors

.PHONY: help demo test test-editors lint types layers check bench clean test-reliability

help: ## Show this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /  make \1\t/' | expand -t 20

demo: $(VENV)/.runtime ## Index this repository and ask it two questions
	$(BIN)/cornea index .
	$(BIN)/cornea search -n 3 "cut a long function at statement boundaries"
	$(BIN)/cornea search -n 3 Searcher

test: $(VENV)/.dev ## Run the tests
	$(BIN)/python -m pytest -n $(JOBS)

test-reliability: $(VENV)/.dev ## Run the tests of reliability in full: an hour on an idle machine
	CORNEA_SOAK=1 $(BIN)/python -m pytest -rP --timeout 7200 tests/reliability

test-editors: $(VENV)/.dev ## Drive Neovim, Emacs and the VS Code extension, as far as they can be had
	editors/get.sh $(EDITORS) > $(VENV)/editors.env
	set -a; . $(VENV)/editors.env; set +a; $(BIN)/python -m pytest -rs tests/editors

lint: $(VENV)/.dev ## Check style and format
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

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
	@touch $@

$(VENV)/.dev: $(VENV)/.runtime
	$(PIP) -e '.[dev]'
	@touch $@
