# `make demo` shows the portal with a sample business; `make test` runs everything that needs no foreign files.

PYTHON ?= python3
PORT ?= 8000
BIN := .venv/bin
READY := .venv/.ready
DEV := .venv/.ready-dev
INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check

.PHONY: demo test histories properties words locks install lint format types contracts check clean

demo: export PORTAL_BASE_URL := http://127.0.0.1:$(PORT)
demo: $(READY)
	@$(BIN)/portal play content/sample-history.toml
	@$(BIN)/portal build
	@$(BIN)/portal serve --show-links

test: $(DEV)
	@sh tests/browser/install-chromium.sh
	@sh tests/browser/install-validators.sh
	@sh tests/postgres/install-postgresql.sh
	@sh tests/hosting/install-nginx.sh
	$(BIN)/pytest -n auto --cov --cov-report=term --ignore=tests/histories
	@$(MAKE) --no-print-directory histories

# Without coverage, whose tracing makes them slower: they are about what happens, not about lines.
histories: $(DEV)
	$(BIN)/pytest -n auto tests/histories

# The arithmetic of money and days, with as many examples of each property as PORTAL_EXAMPLES says.
properties: $(DEV)
	$(BIN)/pytest -n auto tests/receivables

install: $(DEV)

$(READY): pyproject.toml requirements.lock
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
		echo "Python 3.11 or newer is needed; choose one with: make PYTHON=python3.12 install"; exit 1; }
	@echo "Installing into .venv (once, under a minute)"
	@$(PYTHON) -m venv .venv
	@$(INSTALL) --require-hashes -r requirements.lock
	@$(INSTALL) --no-deps --editable .
	@touch $(READY)

$(DEV): $(READY) requirements-dev.lock
	@echo "Installing what tests and checks need (once)"
	@$(INSTALL) --require-hashes -r requirements-dev.lock
	@touch $(DEV)

lint: $(DEV)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

format: $(DEV)
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

types: $(DEV)
	$(BIN)/mypy

contracts: $(DEV)
	$(BIN)/lint-imports

check: lint types contracts test

# Both locks by uv alone, with no host named in them. `make locks UPGRADE=--upgrade` takes newer versions.
LOCK := uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --no-annotate
locks:
	@command -v uv >/dev/null || { echo "uv makes the locks; it is not needed for anything else: pip install uv"; exit 1; }
	$(LOCK) $(UPGRADE) pyproject.toml -o requirements.lock
	$(LOCK) $(UPGRADE) pyproject.toml --extra dev --constraint requirements.lock -o requirements-dev.lock

# New and changed texts into the catalogues; what is then empty is to be translated: docs/translating.md.
words: $(READY)
	@mkdir -p artifacts
	@$(BIN)/pybabel -q extract -F pyproject.toml --no-default-keywords -k _ -k gettext -k ngettext:1,2 \
		--no-location --sort-output -o artifacts/portal.pot .
	@for language in $$(ls portal/translations); do \
		$(BIN)/pybabel -q update -i artifacts/portal.pot -d portal/translations -D portal -l $$language \
			-w 120 --no-fuzzy-matching --ignore-obsolete --ignore-pot-creation-date; done
	@$(BIN)/pytest -q -p no:cacheprovider tests/test_texts.py

clean:
	rm -rf .venv build var artifacts tests/browser/markup/node_modules
