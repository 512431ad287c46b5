# Each command sets itself up on a fresh machine: a virtual environment in .venv, then requirements.txt.
PYTHON ?= python3
VENV := .venv
RUN := $(VENV)/bin/python
READY := $(VENV)/ready

.PHONY: demo test check lint bench clean

demo: $(READY)
	PYTHON=$(RUN) bash bash_scripts/demo.sh

test: $(READY)
	$(RUN) -m pytest

check: lint test

lint: $(READY)
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/mypy

bench: $(READY)
	for name in omes closed_form trees metrics data training symmetry groups; do $(RUN) -m benchmarks.$$name || exit 1; done

$(READY): requirements.txt
	$(PYTHON) -m venv $(VENV)
	$(RUN) -m pip install --quiet --disable-pip-version-check --requirement requirements.txt
	touch $@

clean:
	rm -rf $(VENV) demo_output
