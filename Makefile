# Everything on a fresh machine with Python 3.11 to 3.14.
# A bare Debian needs: apt-get install python3 python3-venv make libgl1 libegl1 libgles2

PYTHON ?= python3
BIN := .venv/bin

.PHONY: demo live station test check coverage docs lock golden clean

demo: .venv/ready
	$(BIN)/screener demo

live: .venv/ready-live
	$(BIN)/screener live

station: .venv/ready-station
	test -f station.db || $(BIN)/screener station init --database station.db
	$(BIN)/screener station --database station.db

test: .venv/ready-dev
	$(BIN)/python -m pytest -q -n 2 -m "not slow"

check: .venv/ready-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(MAKE) docs
	$(MAKE) coverage
	$(BIN)/python -m pytest -q -m slow

# Branches of the measuring core; the tests of the other folders are not needed for it.
coverage: .venv/ready-dev
	$(BIN)/python -m pytest -q -n 2 -m "not slow" tests/kinematics tests/tests_clinical \
		--cov=screener.kinematics --cov=screener.tests_clinical --cov-branch --cov-report=term --cov-fail-under=95

docs: .venv/ready-dev
	$(BIN)/zensical build --strict --clean --config-file mkdocs.yml

lock: .venv/ready-dev
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --extra dev --no-emit-index-url --no-emit-find-links \
		--no-header --upgrade --output-file requirements-dev.lock pyproject.toml

golden: .venv/ready-dev
	$(BIN)/python tests/golden/record.py

.venv/bin/python:
	$(PYTHON) -m venv .venv

.venv/ready: .venv/bin/python pyproject.toml
	$(BIN)/python -m pip install --quiet --editable .
	touch $@

.venv/ready-live: .venv/bin/python pyproject.toml
	$(BIN)/python -m pip install --quiet --editable '.[live]'
	touch $@ .venv/ready

.venv/ready-station: .venv/bin/python pyproject.toml
	$(BIN)/python -m pip install --quiet --editable '.[station]'
	touch $@ .venv/ready-live .venv/ready

.venv/ready-dev: .venv/bin/python pyproject.toml requirements-dev.lock
	$(BIN)/python -m pip install --quiet --requirement requirements-dev.lock
	$(BIN)/python -m pip install --quiet --no-deps --editable .
	touch $@ .venv/ready-station .venv/ready-live .venv/ready

clean:
	rm -rf .venv screening site
