# The two doors of the project: `make demo` and `make test`.

PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
PIP_INSTALL := -m pip install --quiet --disable-pip-version-check
TESTS ?= tests

# Translations are compiled by the installation, also an editable one.
INSTALLED_FROM := setup.cfg setup.py $(wildcard xloud_images_panel/locale/*/LC_MESSAGES/*.po)
LOCALE := xloud_images_panel/locale
KEYWORDS := -k gettext_lazy -k ngettext_lazy:1,2 -k pgettext:1c,2 -k pgettext_lazy:1c,2

# An empty variable is one that is not set.
export DEMO_DIR := $(or $(DEMO_DIR),.demo)

.DEFAULT_GOAL := help
.PHONY: help demo demo-clean test lint format messages bench check-python check-chromium

help:
	@echo "make demo        a local cloud: Keystone, Glance and Horizon with the panel"
	@echo "make demo-clean  remove the demo's folder, $(DEMO_DIR)"
	@echo "make test        linters, then all tests with coverage"
	@echo "                 TESTS='tests/unit -k members' for some of them, without coverage"
	@echo "make bench       what the panel costs, see benchmarks/README.md"
	@echo "make lint        the linters alone"
	@echo "make messages    bring the translations up to date with the code"
	@echo "make format      let the linters rewrite what they can"

# The environment is the demo's own, so that two demos share nothing. It is brought up to date
# when setup.cfg or a translation changed; edits of the code only need a restart.
demo: check-python
	@$(PYTHON) -m demo.options
	@if [ ! -e "$$DEMO_DIR/venv/installed" ] || \
	    [ -n "$$(find $(INSTALLED_FROM) -newer "$$DEMO_DIR/venv/installed")" ]; then \
	    echo "demo: Installing Keystone, Glance, Horizon and the panel into $$DEMO_DIR/venv"; \
	    mkdir -p "$$DEMO_DIR" && touch "$$DEMO_DIR/.xloud-demo" && \
	    $(PYTHON) -m venv "$$DEMO_DIR/venv" && \
	    "$$DEMO_DIR/venv/bin/python" $(PIP_INSTALL) --editable '.[demo]' && \
	    touch "$$DEMO_DIR/venv/installed"; \
	fi
	@exec "$$DEMO_DIR/venv/bin/python" -m demo

demo-clean:
	@if [ ! -e "$$DEMO_DIR" ]; then echo "demo: nothing in $$DEMO_DIR"; \
	elif [ ! -e "$$DEMO_DIR/.xloud-demo" ]; then \
	    echo "demo: DEMO_DIR: $$DEMO_DIR is not a demo's folder." >&2; exit 2; \
	elif [ -e "$$DEMO_DIR/lock" ] && ! flock --nonblock "$$DEMO_DIR/lock" true; then \
	    echo "demo: DEMO_DIR: a demo is running in $$DEMO_DIR. Stop it first." >&2; exit 2; \
	else rm -rf "$$DEMO_DIR" && echo "demo: removed $$DEMO_DIR"; fi

test: lint check-chromium
ifeq ($(TESTS),tests)
	@$(BIN)/python -m pytest --cov --cov-report=term-missing:skip-covered tests
else
	@$(BIN)/python -m pytest $(TESTS)
endif

lint: $(VENV)/installed
	@$(BIN)/ruff check --quiet .
	@$(BIN)/ruff format --check --quiet .
	@$(BIN)/djlint --lint --quiet xloud_images_panel
	@$(BIN)/oxlint --quiet --deny-warnings xloud_images_panel/static

format: $(VENV)/installed
	@$(BIN)/ruff check --fix --quiet .
	@$(BIN)/ruff format --quiet .
	@$(BIN)/oxlint --quiet --fix xloud_images_panel/static

# Texts that are new are without a translation afterwards; those that changed a little are marked
# fuzzy, which is not compiled until somebody has looked at them and taken the mark away.
messages: $(VENV)/installed
	@mkdir -p build
	@for domain in django djangojs; do \
	    PYTHONWARNINGS=ignore $(BIN)/pybabel --quiet extract --mapping babel-$$domain.cfg $(KEYWORDS) \
	        --no-location --project xloud-images-panel --msgid-bugs-address Xloud \
	        --output build/$$domain.pot xloud_images_panel && \
	    $(BIN)/pybabel --quiet update --domain $$domain --input-file build/$$domain.pot \
	        --output-dir $(LOCALE) --ignore-obsolete --ignore-pot-creation-date || exit 1; \
	done
	@$(BIN)/pybabel compile --statistics --domain 'django djangojs' --directory $(LOCALE)

bench: check-chromium $(VENV)/bench-installed
	@exec $(BIN)/python -m benchmarks

$(VENV)/bench-installed: $(INSTALLED_FROM) | check-python
	@echo "Installing what the benchmark needs into $(VENV)"
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/python $(PIP_INSTALL) --editable '.[bench]'
	@touch $@

$(VENV)/installed: $(INSTALLED_FROM) | check-python
	@echo "Installing what the tests need into $(VENV)"
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/python $(PIP_INSTALL) --editable '.[test,lint,messages]'
	@touch $@

check-python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	    { echo "PYTHON: $(PYTHON) is not Python 3.11 or later." >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip' 2>/dev/null || .ci/apt-install python3-venv

check-chromium:
	@command -v chromium >/dev/null && command -v chromedriver >/dev/null || \
	    .ci/apt-install chromium chromium-driver
