# make: build the environment and run the default study; make test: build it and run the tests.
PYTHON ?= python3
ENV := .venv
RUN := PATH="$(CURDIR)/$(ENV)/bin:$$PATH"

.PHONY: study env test lint bench

study: env
	$(RUN) snakemake --cores all

# Built under its final name but only then marked as done: an install that broke off starts again
env: $(ENV)/.done

$(ENV)/.done: envs/requirements.txt
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info[:2] != (3, 11) and "PIElab needs Python 3.11: make PYTHON=python3.11")'
	$(PYTHON) -m venv $(ENV)
	$(ENV)/bin/python -m pip install --quiet --requirement envs/requirements.txt
	touch $@

test: env
	$(RUN) pytest

lint: env
	$(RUN) ruff check
	$(RUN) ruff format --check
	$(RUN) snakefmt --check Snakefile workflow
	$(RUN) snakemake --lint

bench: env
	$(RUN) python benchmarks/throughput.py
