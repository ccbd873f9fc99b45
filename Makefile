# `make up` starts Casewright with everything it needs; `make test` checks everything that CI checks; `make chaos` lets
# everything go wrong that can, on a stack of its own; `make catalogues` brings the translations of the pages up to date,
# `make errors` the list of what the API can refuse, `make pictures` those of the README; `make histories` plays the lives
# of cases on a real engine, and records what the replay corpus lacks.

SHELL := /bin/sh
PYTHON ?= python3
VENV := .venv
READY := $(VENV)/.ready
BIN := $(VENV)/bin
PIP_INSTALL := install --quiet --disable-pip-version-check --require-hashes
PYTEST_ARGS ?=
CHAOS_ARGS ?=

# Without compiled modules every start compiles two hundred packages anew.
unexport PYTHONDONTWRITEBYTECODE
# Another environment that happens to be active must not lend its packages.
unexport PYTHONPATH
unexport PYTHONHOME
unexport VIRTUAL_ENV

.PHONY: up test chaos lint format catalogues errors histories pictures lock
.DELETE_ON_ERROR:

up: $(READY)
	@exec $(BIN)/casewright up --with-parent

# What `make lint` finds is said when it is through, beside the tests: it takes what they leave, as they wait now and then.
# A process of theirs that crashes ends them: with another one in its place they would wait for each other for ever.
test: $(READY)
	@{ nice -n 19 $(MAKE) --no-print-directory lint >$(VENV)/lint.log 2>&1 || { cat $(VENV)/lint.log; exit 1; }; } & linting=$$!; \
	$(BIN)/python -m slipcover --json --out .coverage.json -m pytest -n 3 --dist loadscope --max-worker-restart 0 $(PYTEST_ARGS); tested=$$?; \
	wait $$linting && exit $$tested
	@$(BIN)/python -m slipcover --skip-covered --fail-under 85 --merge .coverage.json --out .coverage.json

chaos: $(READY)
	@exec $(BIN)/python -m tests.chaos $(CHAOS_ARGS)

lint: $(READY)
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy $(if $(CI),--cache-dir=/dev/null)
	$(BIN)/lint-imports

format: $(READY)
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

catalogues: $(READY)
	$(BIN)/python -m tests.web.catalogues

errors: $(READY)
	$(BIN)/python -m tests.web.problems

histories: $(READY)
	CASEWRIGHT_RECORD_HISTORIES=1 $(BIN)/pytest -q tests/rollouts/scenarios

pictures: $(READY)
	$(BIN)/pytest -q tests/browser/test_pictures.py --pictures

lock: $(READY)
	$(BIN)/uv pip compile --quiet --universal --generate-hashes --no-emit-index-url --python-version 3.11 --extra dev \
	    pyproject.toml -o requirements.lock
	$(BIN)/uv pip compile --quiet --universal --generate-hashes --no-emit-index-url --python-version 3.11 --no-annotate \
	    --constraints requirements.lock pyproject.toml -o requirements-run.lock
	grep -o '^uv==[^ ;]*' requirements.lock | $(BIN)/uv pip compile --quiet --universal --generate-hashes \
	    --no-emit-index-url --no-annotate --no-header --python-version 3.11 - -o requirements-uv.lock

# The scripts in an environment name its Python by the whole path, and that Python is a link to another one: in a checkout
# that was moved, or without that other one, it is made anew.
$(shell [ "$$(cat $(READY) 2>/dev/null)" = "$(CURDIR)" ] && $(BIN)/python -c 0 2>/dev/null || rm -f $(READY))

# The stamp is written last. A change of what it depends on, or a build that was cut short, starts from nothing:
# there is no half-made environment to repair.
$(READY): requirements.lock requirements-uv.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
	    echo "Casewright needs Python 3.11 or newer, and '$(PYTHON)' is $$($(PYTHON) --version 2>&1)." \
	        "Name another with: make $(MAKECMDGOALS) PYTHON=python3.12" >&2; exit 1; }
	@echo "Making $(VENV) ..."
	@rm -rf $(VENV)
	@# To give the environment a pip of its own takes seconds, and uv is all that it would install.
	@$(PYTHON) -m venv --without-pip $(VENV)
	@$(PYTHON) -m pip --python $(BIN)/python $(PIP_INSTALL) -r requirements-uv.lock 2>/dev/null || { \
	    $(PYTHON) -m venv $(VENV) && $(BIN)/python -m pip $(PIP_INSTALL) -r requirements-uv.lock; }
	@# uv does not read pip's configuration: where only pip knows the way to the packages, pip installs them, slower.
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --compile-bytecode --require-hashes -r requirements.lock || { \
	    echo "uv could not install the packages; trying with pip ..." >&2; \
	    $(PYTHON) -m venv $(VENV) && $(BIN)/python -m pip $(PIP_INSTALL) -r requirements.lock; }
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation --editable .
	@echo "$(CURDIR)" > $(READY)
