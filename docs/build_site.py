"""Build the documentation as a site: ``python docs/build_site.py [FOLDER]``, by default into ``build/docs``.

Needs the extra ``docs`` (``pip install -e '.[docs]'``). Every warning of the builder is an error: a broken link, a
missing anchor, a page that the index does not name. What the theme leaves out for keyboards and screen readers is
added, and the built pages are searched for anything that a browser would fetch from elsewhere.
"""

from __future__ import annotations

import re
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
FRONT = """<!doctype html>
<html lang="en-GB"><head><meta charset="utf-8"><title>Lifecourse documentation</title>
<meta http-equiv="refresh" content="0; url=docs/index.html"></head>
<body><main><h1>Lifecourse documentation</h1><p><a href="docs/index.html">To the first page</a></p></main></body></html>
"""
# What the theme writes, and the same with what a keyboard or a screen reader needs.
MENDS = (
    ('<p class="caption" role="heading">', '<p class="caption" role="heading" aria-level="2">'),
    ('<aside class="sidebar-drawer">', '<aside class="sidebar-drawer" aria-label="All pages">'),
    ('<aside class="toc-drawer">', '<aside class="toc-drawer" aria-label="On this page">'),
    ('<aside class="toc-drawer no-toc">', '<aside class="toc-drawer no-toc" aria-label="On this page">'),
    ('<div class="table-wrapper', '<div tabindex="0" class="table-wrapper'),
    ("<pre>", '<pre tabindex="0">'),
    (
        '<article role="main" id="furo-main-content">\n          \n<noscript>',
        '<article role="main" id="furo-main-content">\n<h1>Search</h1>\n<noscript>',
    ),
)
FETCHED = (
    re.compile(
        r"<(?:script|img|iframe|source|video|audio|embed|input)\b[^>]*\ssrc=[\"']?(?:https?:)?//", re.I
    ),
    re.compile(r"<link\b(?![^>]*rel=[\"']?(?:canonical|license))[^>]*\shref=[\"']?(?:https?:)?//", re.I),
    re.compile(r"(?:url\(\s*[\"']?|@import\s+[\"'])(?:https?:)?//", re.I),
)


def mend(folder: Path) -> int:
    """Add to every page what the theme leaves out; give the number of pages."""
    pages = sorted(folder.rglob("*.html"))
    for page in pages:
        text = page.read_text(encoding="utf-8")
        for old, new in MENDS:
            text = text.replace(old, new)
        page.write_text(text, encoding="utf-8")
    (folder / "index.html").write_text(FRONT, encoding="utf-8")
    return len(pages)


def fetched_from_elsewhere(folder: Path) -> Iterator[str]:
    """Name the files that would make a browser fetch something from another place."""
    for path in sorted(folder.rglob("*")):
        if path.suffix in (".html", ".css"):
            text = path.read_text(encoding="utf-8")
            if any(pattern.search(text) for pattern in FETCHED):
                yield path.relative_to(folder).as_posix()


def build(folder: Path) -> int:
    """Run the builder from nothing: it says nothing again about pages it has read before."""
    from sphinx.cmd.build import build_main

    shutil.rmtree(folder, ignore_errors=True)
    with tempfile.TemporaryDirectory() as trees:
        places = ["-c", str(HERE), "-d", trees, str(ROOT), str(folder)]
        return build_main(["-q", "-W", "--keep-going", "-j", "2", "-b", "html", *places])


def main(words: list[str]) -> int:
    """Build, mend, check; the exit code says whether all of it went well."""
    folder = Path(words[0]) if words else ROOT / "build" / "docs"
    if build(folder) != 0:
        sys.stderr.write("The documentation was not built: see the warnings above.\n")
        return 1
    pages = mend(folder)
    elsewhere = list(fetched_from_elsewhere(folder))
    if elsewhere:
        sys.stderr.write(f"These files fetch something from elsewhere: {', '.join(elsewhere)}\n")
        return 1
    sys.stdout.write(f"{pages} pages. Open {folder / 'index.html'}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
