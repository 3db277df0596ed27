# Every chore is one word: run, test, check, bench, wheel.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STORE ?= sqlite:///data/yikezhong.db
HOST ?= 127.0.0.1
PORT ?= 8050

.PHONY: run test check bench wheel setup compiled

setup: $(VENV)/.ready

$(VENV)/.ready: pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "需要 Python 3.11 或更新版本 (PYTHON=python3.12 make run)"; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV) || { .ci/debian python3-venv && $(PYTHON) -m venv $(VENV); }
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[dev]'
	@touch $@

# Machine code of the kernel, kept beside the modules: made anew only where a module has changed.
compiled: setup
	@$(BIN)/python -m layers.compiled

run: setup compiled
	$(BIN)/yikezhong --store $(STORE) serve --demo --host $(HOST) --port $(PORT)

test: setup compiled
	@.ci/debian chromium fonts-noto-cjk || true
	@command -v soffice >/dev/null || .ci/debian libreoffice-calc-nogui || true
	$(BIN)/python -m pytest -n auto --dist loadgroup

check: setup
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy

bench: setup
	$(BIN)/python -m benchmarks

wheel: setup
	$(BIN)/python -m pip wheel --quiet --no-deps --wheel-dir dist .
