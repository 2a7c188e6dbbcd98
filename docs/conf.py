"""The documentation as a site: Sphinx reads the same Markdown that a forge shows.

``python docs/build_site.py`` builds it. No page holds a builder's own syntax: what the side bar lists, and in which
order, is read off the links of ``docs/index.md``, section by section.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from pygments.lexers.special import TextLexer
from pygments.lexers.sql import PostgresLexer

if TYPE_CHECKING:
    from sphinx.application import Sphinx

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
BESIDE = ("README", "CHANGELOG", "CONTRIBUTING", "workspace/demo/DATA-LICENCES")

project = "Lifecourse"
author = "The Lifecourse founders"
project_copyright = author
language = "en-GB"
extensions = ["myst_parser"]
root_doc = "docs/index"
include_patterns = ["docs/**.md", *(f"{name}.md" for name in BESIDE)]
exclude_patterns = [
    path.name for path in ROOT.iterdir() if path.is_dir() and path.name not in ("docs", "workspace")
]
suppress_warnings: list[str] = []

# The anchors of headings are those of a forge, so that a link works in both places.
myst_heading_anchors = 6
myst_links_external_new_tab = False
html_theme = "furo"
html_title = "Lifecourse"
html_show_sourcelink = False
html_copy_source = False
html_show_sphinx = False
html_use_index = False
html_show_search_summary = False  # summaries are fetched, which no browser allows from a folder
html_theme_options = {"navigation_with_keys": False, "footer_icons": []}
pygments_style = "a11y-high-contrast-light"
pygments_dark_style = "a11y-high-contrast-dark"


def sections_of(text: str) -> dict[str, list[str]]:
    """Give the pages that each section of the index links to, in its order, each page once."""
    seen: set[str] = set()
    found: dict[str, list[str]] = {}
    for part in re.split(r"^## ", text, flags=re.MULTILINE)[1:]:
        title, _, body = part.partition("\n")
        links = re.findall(r"\]\(([^)\s#]+)\.md[^)]*\)", body)
        found[title.strip()] = [link for link in dict.fromkeys(links) if link not in seen]
        seen.update(links)
    return found


def add_contents(app: Sphinx, name: str, source: list[str]) -> None:
    """Write the side bar's lists below the index, unseen on the page itself."""
    if name != root_doc:
        return
    parts = {**sections_of(source[0]), "The project": [f"../{page}" for page in BESIDE]}
    source[0] += "".join(
        f"\n\n```{{toctree}}\n:hidden:\n:caption: {title}\n\n" + "\n".join(pages) + "\n```\n"
        for title, pages in parts.items()
    )


def setup(app: Sphinx) -> dict[str, bool]:
    """Join what is ours to the builder."""
    app.connect("source-read", add_contents)
    app.add_lexer("csv", TextLexer)
    app.add_lexer("sql", PostgresLexer)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
