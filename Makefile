# Everything starts here: `make demo` and `make test` set up all they need.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/pip install --disable-pip-version-check -c constraints.txt
QUIETLY := .ci/quietly
export PATH := $(CURDIR)/$(BIN):$(PATH)

# The demo's extras; for macOS the voices have to be compiled, so they are left out there.
DEMO = $(if $(filter Darwin,$(shell uname -s)),[ui,webrtc],[head,ui,webrtc])

# PORT and HOST as they are given to make; an environment may have others of these names.
setting = $(if $(filter command%,$(firstword $(origin $(1)))),LIVEDRAFT_$(1)='$($(1))')

.PHONY: help demo test fmt style types layers js npm py cover bench gpu engine clean

# What the tests need, beside the system's own.
TESTED = $(VENV)/.dev $(VENV)/.browser sdk/js/node_modules/.installed tests/peers/node_modules/.installed \
  tests/examples/node_modules/.installed

help:  ## Show this list
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 10

demo: $(VENV)/.demo  ## Draw in the browser; PORT=8000 and HOST=0.0.0.0 say where
	@echo "The commands, such as livedraft, are in $(BIN). On your path: . $(BIN)/activate"
	@$(call setting,HOST) $(call setting,PORT) $(BIN)/python demos/live_drawing/app.py \
	  || { echo "At another port: make demo PORT=8000" >&2; exit 1; }

test: style types layers js py  ## All checks and all tests

fmt: $(VENV)/.dev sdk/js/node_modules/.installed  ## Format the code
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .
	cd sdk/js && npm run --silent format

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

npm: $(VENV)/.dev  ## Write the npm package to dist/
	@$(BIN)/python -m livedraft.elements dist

# A file of tests on each core; those with a browser or a clock in them have the machine for themselves
# afterwards.
ALONE := tests/benchmarks tests/components tests/demos tests/docs tests/e2e tests/examples tests/offline tests/peers tests/privacy

py: $(TESTED)
	OMP_NUM_THREADS=1 .ci/tests --numprocesses=logical --maxprocesses=4 --dist=loadfile $(ALONE:%=--ignore=%)
	.ci/tests $(ALONE)

cover: $(TESTED)  ## Run the tests and show the lines that none ran; slower than make py
	$(BIN)/coverage run -m pytest
	$(BIN)/coverage report --show-missing

bench: $(VENV)/.dev $(VENV)/.browser  ## Measure; results go to benchmarks/results
	$(BIN)/python -m benchmarks

# Sets nothing up: torch and Triton for the GPU at hand are the machine's own.
gpu:  ## Check and measure the kernels on this machine's GPU; needs torch, triton, numpy
	PYTHONPATH=sdk $(PYTHON) -m benchmarks.kernels_gpu $(ARGS)

engine:  ## Measure full-size models on this machine's GPU; needs diffusers and transformers, too
	PYTHONPATH=sdk $(PYTHON) -m benchmarks.engine $(ARGS)

clean:  ## Remove what was built and installed
	rm -rf $(VENV) sdk/js/node_modules tests/peers/node_modules tests/examples/node_modules build dist

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "livedraft needs Python 3.11 or newer: make PYTHON=python3.12 ..." >&2; exit 1; }
	@echo "Making $(VENV)"
	@$(PYTHON) -m venv $(VENV)

$(VENV)/.demo: $(VENV)/bin/python pyproject.toml constraints.txt
	@$(QUIETLY) "Installing the demo into $(VENV), some minutes" $(PIP) -e '.$(DEMO)'
	@touch $@

$(VENV)/.dev: $(VENV)/bin/python pyproject.toml constraints.txt
	@$(QUIETLY) "Installing all that the tests need into $(VENV), some minutes" $(PIP) -e '.[dev]'
	@touch $@ $(VENV)/.demo

# A Chromium of the system, or else the one that Playwright downloads.
$(VENV)/.browser: $(VENV)/.dev
	@command -v chromium || command -v chromium-browser || command -v google-chrome \
	  || $(QUIETLY) "Installing Chromium" $(BIN)/playwright install chromium
	@touch $@

sdk/js/node_modules/.installed: sdk/js/package.json sdk/js/package-lock.json $(VENV)/.dev
	@cd sdk/js && ../../$(QUIETLY) "Installing what the JavaScript needs" npm ci --no-audit --no-fund
	@touch $@

# Other people's clients, which ask our server in the tests.
tests/peers/node_modules/.installed: tests/peers/package.json tests/peers/package-lock.json $(VENV)/.dev
	@cd tests/peers && ../../$(QUIETLY) "Installing the clients that the tests ask with" npm ci --no-audit --no-fund
	@touch $@

# What builds the examples in the tests.
tests/examples/node_modules/.installed: tests/examples/package.json tests/examples/package-lock.json $(VENV)/.dev
	@cd tests/examples && ../../$(QUIETLY) "Installing what builds the examples" npm ci --no-audit --no-fund
	@touch $@
