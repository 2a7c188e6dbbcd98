"""A graph of causes without circles: what leads to what, and which two are unrelated once others are known (pure)."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field

Edge = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Dag:
    """Nodes in the order they were named, and arrows between them. Whoever makes one sees that it has no circle."""

    nodes: tuple[str, ...]
    edges: frozenset[Edge]
    parents: Mapping[str, frozenset[str]] = field(init=False, repr=False)
    children: Mapping[str, frozenset[str]] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        before: dict[str, set[str]] = {node: set() for node in self.nodes}
        after: dict[str, set[str]] = {node: set() for node in self.nodes}
        for start, end in self.edges:
            before[end].add(start)
            after[start].add(end)
        object.__setattr__(self, "parents", {node: frozenset(found) for node, found in before.items()})
        object.__setattr__(self, "children", {node: frozenset(found) for node, found in after.items()})

    def ancestors(self, nodes: Iterable[str]) -> frozenset[str]:
        """These nodes and everything that leads to them."""
        return _reached(nodes, self.parents)

    def descendants(self, nodes: Iterable[str]) -> frozenset[str]:
        """These nodes and everything they lead to."""
        return _reached(nodes, self.children)

    def without_arrows_from(self, node: str) -> Dag:
        """The same graph in which a node leads nowhere: what is left between it and others is not its effect."""
        return Dag(self.nodes, frozenset(edge for edge in self.edges if edge[0] != node))

    def are_joined(self, one: str, other: str) -> bool:
        """Say whether an arrow joins the two, whichever way."""
        return bool({(one, other), (other, one)} & self.edges)


def _reached(start: Iterable[str], steps: Mapping[str, frozenset[str]]) -> frozenset[str]:
    found: set[str] = set()
    edge = set(start)
    while edge:
        found |= edge
        edge = {after for node in edge for after in steps[node]} - found
    return frozenset(found)


def are_separated(dag: Dag, one: str, other: str, given: Collection[str]) -> bool:
    """Say whether the graph makes two nodes independent once ``given`` are known (d-separation).

    Walks every way out of ``one`` that is open: through a node that is not given, unless two arrows meet in it; and
    through one where two arrows meet, if it or something it leads to is given. Source: Pearl (1988), with the walk of
    Shachter (1998).
    """
    known = frozenset(given)
    opened = dag.ancestors(known)
    waiting: list[tuple[str, bool]] = [(one, True)]  # True: we came to the node against an arrow
    seen: set[tuple[str, bool]] = set()
    while waiting:
        node, upwards = waiting.pop()
        if (node, upwards) in seen:
            continue
        seen.add((node, upwards))
        if node == other:
            return False
        waiting += _onward(dag, node, known, opened, upwards=upwards)
    return True


def _onward(
    dag: Dag, node: str, known: frozenset[str], opened: frozenset[str], *, upwards: bool
) -> list[tuple[str, bool]]:
    """Where an open way goes on from a node."""
    if upwards:
        if node in known:
            return []
        return [*((p, True) for p in dag.parents[node]), *((c, False) for c in dag.children[node])]
    down = [] if node in known else [(child, False) for child in dag.children[node]]
    return down + ([(parent, True) for parent in dag.parents[node]] if node in opened else [])
