# Everything starts here: `make demo` and `make test` set up all they need.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/pip install --disable-pip-version-check -c constraints.txt
export PATH := $(CURDIR)/$(BIN):$(PATH)

.PHONY: help demo test fmt style types layers js py bench gpu clean

help:  ## Show this list
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 10

demo: $(VENV)/.demo  ## Draw in the browser: server and UI on one port
	$(BIN)/python demos/live_drawing/app.py

test: style types layers js py  ## All checks and all tests

fmt: $(VENV)/.dev  ## Format the code
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

style: $(VENV)/.dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .

types: $(VENV)/.dev
	$(BIN)/mypy
	$(BIN)/pyright

layers: $(VENV)/.dev
	$(BIN)/lint-imports

js: $(VENV)/.dev sdk/js/node_modules/.installed  ## Check, test and compare the browser bundle
	cd sdk/js && npm run --silent check

py: $(VENV)/.dev $(VENV)/.browser
	$(BIN)/pytest

bench: $(VENV)/.dev $(VENV)/.browser  ## Measure; results go to benchmarks/results
	$(BIN)/python -m benchmarks

# Sets nothing up: torch and Triton for the GPU at hand are the machine's own.
gpu:  ## Check and measure the kernels on this machine's GPU; needs torch, triton, numpy
	PYTHONPATH=sdk $(PYTHON) -m benchmarks.kernels_gpu $(ARGS)

clean:  ## Remove what was built and installed
	rm -rf $(VENV) sdk/js/node_modules build dist

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "livedraft needs Python 3.11 or newer: make PYTHON=python3.12 ..." >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)

$(VENV)/.demo: $(VENV)/bin/python pyproject.toml constraints.txt
	$(PIP) -e '.[ui]'
	@touch $@

$(VENV)/.dev: $(VENV)/bin/python pyproject.toml constraints.txt
	$(PIP) -e '.[dev]'
	@touch $@ $(VENV)/.demo

# A Chromium of the system, or else the one that Playwright downloads.
$(VENV)/.browser: $(VENV)/.dev
	@command -v chromium || command -v chromium-browser || command -v google-chrome \
	  || $(BIN)/playwright install chromium
	@touch $@

sdk/js/node_modules/.installed: sdk/js/package.json sdk/js/package-lock.json $(VENV)/.dev
	cd sdk/js && npm ci --no-audit --no-fund
	@touch $@
