# Everything goes into .venv and .atlaslens of this clone; a second run finds what the first one made.
.DEFAULT_GOAL := help
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
WORKERS ?= 2
PIP := $(BIN)/python -m pip --disable-pip-version-check

.PHONY: help demo test check lint types imports bench bench-evidence dashboards monitors dist sbom audit lock clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## /{printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

# The stamps stand for "these locked files are installed"; they are remade when a lock or the project file changes.
$(VENV)/.runtime: requirements/runtime.txt requirements/build.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(0 if sys.version_info >= (3, 11) else "Python 3.11 or newer is needed; set PYTHON=")'
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "installing locked dependencies into $(VENV)"
	@$(PIP) install --quiet --require-hashes -r requirements/runtime.txt -r requirements/build.txt
	@$(PIP) install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/.dev: requirements/dev.txt $(VENV)/.runtime
	@$(PIP) install --quiet --require-hashes -r requirements/dev.txt
	@touch $@

demo: $(VENV)/.runtime ## the main job on a made-up site and a real OpenSearch
	@$(BIN)/atlaslens-forwarder demo $(DEMO_ARGS)

test: $(VENV)/.dev ## all tests, in two processes; WORKERS=0 for one
	@$(BIN)/python -m pytest --numprocesses $(WORKERS) $(TEST_ARGS)

check: lint types imports test ## lint, types, import layers, tests

lint: $(VENV)/.dev
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .

types: $(VENV)/.dev
	@$(BIN)/mypy

imports: $(VENV)/.dev
	@$(BIN)/lint-imports

bench: $(VENV)/.dev ## measure ingest; writes docs/performance.md
	@$(BIN)/python -m bench

bench-evidence: $(VENV)/.dev ## measure export and verification of a million events; writes docs/performance.md
	@$(BIN)/python -m bench.evidence

dashboards: $(VENV)/.runtime ## write the saved objects of the views into dashboards/
	@$(BIN)/python -m atlaslens_forwarder.service.saved_views dashboards

monitors: $(VENV)/.runtime ## write alerting/monitors and docs/rules.md anew from the rules
	@$(BIN)/python -m atlaslens_forwarder.detections.monitors alerting/monitors
	@$(BIN)/python -m atlaslens_forwarder.detections.docs > docs/rules.md.new && mv docs/rules.md.new docs/rules.md

dist: $(VENV)/.runtime ## build wheel and source archive into dist/
	@$(BIN)/python -m hatchling build -d dist

sbom: $(VENV)/.dev ## list all locked parts with their hashes in dist/sbom.cdx.json (CycloneDX)
	@mkdir -p dist
	@PYTHONWARNINGS=ignore $(BIN)/cyclonedx-py requirements requirements/runtime.txt --pyproject pyproject.toml \
		--mc-type application --output-reproducible --output-file dist/sbom.cdx.json

audit: $(VENV)/.dev ## ask whether a locked part has a known weakness
	@$(BIN)/pip-audit --strict --require-hashes --disable-pip -r requirements/runtime.txt

COMPILE := uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	--no-emit-find-links --no-annotate --custom-compile-command "make lock" --upgrade

lock: $(VENV)/.dev ## resolve dependencies and engine artifacts anew (needs uv on the PATH)
	@$(COMPILE) --extra embedded --extra timestamp pyproject.toml -o requirements/runtime.txt
	@$(COMPILE) --extra timestamp pyproject.toml -c requirements/runtime.txt -o requirements/image.txt
	@$(COMPILE) --extra embedded --extra timestamp --group dev pyproject.toml -c requirements/runtime.txt -o requirements/dev.txt
	@printf 'hatchling\neditables\n' | $(COMPILE) - -c requirements/dev.txt -o requirements/build.txt
	@$(BIN)/python -m atlaslens_forwarder.engine.lock

clean: ## remove the virtual environment, the engine and the demo's data
	@rm -rf $(VENV) .atlaslens
