# SPDX-License-Identifier: Apache-2.0
"""Horizon's themes, applied to an open page.

A dashboard with compressed files has only the CSS of its default theme. Horizon compiles the CSS in
threads that know no other theme, and both themes would have the same file. A test therefore
replaces the stylesheets of an open page, which keeps its state.
"""

import functools

from horizon import themes
from horizon.utils.scss_filter import ScssFilter
from selenium.webdriver import Chrome

#: Horizon's two themes, and Bootswatch's dark one; see ``dark/`` and ``tests/settings.py``.
THEMES = ("default", "material", "dark")

# Colours in the middle of a transition are not the page's colours.
STILL = "* { transition: none !important; }"
# A script copied the background of the table's header and of a footer when it showed the rows.
PUT_ON = """
    const [css, done] = arguments;
    document.querySelectorAll('#theme-of-the-test').forEach(style => style.remove());
    document.querySelectorAll('link[rel=stylesheet]').forEach(link => { link.disabled = css; });
    if (css) {
      const style = document.createElement('style');
      style.id = 'theme-of-the-test';
      style.textContent = css;
      document.head.append(style);
    }
    document.querySelectorAll('.xloud-projects thead th, .xloud-many-footer').forEach(heading => {
      const ground = heading.closest('.modal-content') || document.body;
      heading.style.backgroundColor = getComputedStyle(ground).backgroundColor;
    });
    requestAnimationFrame(done);
"""


def put_on(browser: Chrome, theme: str) -> None:
    """Show the open page in one of the ``THEMES``, until the page is loaded again."""
    browser.execute_async_script(PUT_ON, "" if theme == "default" else _css(theme))


@functools.cache
def _css(theme: str) -> str:
    themes._local.theme = theme
    try:
        sources = ("dashboard/scss/themes.scss", "xloud_images_panel/xloud-images.scss")
        return STILL + "".join(ScssFilter(f'@import "/{path}";').input() for path in sources)
    finally:
        del themes._local.theme
