# SPDX-License-Identifier: Apache-2.0
# The main commands of the project: `make demo` and `make test`.

PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
PIP_INSTALL := -m pip install --quiet --disable-pip-version-check
TESTS ?= tests
# Each process has its own cloud and browser. Tests wait at times, so three keep two cores busy.
TEST_PROCESSES ?= 3
# Long files with few tests come first: pytest-xdist would leave them to the end.
ALL_TESTS := tests/cloud/test_lost_place.py tests/cloud/test_paging.py tests/horizon_own \
    tests/cloud/test_command_line.py tests/browser tests/cloud tests/js tests/unit
RUN_ALL := $(BIN)/python -m pytest --numprocesses $(TEST_PROCESSES) --dist loadfile --no-loadscope-reorder

# The packages have the same version, so they are installed and upgraded together.
CHROMIUM := chromium chromium-driver chromium-headless-shell

# The installation compiles the translations, an editable one too.
INSTALLED_FROM := setup.cfg setup.py $(wildcard xloud_images_panel/locale/*/LC_MESSAGES/*.po)
LOCALE := xloud_images_panel/locale
KEYWORDS := -k gettext_lazy -k ngettext_lazy:1,2 -k pgettext:1c,2 -k pgettext_lazy:1c,2

# An empty variable counts as unset.
export DEMO_DIR := $(or $(DEMO_DIR),.demo$(if $(DEMO_HORIZON),-$(DEMO_HORIZON)))
export DEMO_HA_DIR := $(or $(DEMO_HA_DIR),.demo-ha)

.DEFAULT_GOAL := help
.PHONY: help demo demo-ha demo-clean test coverage test-ha test-horizons test-deployments lint format messages bench soak pictures check-python \
    check-chromium

help:
	@echo "make demo        a local cloud: Keystone, Glance and Horizon with the panel"
	@echo "                 DEMO_HORIZON=2025.1 for that release of Horizon, see demo/releases.py"
	@echo "make demo-ha     the same with two Horizon nodes behind a balancer"
	@echo "make demo-clean  remove the demos' folders, $(DEMO_DIR) and $(DEMO_HA_DIR)"
	@echo "make test        linters, then all tests but those of test-ha"
	@echo "                 TESTS='tests/unit -k members' for some of them"
	@echo "make coverage    the same tests, and which lines none of them runs"
	@echo "make test-ha     what happens when a Horizon node ends, and on MariaDB"
	@echo "make test-horizons  the main tests on each release of Horizon: HORIZONS='2025.1 2026.1' for"
	@echo "                 some of them, HORIZONS_SCALE=smoke for the main job alone"
	@echo "make test-deployments  the main job behind Apache, TLS, two regions and so on"
	@echo "make soak        50 users for five minutes on two nodes, see benchmarks/README.md"
	@echo "make bench       what the panel costs, see benchmarks/README.md"
	@echo "make pictures    the documentation's pictures; PICTURES=folder for all states, sizes and themes"
	@echo "make lint        the linters alone"
	@echo "make messages    bring the translations up to date with the code"
	@echo "make format      let the linters rewrite what they can"

# $(call environment,VARIABLE,EXTRA): an environment in the folder that a variable names, so that
# two demos share nothing. It is updated when setup.cfg or a translation has changed; edits of the
# code only need a restart.
define environment
	@if [ ! -e "$$$(1)/venv/installed" ] || \
	    [ -n "$$(find $(INSTALLED_FROM) -newer "$$$(1)/venv/installed")" ]; then \
	    echo "demo: Installing Keystone, Glance, Horizon and the panel into $$$(1)/venv"; \
	    mkdir -p "$$$(1)" && touch "$$$(1)/.xloud-demo" && \
	    $(PYTHON) -m venv "$$$(1)/venv" && \
	    "$$$(1)/venv/bin/python" $(PIP_INSTALL) --editable '.[$(2)]' && \
	    touch "$$$(1)/venv/installed"; \
	fi
endef

demo: check-python
	@$(PYTHON) -m demo.options
	$(call environment,DEMO_DIR,demo)
	@exec "$$DEMO_DIR/venv/bin/python" -m demo

demo-ha: check-python
	@$(PYTHON) -m demo.ha.options
	$(call environment,DEMO_HA_DIR,ha)
	@exec "$$DEMO_HA_DIR/venv/bin/python" -m demo.ha

demo-clean:
	$(call clean,DEMO_DIR)
	$(call clean,DEMO_HA_DIR)

define clean
	@if [ ! -e "$$$(1)" ]; then echo "demo: nothing in $$$(1)"; \
	elif [ ! -e "$$$(1)/.xloud-demo" ]; then \
	    echo "demo: $(1): $$$(1) is not a demo's folder." >&2; exit 2; \
	elif [ -e "$$$(1)/lock" ] && ! flock --nonblock "$$$(1)/lock" true; then \
	    echo "demo: $(1): a demo is running in $$$(1). Stop it first." >&2; exit 2; \
	else rm -rf "$$$(1)" && echo "demo: removed $$$(1)"; fi
endef

test: check-chromium lint
ifeq ($(TESTS),tests)
	@$(RUN_ALL) $(ALL_TESTS)
else
	@$(BIN)/python -m pytest $(TESTS)
endif

# A separate target, because a measured test takes up to twice as long.
coverage: check-chromium $(VENV)/test-installed
	@$(RUN_ALL) --cov --cov-report=term-missing:skip-covered $(ALL_TESTS)

# The end of a node, and MariaDB's comparisons. A separate target, because it needs MariaDB, memcached and HAProxy.
test-ha: check-chromium $(VENV)/ha-installed
	@$(BIN)/python -m pytest tests/ha tests/mariadb

# The panel's wheel in each supported release of Horizon, see tests/horizons/__main__.py.
test-horizons: check-chromium $(VENV)/test-installed
	@$(BIN)/python -m tests.horizons

# The whole main job in the shapes of real installations, see tests/deployments/shapes.py.
test-deployments: check-chromium $(VENV)/ha-installed
	@$(BIN)/python -m pytest tests/deployments

pictures: check-chromium $(VENV)/test-installed
	@$(BIN)/python -m pytest tests/pictures

soak: $(VENV)/soak-installed
	@exec $(BIN)/python -m benchmarks.soak

lint: $(VENV)/test-installed
	@$(BIN)/ruff check --quiet .
	@$(BIN)/ruff format --check --quiet .
	@$(BIN)/mypy --no-error-summary
	@told=$$($(BIN)/lint-imports --no-logo pyproject.toml) || { echo "$$told"; exit 1; }
	@$(BIN)/djlint --lint --quiet xloud_images_panel
	@$(BIN)/oxlint --quiet --deny-warnings xloud_images_panel/static tests/js

format: $(VENV)/test-installed
	@$(BIN)/ruff check --fix --quiet .
	@$(BIN)/ruff format --quiet .
	@$(BIN)/oxlint --quiet --fix xloud_images_panel/static tests/js

# Afterwards, new texts have no translation, and slightly changed texts are marked fuzzy. Fuzzy ones
# are not compiled until somebody has checked them and removed the mark.
messages: $(VENV)/test-installed
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

$(VENV)/test-installed: EXTRAS := test,lint,messages
$(VENV)/ha-installed: EXTRAS := test,ha
$(VENV)/soak-installed: EXTRAS := soak
$(VENV)/bench-installed: EXTRAS := bench

$(VENV)/%-installed: $(INSTALLED_FROM) | check-python
	@echo "Installing $(EXTRAS) into $(VENV)"
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/python $(PIP_INSTALL) --editable '.[$(EXTRAS)]'
	@touch $@

check-python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	    { echo "PYTHON: $(PYTHON) is not Python 3.11 or later." >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip' 2>/dev/null || .ci/apt-install python3-venv

check-chromium:
	@command -v chromium >/dev/null && command -v chromedriver >/dev/null || \
	    .ci/apt-install $(CHROMIUM)
	@command -v chromium-headless-shell >/dev/null || \
	    { [ "$$(id -u)" = 0 ] && .ci/apt-install $(CHROMIUM); } || \
	    echo "Without Debian's chromium-headless-shell the browser's tests take longer."
