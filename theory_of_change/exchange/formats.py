"""A theory as Mermaid, Graphviz (dot) and DAGitty text (pure).

Labels are hostile until escaped: Mermaid takes entity codes inside quotation marks, dot takes a backslash before
quotation marks and backslashes. DAGitty has no way to escape a quotation mark in a name, so there the names are the
ids of the boxes, and the words stay in the theory.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping

from theory_of_change.drawing.columns import arrange
from theory_of_change.drawing.letters import clean
from theory_of_change.errors import TheoryError
from theory_of_change.gaps import find_circles
from theory_of_change.model import Box, Link, Theory
from workspace.errors import did_you_mean

MERMAID_FORMS = {
    "activity": ("[", "]"),
    "output": ("[", "]"),
    "outcome": ("(", ")"),
    "impact": ("([", "])"),
    "factor": ("{{", "}}"),
}
DOT_FORMS = {"outcome": ", style=rounded", "impact": ', style="rounded,bold"', "factor": ", style=dashed"}
_PLAIN = re.compile(r"[A-Za-z0-9 .,:()'-]")


def written_as(theory: Theory, kind: str) -> str:
    """The theory in one of FORMATS."""
    if kind not in FORMATS:
        problem = f"'{kind}' is not one of {', '.join(FORMATS)}.{did_you_mean(kind, FORMATS)}"
        raise TheoryError("LC230", problem, "lifecourse theory export --format mermaid")
    return "\n".join(FORMATS[kind](theory)) + "\n"


def mermaid(theory: Theory) -> Iterator[str]:
    """A flow chart from left to right; every letter that could mean something is written as its code."""
    yield "flowchart LR"
    names = _names(theory)
    columns = arrange(theory)
    for number, (heading, nodes) in enumerate(zip(columns.headings, columns.nodes, strict=True)):
        yield f'  subgraph stage{number}["{_entities(heading)}"]'
        for box in _boxes(theory, nodes):
            before, after = MERMAID_FORMS[box.kind]
            yield f'    {names[box.id]}{before}"{_entities(f"{box.id} {box.text}")}"{after}'
        yield "  end"
    for link in theory.links:
        arrow = "-.->" if link.feedback else "-->"
        yield f"  {names[link.from_box]} {arrow} {names[link.to_box]}"


def dot(theory: Theory) -> Iterator[str]:
    """A Graphviz graph from left to right, one rank for each stage."""
    yield "digraph theory {"
    yield f"  label={_quoted(theory.title)}; labelloc=t; rankdir=LR;"
    yield "  node [shape=box];"
    columns = arrange(theory)
    for nodes in columns.nodes:
        yield "  { rank=same;"
        for box in _boxes(theory, nodes):
            label = _quoted(f"{box.id}: {box.text}")
            yield f"    {_quoted(box.id)} [label={label}{DOT_FORMS.get(box.kind, '')}];"
        yield "  }"
    for link in theory.links:
        back = " [style=dashed, constraint=false]" if link.feedback else ""
        yield f"  {_quoted(link.from_box)} -> {_quoted(link.to_box)}{back};"
    yield "}"


def dagitty(theory: Theory) -> Iterator[str]:
    """A DAG of the links that do not lead back; activities as exposures, impacts as outcomes, places as drawn."""
    kept = [link for link in theory.links if not link.feedback]
    circles = find_circles(kept)
    if circles:
        path = ">".join([circles[0][0].from_box, *(link.to_box for link in circles[0])])
        hint = "Say feedback = true on the link that leads back; lifecourse theory check lists them."
        raise TheoryError("LC212", f"a DAG has no circle, and the theory has {path}", hint)
    columns = arrange(theory)
    yield "dag {"
    for x, nodes in enumerate(columns.nodes):
        for y, node in enumerate(nodes):
            if box := theory.box(node):
                yield f'"{box.id}" [{_role(box, kept)}pos="{x}.000,{y}.000"]'
    for link in kept:
        yield f'"{link.from_box}" -> "{link.to_box}"'
    yield "}"


FORMATS: Mapping[str, Callable[[Theory], Iterator[str]]] = {
    "mermaid": mermaid,
    "dot": dot,
    "dagitty": dagitty,
}


def _role(box: Box, links: list[Link]) -> str:
    if box.kind == "activity":
        return "exposure,"
    is_end = all(link.from_box != box.id for link in links)
    return "outcome," if box.kind == "impact" and is_end else ""


def _boxes(theory: Theory, nodes: tuple[str, ...]) -> list[Box]:
    return [box for node in nodes if (box := theory.box(node))]


def _names(theory: Theory) -> dict[str, str]:
    """Names Mermaid can take: no id of ours is one of its own words, and a colon is not allowed in them."""
    plain = str.maketrans(":-", "__")
    return {box.id: f"n{number}_{box.id.translate(plain)}" for number, box in enumerate(theory.boxes)}


def _entities(text: str) -> str:
    return "".join(letter if _PLAIN.match(letter) else f"#{ord(letter)};" for letter in clean(text))


def _quoted(text: str) -> str:
    return '"' + clean(text).replace("\\", "\\\\").replace('"', '\\"') + '"'
