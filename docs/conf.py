"""Sphinx configuration; catalogue pages and column tables are made from the code."""

import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))

import generate  # beside this file
import llms

import medqa_kit

project = "medqa_kit"
author = "The medqa_kit authors"
copyright = "The medqa_kit authors"
release = version = medqa_kit.__version__

extensions = [
    "myst_nb",
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "sphinx.ext.napoleon",
    "sphinx_copybutton",
]
myst_enable_extensions = ["colon_fence", "deflist"]
myst_heading_anchors = 3
exclude_patterns = ["_build"]
html_theme = "furo"
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_title = f"medqa_kit {release}"
autodoc_typehints = "signature"
autodoc_type_aliases = {"Column": "Column"}
autodoc_member_order = "bysource"
autodoc_default_options = {"members": True, "show-inheritance": True}
napoleon_google_docstring = True
napoleon_use_ivar = True
suppress_warnings = ["myst.header"]
# The tutorials are notebooks, run when the pages are made.
nb_execution_mode = "force"
nb_execution_in_temp = True  # they write files
nb_execution_excludepatterns = ["tutorials/ray_and_spark.ipynb"]  # needs Java; tests run it
nb_execution_raise_on_error = True
nb_execution_timeout = 120
nb_output_stderr = "remove"  # notices of licences, which each page would repeat
copybutton_prompt_text = r">>> |\.\.\. |\$ "
copybutton_prompt_is_regexp = True


def write_llms(app: Any, failed: Exception | None) -> None:
    """Write the pages as text, beside the pages for browsers."""
    if failed is None and app.builder.name == "html":
        llms.write(Path(app.srcdir), Path(app.outdir), app.env.toctree_includes)


def setup(app: Any) -> None:
    app.connect("builder-inited", lambda _: generate.write(Path(__file__).parent))
    app.connect("build-finished", write_llms)
