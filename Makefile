# Everything on a fresh machine with Python 3.11 to 3.14: `make demo` screens the bundled clips, `make test` runs the tests.
# A bare Debian needs: apt-get install python3 python3-venv make libgl1 libegl1 libgles2

PYTHON ?= python3
BIN := .venv/bin

.PHONY: demo test check golden clean

demo: .venv/ready
	$(BIN)/screener demo

test: .venv/ready-dev
	$(BIN)/python -m pytest -q -n 2 -m "not slow"

check: .venv/ready-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m pytest -q -m slow

golden: .venv/ready-dev
	$(BIN)/python tests/golden/record.py

.venv/bin/python:
	$(PYTHON) -m venv .venv

.venv/ready: .venv/bin/python pyproject.toml
	$(BIN)/python -m pip install --quiet --editable .
	touch $@

.venv/ready-dev: .venv/bin/python pyproject.toml
	$(BIN)/python -m pip install --quiet --editable '.[dev]'
	touch $@ .venv/ready

clean:
	rm -rf .venv screening
