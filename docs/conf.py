"""How the documentation site is built, by ``make docs``."""

import inspect
from typing import Any

import msiss

project = "msiss"
author = "The msiss developers"
copyright = "The msiss developers, BSD-3-Clause"
version = release = msiss.__version__

extensions = [
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "sphinx.ext.viewcode",
    "numpydoc",
    "myst_parser",
]
exclude_patterns = ["_build"]
templates_path = ["_templates"]
nitpicky = False

myst_enable_extensions = ["deflist"]
myst_heading_anchors = 3

autosummary_generate = True
autodoc_member_order = "bysource"
autodoc_typehints = "none"  # the docstrings say types, shapes and units
numpydoc_show_class_members = False
numpydoc_class_members_toctree = False
default_role = "py:obj"  # single backticks in a docstring lead to what they name, where there is a page of it
# Several modules have a function of the same name, such as `fit` of each measure: a reference leads to one.
suppress_warnings = ["ref.python"]

html_theme = "pydata_sphinx_theme"
html_title = "msiss"
html_theme_options = {
    "navigation_with_keys": False,
    "show_toc_level": 2,
    "secondary_sidebar_items": ["page-toc"],
    "footer_start": ["copyright"],
    "footer_end": [],
}
html_show_sourcelink = False


def setup(app: Any) -> None:
    app.connect("autodoc-skip-member", skip_functions_of_python)


def skip_functions_of_python(app: Any, what: str, name: str, obj: Any, skip: bool, options: Any) -> bool | None:  # noqa: ARG001
    """Skip what a module imports of Python's own compiled functions, whose signatures cannot be read."""
    return True if inspect.isbuiltin(obj) else None
