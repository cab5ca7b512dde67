# Every command a developer needs; `make` alone lists them. Needs python3 (3.11 or newer) with its venv module, and make.
# Everything is made inside this checkout: the environment in .venv, the demo and other throw-away state in var.

PORT ?= 8000
BIN := .venv/bin
DIR ?= var/institute
DEMO_DIR ?= var/demo
KILLS ?= 40
SIZE ?= 5822
BIG ?= 500
PIP := $(BIN)/python -m pip --disable-pip-version-check
PYTEST := $(BIN)/python -m pytest
# Test processes side by side; each has a directory and a database of its own. WORKERS=0 for one that a debugger can hold.
WORKERS ?= auto
# A file's tests stay in one process, and the stories of one site: see tests/grouping.py.
PARALLEL = -n $(WORKERS) --maxprocesses 4 --dist loadfile
export PIP_NO_INPUT := 1

.DEFAULT_GOAL := commands
.PHONY: commands setup setup-test setup-dev run demo test test-all test-crash fix lint types docs bench bench-house bench-import bench-mail bench-chronology bench-pages bench-search bench-search-relevance bench-search-speed bench-search-large check lock release

commands: ## list the commands (this)
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-22s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

# --- the environment: a stamp file per layer, so that a second `make` costs nothing ---------------------------------------

setup: .venv/.base ## make .venv and install what Isthmus needs to run
	@echo "Ready: .venv/bin/isthmus, or make demo"
setup-test: .venv/.test
setup-dev: .venv/.dev

# The newest Python that will do, python3 first. The sentence is printed when there is none.
$(BIN)/python:
	@for python in $(PYTHON) python3 python3.13 python3.12 python3.11; do \
	  if "$$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then \
	    echo "Making .venv with $$("$$python" --version 2>&1) ..."; \
	    "$$python" -m venv .venv && exit 0; \
	    rm -rf .venv; \
	    echo "make: $$python has no working venv module; install it (Debian, Ubuntu: apt install python3-venv), then run make again." >&2; \
	    exit 1; \
	  fi; \
	done; \
	echo "make: Isthmus needs Python 3.11 or newer and python3 here is $$(python3 --version 2>&1 || true); install one, or name it: make PYTHON=/path/to/python3.12 $(MAKECMDGOALS)" >&2; \
	exit 1

# The build backend is in the lock too, so nothing that is not pinned is ever fetched (--no-build-isolation).
.venv/.base: requirements/base.txt pyproject.toml | $(BIN)/python
	@echo "Installing what requirements/base.txt pins (a minute, the first time) ..."
	@$(PIP) install --quiet --require-hashes -r requirements/base.txt
	@$(PIP) install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

.venv/.test: requirements/test.txt .venv/.base
	@echo "Installing what requirements/test.txt adds ..."
	@$(PIP) install --quiet --require-hashes -r requirements/test.txt
	@touch $@

.venv/.dev: requirements/dev.txt .venv/.test
	@echo "Installing what requirements/dev.txt adds ..."
	@$(PIP) install --quiet --require-hashes -r requirements/dev.txt
	@touch $@

# --- using it -------------------------------------------------------------------------------------------------------------

demo: .venv/.base ## show the invented institute (PORT=8000)
	@exec $(BIN)/isthmus --dir $(DEMO_DIR) demo --port $(PORT)

run: .venv/.base ## serve DIR (var/institute) with auto-reload (PORT=8000)
	@test -f $(DIR)/isthmus.toml || $(BIN)/isthmus --dir $(DIR) init --name "Development"
	@ISTHMUS_DIR=$(DIR) DJANGO_SETTINGS_MODULE=isthmus.server.settings exec $(BIN)/python -m django runserver 127.0.0.1:$(PORT)

# --- judging it -----------------------------------------------------------------------------------------------------------

test: .venv/.test ## the quick tests: SQLite, no network, random order, some minutes
	@$(PYTEST) $(PARALLEL) -m "not slow and not crash"

test-all: .venv/.dev ## every test whose tools are here: slow ones, Chromium, PostgreSQL
	@$(PYTEST) $(PARALLEL) -m "not crash" --outside=if-there
	@$(BIN)/python .ci/with_postgres.py $(PYTEST) $(PARALLEL) -m "not crash and not browser"

