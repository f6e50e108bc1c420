# Everything is made inside this folder: .tools, .venv*, node_modules, .cache. A target whose sources have not changed
# is not made again. `make help` lists the targets.
SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.NOTPARALLEL:

export UV_PYTHON_DOWNLOADS := never
export NPM_CONFIG_UPDATE_NOTIFIER := false
export PYTHON := $(CURDIR)/.venv/bin/python

ARGS ?=
BASE_PYTHON ?= >=3.10
UV := $(or $(shell command -v uv 2>/dev/null),$(CURDIR)/.tools/uv/bin/uv)
BIN := .venv/bin
VENV := .venv/.installed
BUNDLE := src/burr_chat_widget/static/widget.js
READY := $(VENV) $(BUNDLE)
JS_SOURCES := $(shell find js/src js/labextension js/*.mjs notebooks -type f)
# The ipykernels that are tested besides the one in .venv: each has a lock, an environment and a kernelspec of its name.
IPYKERNELS := 6.29 6.31 7.0 7.3
KERNELS := $(IPYKERNELS:%=.cache/jupyter/kernels/ipykernel-%/kernel.json)
JUPYTERLITE := .venv-jupyterlite/.installed .cache/pyodide/.installed
# Several processes share the tests, whole files each, in the order of pyproject.toml: they wait more than they work.
PYTEST := -m pytest --numprocesses=2 --dist=loadfile --no-loadscope-reorder

say = @printf '\n\033[1m== %s\033[0m\n' '$(1)'

# $(call environment,FOLDER,LOCK): exactly what the lock says, and this project, editable: its extension of JupyterLab is a link to
# where it is built.
define environment
	@$(UV) venv --quiet --allow-existing --python '$(BASE_PYTHON)' $(1)
	$(UV) pip sync --python $(1) --require-hashes $(2)
	@BURR_CHAT_WIDGET_SKIP_JS=1 $(UV) pip install --quiet --python $(1) --no-deps --no-build-isolation --editable .
	@mkdir -p $(1)/share/jupyter/labextensions
	@ln -sfn '$(CURDIR)/src/burr_chat_widget/labextension' $(1)/share/jupyter/labextensions/burr-chat-widget
	@touch $(1)/.installed
endef

##@ For everyone
.PHONY: demo test help
demo: $(READY) ## Open the quickstart in JupyterLab; ARGS="--no-browser --port=8899" goes to JupyterLab
	$(call say,JupyterLab: stop it with Ctrl+C)
	$(BIN)/python -m burr_chat_widget demo $(ARGS)

test: lint types unit-js browser-js test-lowest pytest ## Everything that CI runs

help: ## This list
	@awk -F ':.*## ' '/^##@/ {print "\n" substr($$0, 5)} /^[a-z-]+:.*## / {printf "  make %-14s %s\n", $$1, $$2}' Makefile

##@ Parts of the tests
.PHONY: lint types js unit-js browser-js pytest unit browser hosts bench fuzz test-lowest
lint: $(READY) ## ruff, Biome, and whether the generated protocol.gen.ts is up to date
	$(call say,Lint)
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	npm run --silent lint
	npm run --silent protocol -- --check

types: $(READY) ## pyright and tsc, both strict
	$(call say,Types)
	npx --no-install pyright
	npm run --silent types

js: unit-js browser-js ## The front end's tests, in happy-dom and in Chromium

unit-js: node_modules/.installed
	$(call say,Front end: unit tests)
	npm run --silent test

browser-js: $(READY)
	$(call say,Front end: tests in Chromium)
	CHROMIUM="$$(.ci/chromium)" npm run --silent test:browser

pytest: $(READY) $(KERNELS) $(JUPYTERLITE) ## All Python tests; ARGS="-k words" goes to pytest
	$(call say,Python: unit; property; interop; kernel; notebooks; packaging; serve; hosts; browser)
	@.ci/servers
	CHROMIUM="$$(.ci/chromium)" $(BIN)/python $(PYTEST) $(ARGS)

unit: $(READY) ## The quick Python tests
	$(BIN)/python $(PYTEST) tests/unit tests/property $(ARGS)

browser: $(READY) $(KERNELS) ## JupyterLab and Notebook in a real browser
	CHROMIUM="$$(.ci/chromium)" $(BIN)/python $(PYTEST) tests/browser $(ARGS)

hosts: $(READY) $(JUPYTERLITE) ## What else shows a chat: Voila, marimo, JupyterLite, papermill, a terminal
	CHROMIUM="$$(.ci/chromium)" $(BIN)/python $(PYTEST) tests/hosts $(ARGS)

bench: $(READY) ## Every figure, in 12 minutes; ARGS=figures, rivals or serve for a part, --write for docs/benchmark.md
	CHROMIUM="$$(.ci/chromium)" PYTHONPATH=tests $(BIN)/python -m bench $(ARGS)

fuzz: $(READY) ## The tests that hold for any input, with other examples each time
	FUZZ=1 npm run --silent test
	FUZZ=1 $(BIN)/python $(PYTEST) tests/property tests/unit $(ARGS)

test-lowest: .venv-lowest/.installed $(BUNDLE) ## The quick Python tests with the lowest versions allowed
	.venv-lowest/bin/python $(PYTEST) tests/unit tests/property $(ARGS)

##@ While developing
.PHONY: dev format protocol fixtures build lock clean
dev: $(READY) ## JupyterLab with hot reload: the front end is rebuilt and reloaded at each save
	@node js/build.mjs --watch & trap "kill $$! 2>/dev/null || true" EXIT; ANYWIDGET_HMR=1 $(BIN)/python -m burr_chat_widget demo $(ARGS)

format: $(READY) ## Let ruff and Biome rewrite what they can
	$(BIN)/ruff check --fix
	$(BIN)/ruff format
	npm run --silent format

protocol: $(READY) ## Write js/src/protocol.gen.ts anew from the Python structs
	npm run --silent protocol

fixtures: $(VENV) ## Make the fixtures of both folds anew: the same cases, with the views that they lead to now
	PYTHONPATH=tests $(BIN)/python tests/interop/make_fixtures.py
	PYTHONPATH=tests $(BIN)/python tests/interop/make_sse.py

build: $(READY) ## The wheel and the sdist, in dist/
	$(BIN)/python -m build --no-isolation

COMPILE = $(UV) pip compile --quiet --universal --python-version 3.10 --upgrade --generate-hashes --no-emit-index-url --no-header
lock: | $(UV) ## Resolve all versions anew, for every Python and platform
	$(COMPILE) --group uv --output-file locks/uv.txt
	$(COMPILE) pyproject.toml --extra demo --group test --output-file locks/test.txt
	$(COMPILE) pyproject.toml --extra demo --group test --output-file locks/lowest.txt --resolution lowest-direct
	@for version in $(IPYKERNELS); do \
	  $(COMPILE) pyproject.toml --group ipykernel - --output-file locks/ipykernel-$$version.txt <<< "ipykernel==$$version.*"; done
	$(COMPILE) pyproject.toml --group jupyterlite --output-file locks/jupyterlite.txt
	$(subst --universal --python-version 3.10,--python-platform wasm32-pyodide2025 --python-version 3.14,$(COMPILE)) \
	  pyproject.toml --group pyodide --output-file locks/pyodide.txt
	npm update --package-lock-only
	@! grep -E 'https?://' locks/* || { echo 'A lock file names a host.'; exit 1; }
	@! grep '"resolved"' package-lock.json || { echo 'package-lock.json names a host.'; exit 1; }

clean: ## Remove everything that was made
	rm -rf .tools .venv .venv-* .cache node_modules dist src/burr_chat_widget/static src/burr_chat_widget/labextension

# What is made
$(VENV): locks/test.txt pyproject.toml hatch_build.py | $(UV)
	$(call say,Python packages)
	$(call environment,.venv,$<)

.venv-%/.installed: locks/%.txt pyproject.toml hatch_build.py | $(UV)
	$(call say,Python packages: $*)
	$(call environment,.venv-$*,$<)

$(CURDIR)/.tools/uv/bin/uv:
	$(call say,uv)
	python3 -m venv .tools/uv
	.tools/uv/bin/pip install --quiet --require-hashes --requirement locks/uv.txt

node_modules/.installed: package-lock.json package.json
	$(call say,Front-end packages)
	@node -e 'if (parseInt(process.versions.node) < 20) throw new Error("Node 20 or newer is needed")'
	npm ci
	@touch $@

$(BUNDLE): $(JS_SOURCES) node_modules/.installed
	$(call say,Front end)
	npm run --silent build

.cache/jupyter/kernels/%/kernel.json: .venv-%/.installed
	@rm -rf $(@D)
	.venv-$*/bin/python -c 'from ipykernel.kernelspec import write_kernel_spec; write_kernel_spec("$(@D)", {"display_name": "$*"})'

# Wheels that JupyterLite's page gives its Python, Pyodide. pip knows that platform by its name, uv does not yet.
.cache/pyodide/.installed: locks/pyodide.txt | $(VENV)
	$(call say,Packages for Pyodide)
	@rm -rf $(@D)
	$(BIN)/python -m pip download --quiet --dest $(@D) --no-deps --require-hashes --only-binary :all: \
	  --platform pyemscripten_2026_0_wasm32 --platform any --python-version 3.14 --implementation cp --abi cp314 --abi none \
	  --requirement $<
	@touch $@

# Else make takes the environments for intermediate files, and deletes them.
.PRECIOUS: .venv-%/.installed
