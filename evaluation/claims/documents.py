"""Markdown, plain text and HTML as passages: paragraphs, headings and cells, each with its place (pure)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from html.parser import HTMLParser

from evaluation.claims.model import Part, Passage

_HEADING = re.compile(r"^\s{0,3}(#{1,6})\s+(.*?)\s*#*\s*$")
_FENCE = re.compile(r"^\s{0,3}(```|~~~)")
_ITEM = re.compile(r"^\s*([-*+•]|\d+[.)])\s+")
_RULER = re.compile(r"^\s*\|?[\s:|-]+\|?\s*$")
_UNDERLINE = re.compile(r"^\s{0,3}(=+|-{3,})\s*$")
_MARKS = (  # what stands between two marks is bounded: a page of marks that nobody closed must not take minutes
    (re.compile(r"!?\[([^\]]{0,1000})\]\([^)]{0,2000}\)"), r"\1"),
    (re.compile(r"<!--(?:(?!<!--).)*?-->"), ""),
    (re.compile(r"`[^`]*`"), ""),
    (re.compile(r"(?<![\w*])(\*\*|__)(?=\S)(.{1,1000}?)(?<=\S)\1(?!\w)"), r"\2"),
    (re.compile(r"(?<![\w*])[*_](?=[^\s*_])([^*_]+?)(?<=\S)[*_](?![\w*])"), r"\1"),
    (re.compile(r"</?[a-zA-Z][^<>]*>"), " "),
)
_SKIPPED = frozenset(
    {"script", "style", "svg", "title", "template", "code", "pre", "noscript", "blockquote", "q"}
)
_HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")
_BLOCKS = frozenset(
    {"p", "li", "td", "th", "caption", "figcaption", "dt", "dd", "div", "section", "article", "header", "footer",
     "main", "table", "tr", "ul", "ol", "body", "summary", "details", "nav", "aside", "figure", "br", *_HEADINGS}
)  # fmt: skip
_VOID = frozenset(
    {"br", "hr", "img", "meta", "link", "input", "wbr", "col", "source", "area", "base", "embed", "track"}
)


def from_markdown(text: str, *, plain: bool = False) -> tuple[Passage, ...]:
    """Passages with their first line. Code, comments and block quotations are left out; ``plain`` takes no marks."""
    found: list[Passage] = []
    heading = ""
    lines = _without_comments(text).splitlines()
    for line, block in _blocks(lines if plain else _without_front_matter(lines), plain=plain):
        passage = _block(block, f"line {line}", plain=plain)
        for one in passage:
            found.append(replace(one, heading=heading))
            if one.part == "heading":
                heading = one.text
    return tuple(one for one in found if one.text)


def _without_comments(text: str) -> str:
    """Comments over several lines become empty lines, so that the numbers of the lines stay."""
    return re.sub(r"<!--(?:(?!<!--).)*?-->", lambda found: "\n" * found[0].count("\n"), text, flags=re.DOTALL)


def _without_front_matter(lines: list[str]) -> list[str]:
    """What stands between two rulers at the head of a file becomes empty, but for its title."""
    end = next((i for i, line in enumerate(lines[1:], 1) if line.strip() == "---"), 0)
    if not end or lines[0].strip() != "---":
        return lines
    titles = [re.sub(r"^title:\s*[\"']?(.*?)[\"']?\s*$", r"# \1", line) for line in lines[: end + 1]]
    return [line if line.startswith("# ") else "" for line in titles] + lines[end + 1 :]


def _blocks(lines: list[str], *, plain: bool) -> Iterator[tuple[int, list[str]]]:
    """Runs of lines that belong together, with the number of the first."""
    start, fenced = 1, False
    block: list[str] = []
    for number, line in enumerate(lines, 1):
        if not plain and _FENCE.match(line):
            fenced = not fenced
            if block:
                yield start, block
            block = []
            continue
        if fenced or (not plain and re.match(r"^\s*>", line)):
            continue
        alone = not plain and bool(_HEADING.match(line) or _ITEM.match(line) or line.lstrip().startswith("|"))
        alone = alone or (plain and bool(_ITEM.match(line)))
        if (alone or not line.strip()) and block:
            yield start, block
            block = []
        if line.strip():
            start = number if not block else start
            block.append(line)
            if not plain and _ends(line, block):
                yield start, block
                block = []
    if block:
        yield start, block


def _ends(line: str, block: list[str]) -> bool:
    """Say whether a line ends its block: a heading, the line under one, a row of a table."""
    underlined = len(block) > 1 and _UNDERLINE.match(line) is not None
    return underlined or _HEADING.match(line) is not None or line.lstrip().startswith("|")


def _block(block: list[str], where: str, *, plain: bool) -> list[Passage]:
    first = block[0]
    if plain:
        return [Passage(" ".join(line.strip() for line in block), where)]
    if found := _HEADING.match(first):
        return [Passage(_unmarked(found[2]), where, part="heading")]
    if first.lstrip().startswith("|"):
        cells = [] if _RULER.match(first) else first.strip().strip("|").split("|")
        return [Passage(_unmarked(c), f"{where}, column {i}", part="cell") for i, c in enumerate(cells, 1)]
    if len(block) > 1 and _UNDERLINE.match(block[-1]):
        return [Passage(_unmarked(" ".join(block[:-1])), where, part="heading")]
    return [Passage(_unmarked(_ITEM.sub("", " ".join(line.strip() for line in block))), where)]


def _unmarked(text: str) -> str:
    for pattern, kept in _MARKS:
        text = pattern.sub(kept, text)
    return text.strip()


class _Reader(HTMLParser):
    """Text by block, with the line it begins on; scripts, styles, pictures, code and quotations are passed over."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[Passage] = []
        self.heading = ""
        self.skipped: list[str] = []
        self.text: list[str] = []
        self.line = 1
        self.part: Part = "text"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Begin a block, or something to pass over."""
        hidden = any(name == "hidden" for name, _ in attrs)
        if self.skipped:
            if tag == self.skipped[-1]:
                self.skipped.append(tag)
        elif (tag in _SKIPPED or hidden) and tag not in _VOID:
            self.skipped.append(tag)
            self.text.append(" ")
        elif tag in _BLOCKS:
            self.flush()
            self.part = "heading" if tag in _HEADINGS else "cell" if tag in ("td", "th") else "text"

    def handle_endtag(self, tag: str) -> None:
        """End a block."""
        if self.skipped:
            if tag == self.skipped[-1]:
                self.skipped.pop()
        elif tag in _BLOCKS:
            self.flush()

    def handle_data(self, data: str) -> None:
        """Take text in."""
        if self.skipped:
            return
        if not "".join(self.text).strip():
            self.line = self.getpos()[0] + data[: len(data) - len(data.lstrip())].count("\n")
        self.text.append(data)

    def parse_marked_section(self, i: int, report: bool = True) -> int:
        """Pass over ``<![…``; one without a name is a comment to its next ``>``, as in browsers."""
        try:
            return super().parse_marked_section(i, report)
        except AssertionError:  # how the parser of Python before 3.13 says so
            return self.parse_bogus_comment(i, report)

    def flush(self) -> None:
        """Close the block that is open."""
        text = " ".join("".join(self.text).split())
        if text:
            self.found.append(Passage(text, f"line {self.line}", self.heading, self.part))
            if self.part == "heading":
                self.heading = text
        self.text, self.part = [], "text"


def _closed(text: str) -> str:
    """The page with its last comment and tag closed: the parser looks for either end from every beginning anew."""
    text += "-->" if text.rfind("<!--") > text.rfind("-->") else ""
    return text + (">" if text.rfind("<") > text.rfind(">") else "")


def from_html(text: str) -> tuple[Passage, ...]:
    """The passages of a page, each with the line of the source it begins on. Damaged markup is read as browsers do."""
    reader = _Reader()
    reader.feed(_closed(text))
    reader.close()
    reader.flush()
    return tuple(reader.found)
