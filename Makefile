# make help says what there is. It needs make, git and a Python 3.11 or newer with venv; nothing has to be installed first.

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help demo test lint types golden bench lock clean python

PYTHON ?= $(shell for name in python3 python3.14 python3.13 python3.12 python3.11; do \
	"$$name" -c 'import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && command -v "$$name" && break; done)
BIN := .venv/bin
INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes
UV := uv==0.11.0
COMPILE := build/lock/bin/uv pip compile --quiet --upgrade --generate-hashes --universal --python-version 3.11 \
	--no-emit-index-url --no-emit-find-links --custom-compile-command 'make lock'

help:  ## print this
	@sed -nE 's/^([a-z]+):[^#]*## (.*)/  make \1|\2/p' $(MAKEFILE_LIST) | awk -F'|' '{ printf "%-14s %s\n", $$1, $$2 }'

demo: .venv/.verify  ## do the main job on examples/shop, into build/demo
	@rm -rf build/demo
	@mkdir -p build
	$(BIN)/opsmith run "$$(cat examples/shop/task.txt)" --repo examples/shop --out build/demo
	@echo
	@echo "The files are in build/demo. Look at build/demo/compose.yaml, build/demo/k8s/base and build/demo/.github/workflows/ci.yml."
	@echo "Why is a line as it is? For example:"
	@line=$$(grep -n '^EXPOSE' build/demo/api/Dockerfile | cut -d: -f1) && \
		echo "\$$ $(BIN)/opsmith explain api/Dockerfile:$$line --repo build/demo" && \
		$(BIN)/opsmith explain "api/Dockerfile:$$line" --repo build/demo

test: lint types  ## lint, types, layers and tests
	@$(BIN)/python -m pytest -n auto

lint: .venv/.dev
	$(BIN)/ruff check --quiet --output-format concise
	$(BIN)/ruff format --check --quiet
	$(BIN)/lint-imports --no-logo

types: .venv/.dev
	$(BIN)/mypy
	$(BIN)/pyright

golden: .venv/.dev  ## rewrite examples/*/golden from what comes out now; read the diff
	$(BIN)/python -m pytest tests/test_examples.py --update-golden
	git diff --stat -- examples

bench: .venv/.verify  ## measure start-up, a whole run and surveys of up to 300 000 files and 1 000 components against the aims
	$(BIN)/python -m bench

lock: .venv/.python  ## renew requirements/*.txt from pyproject.toml
	$(BIN)/python -m venv build/lock
	build/lock/bin/python -m pip install --quiet --disable-pip-version-check '$(UV)'
	$(COMPILE) --extra verify --extra llm --extra handoff --extra mcp --group dev pyproject.toml -o requirements/dev.txt
	$(COMPILE) -c requirements/dev.txt pyproject.toml -o requirements/run.txt
	$(COMPILE) -c requirements/dev.txt --extra verify pyproject.toml -o requirements/verify.txt
	$(COMPILE) -c requirements/dev.txt --group build -o requirements/build.txt
	$(BIN)/python -c 'import tomllib; print(*tomllib.load(open("pyproject.toml", "rb"))["project"]["optional-dependencies"]["scan"], sep="\n")' \
		| $(COMPILE) - -o requirements/scan.txt
	rm -rf build/lock

clean:  ## remove the environment, caches and everything that was made
	rm -rf .venv build dist .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis
	find src tests bench -name __pycache__ -type d -prune -exec rm -rf {} +

python: .venv/.python
	@echo $(BIN)/python

# A stamp in .venv says what it holds; it is made anew when the lock file is newer. The development lock holds the other one, pin for pin.
.venv/.python:
	@if [ -z "$(PYTHON)" ]; then \
		echo "opsmith needs Python 3.11 or newer with venv, and none was found on PATH." >&2; \
		echo "  Debian, Ubuntu: apt-get install python3 python3-venv    Fedora: dnf install python3    macOS: brew install python@3.13" >&2; \
		echo "  elsewhere on this machine: make PYTHON=/path/to/python3.11 ..." >&2; \
		exit 1; \
	fi
	@$(BIN)/python -c '' 2>/dev/null || "$(PYTHON)" -m venv --clear .venv
	@touch $@

.venv/.verify: requirements/build.txt requirements/verify.txt pyproject.toml | .venv/.python
	@echo "installing opsmith and its proving tools into .venv ..."
	@$(INSTALL) -r requirements/build.txt -r requirements/verify.txt
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

.venv/.dev: requirements/dev.txt pyproject.toml | .venv/.python
	@echo "installing opsmith, its proving tools and the development tools into .venv ..."
	@$(INSTALL) -r requirements/dev.txt
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@ .venv/.verify
