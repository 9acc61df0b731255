# SPDX-License-Identifier: Apache-2.0
"""Horizon's themes, for a page that is open already.

A dashboard with compressed files has the CSS of its default theme alone: Horizon compiles it in
threads that know no other theme, and both themes would have the same file. So a page gets the
stylesheets of another one in place of its own, in the state that it is in.
"""

import functools

from horizon import themes
from horizon.utils.scss_filter import ScssFilter
from selenium.webdriver import Chrome

#: Horizon's two, and Bootswatch's dark one, see ``dark/`` and ``tests/settings.py``.
THEMES = ("default", "material", "dark")

# Colours that fade into each other are none that a page has.
STILL = "* { transition: none !important; }"
# The ground of the table's header, and of a footer, is what a script found when it showed the rows.
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
    """Show the open page in a theme, one of ``THEMES``, until it is loaded again."""
    browser.execute_async_script(PUT_ON, "" if theme == "default" else _css(theme))


@functools.cache
def _css(theme: str) -> str:
    themes._local.theme = theme
    try:
        sources = ("dashboard/scss/themes.scss", "xloud_images_panel/xloud-images.scss")
        return STILL + "".join(ScssFilter(f'@import "/{path}";').input() for path in sources)
    finally:
        del themes._local.theme
