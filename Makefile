# Two commands: make serve, make test. Each creates what it needs.
PYTHON ?= python3
VENV   ?= .venv
BIN     = $(VENV)/bin
SERVERS = $(VENV)/servers
PIP     = $(BIN)/python -m pip install --quiet --disable-pip-version-check
COMPILE = $(BIN)/uv pip compile --quiet --universal --upgrade --generate-hashes \
          --no-emit-index-url --python-version 3.11

.PHONY: serve test check unit wheel-test starter bench lock clean

serve: $(VENV)/.serve  ## build the starter graph if there is none, and serve it
	$(BIN)/oceankg serve

test: $(VENV)/.dev check unit wheel-test  ## everything that must pass

check: $(VENV)/.dev  ## style and types
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

unit: $(VENV)/.dev $(SERVERS)/.ready  ## the tests, on the checkout
	$(BIN)/pytest --numprocesses 2 --dist worksteal

wheel-test: $(VENV)/.dev  ## the installed wheel, in an environment of its own
	$(BIN)/python tests/wheel/run.py

starter: $(VENV)/.serve  ## write the starter graph anew from ../shared/data
	$(BIN)/oceankg starter --from ../shared/data --to src/oceankg/starter

bench: $(VENV)/.dev  ## measure building and asking
	$(BIN)/python benchmarks/run.py
	$(BIN)/python benchmarks/compare.py

lock: $(VENV)/.dev  ## take newer versions of the dependencies
	$(COMPILE) pyproject.toml --output-file requirements.lock
	$(COMPILE) --constraint requirements.lock --group dev pyproject.toml --output-file requirements-dev.lock
	$(COMPILE) tests/servers/servers.in --output-file tests/servers/servers.lock

$(VENV)/.serve: pyproject.toml requirements.lock
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(PIP) --require-hashes -r requirements.lock
	$(PIP) --no-deps --editable .
	touch $@

$(VENV)/.dev: $(VENV)/.serve requirements-dev.lock
	$(PIP) --require-hashes -r requirements-dev.lock
	touch $@

# The catalogue servers that the tests ask want older versions of what oceankg uses.
$(SERVERS)/.ready: $(VENV)/.dev tests/servers/servers.lock
	test -x $(SERVERS)/bin/python || $(PYTHON) -m venv $(SERVERS)
	$(SERVERS)/bin/python -m pip install --quiet --disable-pip-version-check \
		--require-hashes -r tests/servers/servers.lock
	touch $@

clean:  ## remove what make created
	rm -rf $(VENV) dist
