# `make help` lists the targets. Every one works from any directory: make -C /path/to/project TARGET
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
ROOT := $(patsubst %/,%,$(dir $(abspath $(lastword $(MAKEFILE_LIST)))))
BIN := $(ROOT)/.venv/bin
PATHS := pipeline_defs pipeline_defs_tests benchmarks scripts
# tests that share what they start share a worker; the long ones, of the whole product, begin first
PARALLEL := -n logical --maxprocesses 4 --dist loadgroup --no-loadscope-reorder
# the long ones may take longer than the rest before they count as hung
UNHURRIED := --timeout 1800 -o faulthandler_timeout=1900
MAKEFLAGS += --no-print-directory
unexport PYTHONDONTWRITEBYTECODE PYTHONPATH PYTHONHOME VIRTUAL_ENV

.PHONY: help setup run up down test test-long chaos quality screenshots lint format types bench scale week lock clean

help: ## list the targets
	@grep -hE '^[a-z-]+:.*## ' "$(ROOT)/Makefile" | sort | awk -F ':.*## ' '{printf "  make %-12s %s\n", $$1, $$2}'

setup: ## install everything into .venv (quick when nothing changed); PYTHON=... names the interpreter
	@"$(ROOT)/scripts/setup.sh"

run: setup ## start the whole stack, make the demo, show the results, stay until Ctrl-C
	@cd "$(ROOT)" && exec "$(BIN)/pipeline" demo --stay

up: setup ## start the stack in the background
	@cd "$(ROOT)" && "$(BIN)/pipeline" up --detach

down: setup ## stop the stack; data is kept
	@cd "$(ROOT)" && "$(BIN)/pipeline" down

test: setup ## run all tests (long chaos, scale and quality runs apart: test-long)
	@cd "$(ROOT)" && chromium=$$("$(BIN)/python" -m scripts.ensure_chromium) && \
		export PIPELINE_CHROMIUM="$$chromium" && \
		if ! "$(BIN)/python" -m pytest -m "not slow" $(PARALLEL) $(ARGS); then \
			echo "*** Failed tests run once more: kills and real time on a small, noisy machine. ***"; \
			echo "*** What fails twice fails; what passes now is flaky and wants a look.        ***"; \
			"$(BIN)/python" -m pytest -m "not slow" --last-failed --last-failed-no-failures none $(ARGS); \
		fi

test-long: setup ## run the long chaos, scale and quality tests (the simulated week apart: week)
	@cd "$(ROOT)" && "$(BIN)/python" -m pytest -m slow --ignore pipeline_defs_tests/week $(UNHURRIED) $(ARGS)

chaos: setup ## kill -9 everything during articles and around calls (about ten minutes)
	@cd "$(ROOT)" && "$(BIN)/python" -m pytest pipeline_defs_tests/chaos -m "slow or not slow" $(UNHURRIED) $(ARGS)

quality: setup ## judge finished pages by Yoast and the Nu checker (ARGS=FOLDER, else the stack's)
	@cd "$(ROOT)" && "$(BIN)/python" -m scripts.quality $(ARGS)

screenshots: setup ## take the pictures of the docs from the running stack
	@cd "$(ROOT)" && "$(BIN)/python" -m scripts.screenshots

lint: setup ## check style
	@cd "$(ROOT)" && "$(BIN)/ruff" check $(PATHS) && "$(BIN)/ruff" format --check $(PATHS)

format: setup ## put code into the common format
	@cd "$(ROOT)" && "$(BIN)/ruff" check --fix-only $(PATHS) && "$(BIN)/ruff" format $(PATHS)

types: setup ## check types
	@cd "$(ROOT)" && "$(BIN)/basedpyright"

bench: setup ## compare with other systems in one run (ARGS=...)
	@cd "$(ROOT)" && "$(BIN)/python" -m benchmarks $(ARGS)

scale: setup ## Dagster's pages, ticks and runs at 100 and 100,000 partitions (ARGS="--many 10000": shorter)
	@cd "$(ROOT)" && "$(BIN)/python" -m benchmarks.scale $(ARGS)

week: setup ## a simulated week of all lines with faults, on a clock put forward (half an hour; WEEK_DAYS=2: shorter)
	@cd "$(ROOT)" && "$(BIN)/python" -m pytest pipeline_defs_tests/week -m "slow or not slow" -s \
		-o faulthandler_timeout=7300 $(ARGS)

lock: setup ## resolve the dependencies anew into requirements.lock
	@cd "$(ROOT)" && eval "$$("$(BIN)/python" scripts/uv_environment.py)" && \
		UV_CUSTOM_COMPILE_COMMAND="make lock" "$(BIN)/uv" pip compile --universal --generate-hashes \
		--no-emit-index-url --no-annotate --extra dev pyproject.toml -o requirements.lock

clean: ## stop the stack and remove its data, the environment and all caches
	@cd "$(ROOT)" && if [[ -x "$(BIN)/pipeline" ]]; then "$(BIN)/pipeline" down --remove-data; fi
	@cd "$(ROOT)" && rm -rf .venv .setup.lock .pytest_cache .ruff_cache .hypothesis build *.egg-info
