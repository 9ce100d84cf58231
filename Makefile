# Everything sets itself up: the first target that needs it makes .venv from pyproject.toml.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed

.PHONY: demo test lint bench screenshots docs clean
.DELETE_ON_ERROR:

$(STAMP): pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(0 if sys.version_info >= (3, 11) else "apigw-wizard needs Python 3.11 or newer; say: make PYTHON=python3.12 ...")'
	@echo "Setting up $(VENV) (once) ..." >&2
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --upgrade pip >&2
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[dev]' >&2
	@touch $@

demo: $(STAMP)  ## the wizard on a broken API of its own; no account, no network
	@$(BIN)/apigw-wizard demo $(ARGS)

test: $(STAMP)  ## the whole suite
	@$(BIN)/python -m pytest -n 4 --dist loadfile --no-loadscope-reorder $(ARGS)

lint: $(STAMP)  ## ruff, mypy --strict, import contracts, generated docs up to date
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@$(BIN)/apigw-wizard tree lint
	@$(BIN)/python docs/generate.py --check

bench: $(STAMP)  ## speed and size as ratios within this run
	@$(BIN)/python -m tests.bench.bench

screenshots: $(STAMP)  ## draws screenshots/ from sandbox runs
	@$(BIN)/python screenshots/draw.py

docs: $(STAMP)  ## writes the generated parts of the documentation
	@$(BIN)/python docs/generate.py

clean:
	rm -rf $(VENV)
