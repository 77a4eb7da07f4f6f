# make app    set up what is missing and open the dashboard at http://localhost:8501
# make test   the same set-up, then the whole test suite
# make coverage  the same, with the lines of msiss that the tests reach; half as long again (tests/analyse: 52 s of CPU, not 34)
# make check  lint, format, types and which package imports which
# make docs   the documentation site, in docs/_build/html
# make pictures  the screenshots of docs/tour.md and the README anew, by a journey of tests/e2e through the demo in Chromium
# make lock   requirements.txt anew from pyproject.toml; with UPGRADE=--upgrade the newest of everything
# make lowest the tests with the lowest versions that pyproject.toml allows, in an environment of their own (7 GB)
PYTHON ?= $(shell command -v python3.11 || command -v python3)
BIN := .venv/bin
PIP := $(BIN)/pip install --quiet --disable-pip-version-check

.PHONY: app test coverage check docs pictures lock lowest
app: .venv/ready
	$(BIN)/python -m msiss app

test: .venv/ready
	$(BIN)/pytest -n 2 --dist loadfile

coverage: .venv/ready
	$(BIN)/pytest -n 2 --dist loadfile --cov=msiss --cov-report=term:skip-covered

check: .venv/ready
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/mypy benchmarks
	$(BIN)/lint-imports

docs: .venv/ready
	$(BIN)/sphinx-build --fail-on-warning --keep-going --quiet --jobs auto docs docs/_build/html

pictures: .venv/ready
	MSISS_SCREENSHOTS=docs/pictures $(BIN)/pytest tests/e2e/test_journeys.py -k from_the_demo

# The marker file makes a second call quick: pip runs again only when the pinned list changes. Whatever it installs has a
# hash in that list, setuptools as well, which comes first: some packages are built with it.
.venv/ready: requirements.txt pyproject.toml
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	awk '/^[^ #]/ {ours = /^setuptools==/} ours' requirements.txt > .venv/setuptools.txt
	$(PIP) --require-hashes -r .venv/setuptools.txt
	$(PIP) --require-hashes --no-build-isolation -r requirements.txt
	$(PIP) --no-deps --no-build-isolation --editable .
	touch $@

lock:
	UV_CUSTOM_COMPILE_COMMAND="make lock" uv pip compile $(UPGRADE) --universal --python-version 3.11 --extra dev --extra docs --no-annotate --generate-hashes pyproject.toml -o requirements.txt

lowest:
	uv venv --clear --quiet --seed --python 3.11 .venv-lowest
	uv pip install --quiet --python .venv-lowest --resolution lowest-direct --editable '.[dev]'
	.venv-lowest/bin/pytest -n 2 --dist loadfile
