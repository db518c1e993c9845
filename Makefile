# `make run` and `make test` work on a fresh checkout; everything they make lies in .venv and var/.
VENV := .venv
PYTHON := $(VENV)/bin/python
BASE_PYTHON ?= python3.11
STAMP := $(VENV)/.installed
INDEX := var/index/current
CORPUS_FILES := $(shell find corpus -type f -not -path "corpus/questions/*" 2>/dev/null)
export PIP_DISABLE_PIP_VERSION_CHECK = 1

.PHONY: run test check evaluate bench torture lock browser-tests

run: $(INDEX)
	$(PYTHON) app.py serve

test: check
	$(PYTHON) app.py index
	$(PYTHON) -m pytest --cov=app --cov=assistant --cov=index --cov-report=term:skip-covered
	$(PYTHON) app.py evaluate --quick
	$(PYTHON) app.py evaluate --quick --corpus examples/musterland

check: $(STAMP)
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/ruff check .
	$(VENV)/bin/basedpyright
	$(PYTHON) app.py check-corpus
	CLUSTERLOTSE_CORPUS=examples/musterland $(PYTHON) app.py check-corpus

evaluate: $(INDEX)
	$(PYTHON) app.py evaluate $(if $(ONLY),--only $(ONLY))

bench: $(INDEX)
	$(PYTHON) app.py bench

# Faults at random moments, about five minutes; TORTURE_SEED=… does a run again.
torture: $(INDEX)
	$(PYTHON) -m pytest -m torture --ignore tests/browser

# Writes the pinned versions anew from pyproject.toml.
lock: $(STAMP)
	$(VENV)/bin/pip-compile -q --extra dev --strip-extras --no-emit-index-url --no-emit-trusted-host --no-annotate --no-header -o requirements.lock pyproject.toml
	$(VENV)/bin/pip-compile -q --extra benchmark --strip-extras --no-emit-index-url --no-emit-trusted-host --no-annotate --no-header -c requirements.lock -o requirements-benchmark.lock pyproject.toml
	sed -i 's/+cpu$$//' requirements.lock requirements-benchmark.lock

$(STAMP): requirements.lock
	test -x $(PYTHON) || $(BASE_PYTHON) -m venv $(VENV)
	$(PYTHON) -m pip install -q -r requirements.lock
	touch $@

$(INDEX): $(STAMP) $(CORPUS_FILES)
	$(PYTHON) app.py index
	touch $@
