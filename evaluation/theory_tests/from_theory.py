"""A theory as a graph of causes: links that lead back, or close a circle, are left out and named (pure)."""

from __future__ import annotations

from dataclasses import dataclass, replace

from evaluation.theory_tests.graph import Dag
from theory_of_change.gaps import find_circles
from theory_of_change.model import Link, Theory


@dataclass(frozen=True, slots=True)
class CausalReading:
    """The graph a theory implies, and the links it could not take in."""

    dag: Dag
    left_out: tuple[str, ...]


def causal_reading(theory: Theory) -> CausalReading:
    """Boxes as nodes, links as arrows; a factor that a link names is a cause of the link's far end.

    A graph of causes has no circle. Links marked ``feedback`` are left out, then, of every circle that is still there,
    the link that closes it.
    """
    kept = [link for link in theory.links if not link.feedback]
    while circles := find_circles(kept):
        closing = {circle[-1].id for circle in circles}
        kept = [link for link in kept if link.id not in closing]
    ids = {link.id for link in kept}
    whole = [*kept, *_from_factors(kept)]
    while circles := find_circles(whole):  # a factor that is itself led to may close one
        closing = {circle[-1].id for circle in circles} - ids or {circles[0][-1].id}
        whole = [link for link in whole if link.id not in closing]
    dag = Dag(tuple(box.id for box in theory.boxes), frozenset((x.from_box, x.to_box) for x in whole))
    return CausalReading(dag, tuple(link.id for link in theory.links if link.id not in ids))


def _from_factors(links: list[Link]) -> list[Link]:
    there = {link.id for link in links}
    added: dict[str, Link] = {}
    for link in links:
        for factor in link.factors:
            one = replace(link, from_box=factor, factors=()) if factor != link.to_box else link
            if one.id not in there:
                added[one.id] = one
    return list(added.values())
