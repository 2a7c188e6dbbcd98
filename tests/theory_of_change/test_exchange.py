"""The theory for other programs, read back by small readers of their own."""

from __future__ import annotations

import re
import shutil
import subprocess
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.theory_of_change.theories import example, random_theory
from theory_of_change.drawing.letters import clean
from theory_of_change.errors import TheoryError
from theory_of_change.exchange.formats import written_as
from theory_of_change.model import Box, Link, Theory

HOSTILE = 'a "b" [c] {d} (e) <f> | g;h # i \\ j %% k --> end & l `m`'
NODE = re.compile(r'"([^"]+)" \[(?:(exposure|outcome),)?pos="(-?[\d.]+),(-?[\d.]+)"\]')
EDGE = re.compile(r'"([^"]+)" -> "([^"]+)"')


def hostile() -> Theory:
    boxes = (
        Box("A1", "activity", HOSTILE, tier="primary"),
        Box("O1", "outcome", "]];" + HOSTILE),
        Box("I1", "impact", '"'),
        Box("fire-service:A1", "activity", "\\", tier="primary"),
    )
    links = (
        Link("A1", "O1"),
        Link("O1", "I1"),
        Link("I1", "A1", feedback=True),
        Link("fire-service:A1", "O1"),
    )
    return Theory(HOSTILE, boxes=boxes, links=links)


def read_dag(text: str) -> tuple[dict[str, str], set[tuple[str, str]]]:
    """Nodes with their roles, and edges, of a DAGitty text; anything else in it is an error."""
    first, *lines, last = text.splitlines()
    assert (first, last) == ("dag {", "}")
    roles, edges = {}, set()
    for line in lines:
        node, edge = NODE.fullmatch(line), EDGE.fullmatch(line)
        assert node or edge, line
        if node:
            roles[node[1]] = node[2] or ""
        elif edge:
            edges.add((edge[1], edge[2]))
    return roles, edges


def test_a_dag_read_back_holds_every_box_and_every_link_that_leads_on() -> None:
    theory = example()
    roles, edges = read_dag(written_as(theory, "dagitty"))
    assert set(roles) == {box.id for box in theory.boxes}
    assert edges == {(link.from_box, link.to_box) for link in theory.links if not link.feedback}
    assert {id_ for id_, role in roles.items() if role == "outcome"} == {"I1"}
    assert {id_ for id_, role in roles.items() if role == "exposure"} == {
        box.id for box in theory.boxes if box.kind == "activity"
    }


@pytest.mark.skipif(shutil.which("Rscript") is None, reason="R is not installed")
def test_dagitty_itself_reads_the_dag_where_it_is_installed() -> None:
    asked = 'if (!requireNamespace("dagitty", quietly=TRUE)) quit(status=9); '
    asked += 'cat(length(names(dagitty::dagitty(readLines("stdin")))))'
    words = ["Rscript", "-e", asked]
    text = written_as(example(), "dagitty")
    done = subprocess.run(words, input=text, capture_output=True, text=True, check=False)
    if done.returncode == 9:
        pytest.skip("the R package dagitty is not installed")
    assert done.stdout == "40"


def test_hostile_words_stay_inside_their_labels() -> None:
    assert set(read_dag(written_as(hostile(), "dagitty"))[0]) == {"A1", "O1", "I1", "fire-service:A1"}
    chart = written_as(hostile(), "mermaid")
    for line in chart.splitlines():
        assert line.count('"') in (0, 2)
    labels = dict(re.findall(r'(\w+)[\[({]+"([^"]*)"', chart))
    assert unescaped(labels["n0_A1"]) == f"A1 {HOSTILE}"
    assert "n3_fire_service_A1 --> n1_O1" in chart
    assert "n2_I1 -.-> n0_A1" in chart


def unescaped(label: str) -> str:
    """What Mermaid makes of a label: #34; is a quotation mark."""
    assert not set(label) & set('"[]{}<>|;#\\') - set("#;")
    return re.sub(r"#(\d+);", lambda found: chr(int(found[1])), label)


@settings(max_examples=30, deadline=None)
@given(st.text(max_size=30))
def test_any_label_of_a_dot_file_reads_back(words: str) -> None:
    theory = replace(hostile(), boxes=(Box("A1", "activity", f"x{words}", tier="primary"),), links=())
    labels = re.findall(r'\[label="((?:[^"\\]|\\.)*)"\]', written_as(theory, "dot"))
    assert [re.sub(r"\\(.)", r"\1", label) for label in labels] == [f"A1: {clean('x' + words)}"]


@pytest.mark.parametrize("kind", ["mermaid", "dot"])
def test_every_link_is_written(kind: str) -> None:
    theory = random_theory(11)
    arrows = re.findall(r"(?:-->|-\.->|->) ", re.sub(r'"(?:[^"\\]|\\.)*"', '"x"', written_as(theory, kind)))
    assert len(arrows) == len(theory.links) > 5


def test_a_circle_cannot_be_a_dag_and_an_unknown_format_is_refused() -> None:
    circle = replace(hostile(), links=(Link("A1", "O1"), Link("O1", "A1")))
    with pytest.raises(TheoryError) as error:
        written_as(circle, "dagitty")
    assert (error.value.code, "A1>O1>A1" in str(error.value)) == ("LC212", True)
    with pytest.raises(TheoryError) as error:
        written_as(circle, "mermaidd")
    assert error.value.code == "LC230"
    assert "Did you mean 'mermaid'?" in str(error.value)
