# make: build the environment and run the default study; make test: build it and run the tests.
PYTHON ?= python3
CONFIG ?= config/config.yaml
ENV := .venv
RUN := PATH="$(CURDIR)/$(ENV)/bin:$$PATH"

.PHONY: study env test test-slurm lint cost power calibrate gpu bench

study: env
	@$(RUN) python benchmarks/cost.py --brief
	$(RUN) snakemake --cores all

# Built under its final name but only then marked as done: an install that broke off starts again.
# Compiled on all cores afterwards, less the packages' tests: pip does it on one, longer than all else
# takes. Some packages hold templates that do not compile.
env: $(ENV)/.done

$(ENV)/.done: envs/requirements.txt
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info[:2] != (3, 11) and "PIElab needs Python 3.11: make PYTHON=python3.11")'
	$(PYTHON) -m venv $(ENV)
	$(ENV)/bin/python -m pip install --quiet --no-compile --requirement envs/requirements.txt
	@$(ENV)/bin/python -m compileall -qq -j 0 -x '/tests?/' $(ENV)/lib || true
	touch $@

test: env
	$(RUN) pytest

# Needs root and Debian's packages slurm-wlm and munge: starts and stops a SLURM of its own
test-slurm: env
	$(RUN) pytest tests/slurm

lint: env
	$(RUN) ruff check
	$(RUN) ruff format --check
	$(RUN) snakefmt --check Snakefile workflow
	$(RUN) mypy
	$(RUN) snakemake --lint

# What a study will cost: trainings, hours, disk and memory
cost: env
	$(RUN) python benchmarks/cost.py --config $(CONFIG)

# How many seeds tell a change of an example from seed noise, and what they cost
power: env
	$(RUN) python benchmarks/power.py --config $(CONFIG)

# Time this machine's device for `make cost`
calibrate: env
	$(RUN) python benchmarks/calibrate.py --config $(CONFIG)

# Whether this machine's GPU computes what a CPU does, and how fast; adds it to resources/throughput.csv
gpu: env
	$(RUN) python benchmarks/gpu.py

# Ours beside what else one would write, plans of Snakemake and the PIE browser
bench: env
	$(RUN) python benchmarks/side_by_side.py
	$(RUN) python benchmarks/plan.py --seeds-per-job 30
	$(RUN) python benchmarks/browser.py
	$(RUN) python benchmarks/audit.py
