# make demo and make test work on a bare machine with git, make and Python >= 3.11.
SHELL := /bin/bash
PYTHON ?= $(shell for p in python3.13 python3.12 python3.11 python3; do \
  $$p -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready

.PHONY: demo test lint bench soak clean system

demo: $(READY)
	@rm -rf build/demo
	@$(BIN)/catalyst demo ruritania --out build/demo

test: $(READY) system
	@$(BIN)/pytest -n auto --maxprocesses 4 --dist loadfile

lint: $(READY)
	@$(BIN)/ruff format --check . && $(BIN)/ruff check . && $(BIN)/mypy

bench: $(READY)
	@$(BIN)/python tests/bench.py

# Full counts: every fuzz and kill test twenty times over, with new seeds, which are printed.
soak: $(READY) system
	@SOAK=1 $(BIN)/pytest --hypothesis-show-statistics

clean:
	@rm -rf $(VENV) build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis

$(READY): requirements.lock pyproject.toml
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer with venv is needed (Debian: apt-get install python3 python3-venv)."; exit 2; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@awk '/^uv==/{p=1} /^[a-z]/&&!/^uv==/{p=0} p' requirements.lock > $(VENV)/uv.txt
	@$(BIN)/python -m pip --version >/dev/null 2>&1 || $(BIN)/python -m ensurepip >/dev/null
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r $(VENV)/uv.txt
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes -r requirements.lock
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation -e .
	@touch $@

# What the tests look with, beside Python: a browser, an office, a PDF viewer, fonts, Pango and Java.
system:
	@.ci/system
