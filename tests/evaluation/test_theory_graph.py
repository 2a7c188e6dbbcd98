"""What a graph of causes implies: against DAGitty's published lists, and against a slow definition on random graphs."""

from __future__ import annotations

import random
from itertools import combinations

import pytest

from evaluation.theory_tests.from_theory import causal_reading
from evaluation.theory_tests.graph import Dag, are_separated
from evaluation.theory_tests.separators import back_door_set, closes_back_doors, smallest_separator
from theory_of_change.model import Box, Link, Theory


def dag_of(text: str) -> Dag:
    edges = [tuple(pair.split(">")) for pair in text.split()]
    nodes = tuple(dict.fromkeys(node for edge in edges for node in edge))
    return Dag(nodes, frozenset((start, end) for start, end in edges))


def implications(text: str) -> dict[frozenset[str], list[frozenset[str]]]:
    found: dict[frozenset[str], list[frozenset[str]]] = {}
    for line in text.strip().splitlines():
        pair, _, given = line.partition(" | ")
        one, other = pair.split("_||_")
        key = frozenset((one.strip(), other.strip()))
        found.setdefault(key, []).append(frozenset(given.replace(",", " ").split()))
    return found


# Pearl, Glymour and Jewell (2016), figure 2.9, as printed by DAGitty 0.3 in dagitty.net/primer, study question 2.4.1.
FIGURE_2_9 = "Z1>X Z1>Z3 Z2>Z3 Z2>Y Z3>X Z3>Y X>W W>Y"
LIST_2_9 = """
W _||_ Z1 | X
W _||_ Z2 | Z1, Z3
W _||_ Z2 | X
W _||_ Z3 | X
X _||_ Y | W, Z2, Z3
X _||_ Y | W, Z1, Z3
X _||_ Z2 | Z1, Z3
Y _||_ Z1 | X, Z2, Z3
Y _||_ Z1 | W, Z2, Z3
Z1 _||_ Z2
"""
# The vignette "dagitty4semusers", first graph; X <-> W1 is written as an unmeasured cause of both.
SEM = "W1>Z1 Z1>X X>Y V>Z1 V>Z2 W2>Z2 Z2>Y U1>X U1>W1 U2>W1 U2>W2 U3>W2 U3>Y"
LIST_SEM = """
V _||_ W1
V _||_ W2
V _||_ X | W1, Z1
V _||_ Y | W1, W2, Z1, Z2
W1 _||_ Z2 | W2
W2 _||_ Z1 | W1
X _||_ Z2 | V, W2
X _||_ Z2 | W1, W2, Z1
Z1 _||_ Z2 | V, W2
Z1 _||_ Z2 | V, W1
"""


@pytest.mark.parametrize(
    ("graph", "listed", "unmeasured"),
    [
        (FIGURE_2_9, LIST_2_9, ""),
        (FIGURE_2_9, "W _||_ Z1 | X\nW _||_ Z3 | X", "Z2 Y"),  # the same question, part b
        (SEM, LIST_SEM, "U1 U2 U3"),
        ("x>m m>y", "x _||_ y | m", ""),  # the manual's example of impliedConditionalIndependencies
        ("x>m m>y", "", "m"),
    ],
)
def test_the_implied_independences_are_those_dagitty_prints(graph: str, listed: str, unmeasured: str) -> None:
    dag, hidden = dag_of(graph), set(unmeasured.split())
    measured = [node for node in dag.nodes if node not in hidden]
    published = implications(listed) if listed else {}
    found = {frozenset(pair): smallest_separator(dag, *pair, measured) for pair in combinations(measured, 2)}
    assert {pair for pair, given in found.items() if given is not None} == set(published)
    for pair, sets in published.items():
        given = found[pair]
        assert given is not None
        assert frozenset(given) in sets
        assert len(given) == min(map(len, sets))


def random_dag(chance: random.Random) -> Dag:
    nodes = tuple(f"n{i}" for i in range(chance.randint(3, 7)))
    share = chance.uniform(0.2, 0.6)
    return Dag(nodes, frozenset(pair for pair in combinations(nodes, 2) if chance.random() < share))


def every_path(dag: Dag, one: str, other: str, so_far: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
    way = (*so_far, one)
    if one == other:
        return [way]
    beside = dag.parents[one] | dag.children[one]
    return [path for node in beside if node not in way for path in every_path(dag, node, other, way)]


def slowly_separated(dag: Dag, one: str, other: str, given: set[str]) -> bool:
    """Pearl's definition, path by path."""

    def blocked(path: tuple[str, ...]) -> bool:
        for before, node, after in zip(path, path[1:], path[2:], strict=False):
            meets = {(before, node), (after, node)} <= dag.edges
            if meets and not dag.descendants((node,)) & given:
                return True
            if not meets and node in given:
                return True
        return False

    return all(blocked(path) for path in every_path(dag, one, other))


def subsets(nodes: list[str]) -> list[set[str]]:
    return [set(some) for size in range(len(nodes) + 1) for some in combinations(nodes, size)]


def test_separation_separators_and_back_doors_agree_with_their_definitions_on_random_graphs() -> None:
    for seed in range(60):
        chance = random.Random(seed)
        dag = random_dag(chance)
        one, other = chance.sample(dag.nodes, 2)
        rest = [node for node in dag.nodes if node not in (one, other)]
        allowed = [node for node in rest if chance.random() < 0.7]
        truth = {frozenset(given): slowly_separated(dag, one, other, given) for given in subsets(rest)}
        for given, apart in truth.items():
            assert are_separated(dag, one, other, given) is apart
        usable = [given for given, apart in truth.items() if apart and given <= set(allowed)]
        found = smallest_separator(dag, one, other, allowed)
        assert (found is None) is (not usable)
        if found is not None:
            assert frozenset(found) in usable
            assert len(found) == min(map(len, usable))
        cut = dag.without_arrows_from(one)
        after = dag.descendants((one,))
        doors = [g for g in subsets(allowed) if not g & after and slowly_separated(cut, one, other, g)]
        closing = back_door_set(dag, one, other, allowed)
        if (other, one) in dag.edges:
            assert closing is None
            continue
        assert (closing is None) is (not doors)
        if closing is not None:
            assert closes_back_doors(dag, one, other, closing)
            assert len(closing) == min(map(len, doors))


def test_adjusting_for_a_collider_is_never_offered() -> None:
    """The M graph of the manual of adjustmentSets: the empty set is valid, and what lies on the M is not."""
    dag = dag_of("x>y U1>x U1>m U2>m U2>y")
    assert back_door_set(dag, "x", "y", ["m"]) == ()
    assert not closes_back_doors(dag, "x", "y", ["m"])


def test_links_that_lead_back_are_left_out_and_named() -> None:
    boxes = (*(Box(f"O{i}", "outcome", "x") for i in range(1, 5)), Box("F1", "factor", "x"))
    links = (
        Link("O1", "O2", factors=("F1",)),
        Link("O2", "O3"),
        Link("O3", "O1"),
        Link("O3", "O2", feedback=True),
        Link("O3", "O4"),
    )
    found = causal_reading(Theory("T", boxes=boxes, links=links))
    assert found.left_out == ("O3>O1", "O3>O2")
    assert found.dag.edges == {("O1", "O2"), ("O2", "O3"), ("O3", "O4"), ("F1", "O2")}
