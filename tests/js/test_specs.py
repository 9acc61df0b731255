# SPDX-License-Identifier: Apache-2.0
"""The specs of the panel's JavaScript, run by Jasmine in Chromium.

Horizon installs Jasmine, AngularJS and angular-mocks.
"""

import html
from importlib import import_module
from pathlib import Path

import pytest
from selenium.webdriver import Chrome
from selenium.webdriver.support.wait import WebDriverWait

import xloud_images_panel
from demo import chromium

HERE = Path(__file__).parent
STATIC = Path(xloud_images_panel.__file__).parent / "static" / "xloud_images_panel"
SPECS = sorted((HERE / "specs").glob("*.spec.js"))
# Loaded before the specs, in this order.
SUBJECTS = [
    "model/access-export.js",
    "model/access-file.js",
    "model/image-ids.js",
    "model/image-rows.js",
    "model/many-images.js",
    "model/project-images.js",
    "model/plan-run.js",
    "model/scan.js",
    "model/stale-rows.js",
    "model/selection.js",
    "ui/access-loss.js",
    "ui/log-in-again.js",
    "ui/change-list.js",
    "ui/copy-text.js",
    "ui/plan-run.js",
    "ui/receipt.js",
    "ui/scan.js",
    "ui/table-scripts.js",
    "ui/image-facts.js",
    "horizon/xloud-images.module.js",
    *(
        f"horizon/{name}.js"
        for name in (
            "addresses.service",
            "administrator.service",
            "check-access.service",
            "edit-image",
            "glance.decorator",
            "image-facts.directive",
            "image-tabs.directive",
            "losing-access",
            "manage-access.service",
            "manage-many.service",
            "new-image-access.service",
            "projects-step",
            "shared-again.service",
        )
    ),
]
COLLECT = """
window.results = [];
jasmine.getEnv().addReporter({
  specDone: function (spec) { window.results.push(spec); },
  jasmineDone: function () { window.done = true; }
});
"""


def xstatic(package, *names):
    """Return the paths of files in one of Horizon's packages."""
    folder = Path(import_module(f"xstatic.pkg.{package}").BASE_DIR)
    return [folder / name for name in names]


@pytest.fixture(scope="module")
def browser(tmp_path_factory):
    driver = chromium.start(chromium.options(tmp_path_factory.mktemp("chromium")))
    yield driver
    driver.quit()


@pytest.fixture(scope="module")
def results(browser: Chrome, tmp_path_factory):
    """Return the failures of each spec by its name."""
    (tmp_path_factory.getbasetemp() / "collect.js").write_text(COLLECT)
    scripts = [
        *xstatic("jquery", "jquery.js"),
        *xstatic("jasmine", "jasmine.js", "jasmine-html.js", "boot.js"),
        tmp_path_factory.getbasetemp() / "collect.js",
        *xstatic("angular", "angular.js", "angular-mocks.js"),
        HERE / "horizon.js",
        *(STATIC / name for name in SUBJECTS),
        *SPECS,
    ]
    page = tmp_path_factory.getbasetemp() / "specs.html"
    tags = (f'<script src="{html.escape(path.as_uri())}"></script>' for path in scripts)
    page.write_text("<!doctype html><meta charset=utf-8><body>" + "\n".join(tags))
    browser.get(page.as_uri())
    WebDriverWait(browser, 60).until(lambda shown: shown.execute_script("return window.done"))
    return {
        spec["fullName"]: [failure["message"] for failure in spec["failedExpectations"]]
        for spec in browser.execute_script("return window.results")
    }


def test_each_spec_passes(results):
    """Every spec passes; a failing one is named with its expectation."""
    assert len(results) >= len(SPECS)
    assert {name: failures for name, failures in results.items() if failures} == {}


def test_each_file_of_specs_was_read(results):
    """Every file has specs; one with an error would silently have none."""
    for path in SPECS:
        first = next(line for line in path.read_text().splitlines() if line.startswith("describe("))
        name = first.split("'")[1]
        assert any(spec.startswith(name) for spec in results), path.name
