# `make demo` and `make test` need Python 3.11 or later, make and a package index; they do the rest of the set-up.

VENV ?= .venv
UV ?= $(shell command -v uv 2>/dev/null)

# The newest Python that can make an environment; PYTHON=… chooses another.
PYTHON ?= $(shell for python in python3.14 python3.13 python3.12 python3.11 python3 python; do \
	$$python -c 'import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 11))' 2>/dev/null \
	&& echo $$python && break; done)

BIN := $(VENV)/bin
RUN := $(VENV)/run.stamp
DEV := $(VENV)/dev.stamp
BENCH := $(VENV)/bench.stamp
INSTALL = $(if $(UV),$(UV) pip install --quiet --python $(BIN)/python,\
	$(BIN)/python -m pip --disable-pip-version-check install -qq) --constraint constraints.txt

# Bytecode is written now, for environments in which Python is told not to write it when it runs.
COMPILE = $(BIN)/python -m compileall -q $(PACKAGES)

PACKAGES := vmstate visitors devices migration vmstate_cli
SAMPLES := $(sort $(wildcard samples/*.zst))
STREAM ?= samples/pc-nodefaults-7.2.qemu.zst
DAMAGED ?= 100000
DOCUMENTS ?= 10000
FUZZ_EXAMPLES ?= 10000
PARALLEL ?= --numprocesses auto --dist loadfile
COMPILED := $(addprefix tests/,vmstate visitors devices migration documents compat/test_running.py)
ANALYZE ?=
ARGS ?=

.DEFAULT_GOAL := help
.PHONY: help demo test fuzz corpus declared loads properties bench bench-check bench-baseline sizes schema docs stale lint types mypy pyright contracts clean

help: ## what there is
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 16

demo: $(RUN) ## show a real migration stream and verify the samples (STREAM=… another one)
	$(BIN)/vmstate show $(STREAM)
	$(BIN)/vmstate verify $(SAMPLES)

test: $(DEV) ## all tests, walked; those that save and load also compiled (ARGS=… for pytest)
	VMSTATE_COMPILED=never $(BIN)/python -m pytest $(PARALLEL) $(ARGS)
	VMSTATE_COMPILED=always $(BIN)/python -m pytest $(PARALLEL) $(ARGS) $(COMPILED)

fuzz: $(DEV) ## damaged streams and documents (DAMAGED=…, DOCUMENTS=… of them; VMSTATE_CORPUS=… a folder of others)
	$(BIN)/python -m tests.damage $(DAMAGED) $(DOCUMENTS)

corpus: $(DEV) ## recorded streams through every format and back (VMSTATE_CORPUS=… a folder of others)
	$(BIN)/python -m tests.documents

declared: $(DEV) ## recorded streams through the declarations, a table (VMSTATE_CORPUS=… a folder of others)
	$(BIN)/python -m tests.devices

loads: $(DEV) ## what became of real loads, against what `check` foretells (VMSTATE_CORPUS=… a folder of others)
	$(BIN)/python -m tests.compat.loads

properties: $(DEV) ## the property tests with many random examples (FUZZ_EXAMPLES=… each)
	HYPOTHESIS_PROFILE=fuzz FUZZ_EXAMPLES=$(FUZZ_EXAMPLES) $(BIN)/python -m pytest -m hypothesis $(ARGS)

bench: $(BENCH) ## how fast it is, beside others, into bench/RESULTS.md (ANALYZE=… QEMU's script; ARGS=… parts, see there)
	ANALYZE="$(ANALYZE)" $(BIN)/python -m bench $(ARGS)

bench-check: $(DEV) ## whether anything has become 10 % dearer, in instructions (needs valgrind)
	$(BIN)/python -m bench.instructions

bench-baseline: $(DEV) ## what bench-check compares with, counted again: bench/instructions.json
	$(BIN)/python -m bench.instructions --renew

sizes: $(DEV) ## what states take in each format, measured again, into docs/formats/sizes.md
	$(BIN)/python -m bench.sizes tests/corpus/streams > docs/formats/sizes.md

schema: $(DEV) ## the schemas of every device in schema_out, made again
	rm -rf schema_out
	$(BIN)/vmstate schema --out schema_out
	$(BIN)/vmstate schema --out schema_out/asn1 --format asn1
	$(BIN)/vmstate schema --out schema_out/cddl --format cddl

docs: $(DEV) ## the page of what an author may change, docs/compatibility.md, made again
	$(BIN)/vmstate rules --format markdown > docs/compatibility.md

stale: $(DEV) ## whether the schemas in schema_out are those of the declarations
	$(BIN)/vmstate schema --check --out schema_out
	$(BIN)/vmstate schema --check --out schema_out/asn1 --format asn1
	$(BIN)/vmstate schema --check --out schema_out/cddl --format cddl

lint: $(DEV) ## ruff
	$(BIN)/ruff check

types: mypy pyright ## mypy --strict and pyright strict

mypy: $(DEV)
	$(BIN)/mypy $(PACKAGES) $(wildcard tests/typing)

pyright: $(DEV)
	$(BIN)/pyright --pythonpath $(BIN)/python

contracts: $(DEV) ## who may import whom
	$(BIN)/lint-imports --no-logo

clean: ## remove the environment and all caches
	rm -rf $(VENV) build dist .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache
	find . -name .git -prune -o -name __pycache__ -type d -prune -exec rm -rf {} +

# -- set-up

$(BIN)/python:
	@python="$(PYTHON)"; \
	if [ -n "$(UV)" ]; then $(UV) venv --quiet --allow-existing --python "$${python:->=3.11}" $(VENV); \
	elif [ -n "$$python" ]; then $$python -m venv $(VENV); \
	else echo "Python 3.11 or later with its modules venv and ensurepip is needed" \
		"(on Debian the package python3-venv), or uv" >&2; exit 1; fi

# The project is built in the environment, not in one of pip's own, so that what builds it is pinned too.
$(RUN): $(BIN)/python pyproject.toml constraints.txt
	@echo "set-up: $(VENV)"
	@$(INSTALL) hatchling
	@$(INSTALL) --no-build-isolation --editable '.[cli]'
	@$(COMPILE)
	@touch $@

$(DEV): $(BIN)/python pyproject.toml constraints.txt
	@echo "set-up: $(VENV)"
	@$(INSTALL) hatchling
	@$(INSTALL) --no-build-isolation --editable '.[cli,dev]'
	@$(COMPILE)
	@touch $(RUN) $@

$(BENCH): $(DEV)
	@$(INSTALL) --no-build-isolation --editable '.[cli,dev,bench]'
	@touch $@
