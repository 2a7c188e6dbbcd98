"""The fewest things that must be known for two others to be unrelated; and what closes every back door (pure).

A set that separates two nodes exists among the allowed ones exactly where one exists among those that lead to either of
them; there, separation is a cut of the moral graph (Lauritzen and others 1990; van der Zander, Liskiewicz and Textor
2014). The smallest cut of nodes is a largest flow.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from itertools import combinations

from evaluation.theory_tests.graph import Dag, are_separated

Net = dict[tuple[str, str], dict[tuple[str, str], int]]
IN, OUT = "in", "out"


def smallest_separator(dag: Dag, one: str, other: str, allowed: Collection[str]) -> tuple[str, ...] | None:
    """A smallest set of ``allowed`` nodes that separates two nodes, in the graph's order; None where there is none.

    Two that an arrow joins have none. No smaller set separates them, so none of its members can be left out. Of several
    sets as small, always the same one is given.
    """
    if dag.are_joined(one, other):
        return None
    near = moral_graph(dag, dag.ancestors((one, other)))
    free = frozenset(allowed) - {one, other}
    net = _net(near, free, many=len(dag.nodes) + 1)
    start, end = (one, OUT), (other, IN)
    flow = 0
    while _push(net, start, end):
        flow += 1
        if flow > len(free):
            return None
    reached = set(_ways(net, start))
    cut = {node for node in near if (node, IN) in reached and (node, OUT) not in reached}
    return tuple(node for node in dag.nodes if node in cut)


def moral_graph(dag: Dag, kept: Collection[str]) -> dict[str, set[str]]:
    """Who stands beside whom: arrows without their heads, and everything that leads to one thing joined."""
    near: dict[str, set[str]] = {node: set() for node in dag.nodes if node in kept}
    for node in near:
        above = [parent for parent in dag.nodes if parent in dag.parents[node] and parent in kept]
        pairs = [*((node, parent) for parent in above), *combinations(above, 2)]
        for one, other in pairs:
            near[one].add(other)
            near[other].add(one)
    return near


def _net(near: Mapping[str, set[str]], free: Collection[str], *, many: int) -> Net:
    """Each node as a pipe: one unit wide where it may be cut, without limit elsewhere."""
    net: Net = {(node, side): {} for node in near for side in (IN, OUT)}
    for node, others in near.items():
        net[node, IN][node, OUT] = 1 if node in free else many
        net[node, OUT].setdefault((node, IN), 0)
        for other in sorted(others):
            net[node, OUT][other, IN] = many
            net[other, IN].setdefault((node, OUT), 0)
    return net


def _push(net: Net, start: tuple[str, str], end: tuple[str, str]) -> bool:
    """Send one unit along a shortest way that has room; say whether there was one."""
    came = _ways(net, start)
    if end not in came:
        return False
    here = end
    while here != start:
        before = came[here]
        net[before][here] -= 1
        net[here][before] = net[here].get(before, 0) + 1
        here = before
    return True


def _ways(net: Net, start: tuple[str, str]) -> dict[tuple[str, str], tuple[str, str]]:
    """Everything with room on the way to it, and from where it was reached."""
    came = {start: start}
    edge = [start]
    while edge:
        further = []
        for here in edge:
            for there, room in net[here].items():
                if room > 0 and there not in came:
                    came[there] = here
                    further.append(there)
        edge = further
    return came


def back_door_set(dag: Dag, cause: str, effect: str, allowed: Collection[str]) -> tuple[str, ...] | None:
    """A smallest set of ``allowed`` nodes that closes every back door from a cause to an effect; None where none does.

    Nothing that the cause leads to is in it (Pearl 1995). It is for the whole effect, by whatever ways.
    """
    after = dag.descendants((cause,))
    return smallest_separator(
        dag.without_arrows_from(cause), cause, effect, [node for node in allowed if node not in after]
    )


def closes_back_doors(dag: Dag, cause: str, effect: str, given: Collection[str]) -> bool:
    """Say whether a set closes every back door and holds nothing the cause leads to."""
    return not dag.descendants((cause,)) & set(given) and are_separated(
        dag.without_arrows_from(cause), cause, effect, given
    )