# worksteal: most of these tests wait most of the time, some of them for minutes.
test-crash: .venv/.dev ## kill it at every step, KILLS=40 times a suite
	@ISTHMUS_TEST_KILLS=$(KILLS) $(PYTEST) -n $(WORKERS) --maxprocesses 4 --dist worksteal -m crash --outside=if-there --durations=10

fix: .venv/.dev ## format, and mend what ruff can mend
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

lint: .venv/.dev ## format, lint, the order of imports, the files of deploy/
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/lint-imports --cache-dir .cache/import-linter
	@$(BIN)/hadolint deploy/Containerfile
	@$(BIN)/check-jsonschema --quiet --builtin-schema vendor.compose-spec deploy/compose*.yaml

types: .venv/.dev ## mypy, strict
	@$(BIN)/mypy

docs: .venv/.test ## write docs/reference from the code
	@$(BIN)/python docs/reference/generate.py

check: lint types test-all ## all that CI runs, on this machine

# --- measuring, releasing -------------------------------------------------------------------------------------------------

bench: bench-house bench-import bench-mail bench-chronology bench-pages bench-search ## every measurement; figures go to bench/RESULTS.md

bench-house: .venv/.base ## import, release, page and memory at 9,166 publications (DATA=archive.jsonl.gz)
	@$(BIN)/python bench/house.py

# Twenty minutes; BIG=50 takes four.
bench-import: .venv/.base ## move in and out: records, WordPress, exports; time and memory (DATA=archive.jsonl.gz, BIG=500 MB)
	@BIG=$(BIG) $(BIN)/python bench/importing.py

bench-mail: .venv/.base ## send 100,000 personal messages to postfix's smtp-sink, beside smtp-source
	@$(BIN)/python bench/mail.py --record

bench-chronology: .venv/.base ## score the temporal tagger, read a whole archive (DATA=folder of marked texts)
	@$(BIN)/python bench/chronology.py

# Some minutes, on a machine that does nothing else.
bench-pages: .venv/.base ## kept pages beside nginx, alone and under load (DATA=archive.jsonl.gz)
	@$(BIN)/python bench/pages.py
	@$(BIN)/python bench/edition.py
	@$(BIN)/python bench/edition.py --large 60000

bench-search: bench-search-relevance bench-search-speed ## relevance and speed of the search (DATA=folder with relevance/ and archives/)

bench-search-relevance: .venv/.base ## relevance alone, on judged collections (DATA=folder with relevance/*/)
	@$(BIN)/python bench/search.py

# Ten minutes; PostgreSQL and Pagefind are asked too where they are (bench/search_speed.py).
bench-search-speed: .venv/.base ## pages, HTTP, rebuilds, memory, peers (SIZE=5822, DATA=folder with archives/)
	@$(BIN)/python bench/search_speed.py --size $(SIZE) --record

bench-search-large: ## that with 100,000 generated pieces, most of an hour
	@$(MAKE) --no-print-directory bench-search-speed SIZE=100000

# Needs uv (any version that knows --universal). One lock for Linux and macOS, Python 3.11 to 3.13; it names no index.
UV ?= $(if $(wildcard $(BIN)/uv),$(BIN)/uv,uv)
COMPILE = $(UV) pip compile --quiet --universal --generate-hashes --python-version 3.11 \
  --no-emit-index-url --no-emit-find-links --custom-compile-command "make lock" pyproject.toml --extra semantic $(LOCK_OPTIONS)

lock: ## resolve pyproject.toml anew into requirements/*.txt (LOCK_OPTIONS=--upgrade for newer versions)
	@command -v $(UV) >/dev/null || { echo "make lock: uv is not here; install it with: $(PIP) install uv" >&2; exit 1; }
	@$(COMPILE) --group build --group test --group lint --group outside -o requirements/dev.txt
	@$(COMPILE) --group build --group test -c requirements/dev.txt -o requirements/test.txt
	@$(COMPILE) --group build -c requirements/dev.txt -o requirements/base.txt

release: .venv/.dev ## build and tag VERSION=x.y (docs/how-to/release.md)
	@.ci/release "$(VERSION)"
