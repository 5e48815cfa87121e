# Two commands: make serve, make test. Each creates what it needs.
PYTHON ?= python3
VENV   ?= .venv
BIN     = $(VENV)/bin

.PHONY: serve test check unit wheel-test starter bench lock clean

serve: $(VENV)/.installed  ## build the starter graph if there is none, and serve it
	$(BIN)/oceankg serve

test: $(VENV)/.installed check unit wheel-test  ## everything that must pass

check: $(VENV)/.installed  ## style and types
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

unit: $(VENV)/.installed  ## the tests, on the checkout
	$(BIN)/pytest

wheel-test: $(VENV)/.installed  ## the installed wheel, in an environment of its own
	$(BIN)/python tests/wheel/run.py

starter: $(VENV)/.installed  ## write the starter graph anew from ../shared/data
	$(BIN)/oceankg starter --from ../shared/data --to src/oceankg/starter

bench: $(VENV)/.installed  ## measure building and asking
	$(BIN)/python benchmarks/run.py

lock: $(VENV)/.installed  ## take newer versions of the dependencies
	$(BIN)/uv pip compile --quiet --universal --upgrade --generate-hashes --no-emit-index-url \
	    --python-version 3.11 --group dev pyproject.toml --output-file requirements.lock

$(VENV)/.installed: pyproject.toml requirements.lock
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --editable .
	touch $@

clean:  ## remove what make created
	rm -rf $(VENV) dist
