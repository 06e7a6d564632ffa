# Short names for the commands of CONTRIBUTING.md. `make setup` comes first.
python = .venv/bin/python

.PHONY: help setup test coverage test-all lint types compile docs reference bench ci
help:  ## Show this list
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' Makefile

setup:  ## Make .venv with the locked releases
	python3 -m venv .venv
	.venv/bin/pip install -r requirements/uv.txt
	$(python) -m uv pip install -c requirements/lock.txt -b requirements/lock.txt -e ".[test]"

test:  ## Run the quick tests
	$(python) -m pytest -m "not slow" -n 2

coverage:  ## Show which lines and branches the quick tests miss
	$(python) -m pytest -m "not slow" -n 2 --cov

test-all:  ## Run all tests; the slow ones need Chromium and more extras
	$(python) -m pytest -n 2 --dist loadfile

lint:  ## Check style and spelling
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/codespell

types:  ## Check types
	.venv/bin/mypy

compile:  ## Compile the parser of rows after a change of its C file
	$(python) -m uv pip install -b requirements/lock.txt --no-deps -e .

docs:  ## Build the site of the documentation: site/index.html
	.venv/bin/mkdocs build --strict

reference:  ## Write the tables and the schema in docs/ from the code
	$(python) docs/make_reference.py

# In an environment of its own: an editable install starts more slowly.
bench:  ## Measure first and later use beside other packages
	python3 -m venv build/bench
	build/bench/bin/pip install . -r benchmarks/requirements.txt
	build/bench/bin/python benchmarks/run.py --output results/benchmark

ci:  ## Run everything that must pass before a change is merged
	.ci/run
