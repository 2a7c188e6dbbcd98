"""What a theory says is unrelated, held against data; a wide interval is "cannot tell", never "unrelated" (pure)."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from itertools import combinations

from cohorts.disclosure import publish_count
from evaluation.multiplicity import adjusted
from evaluation.theory_tests.association import ALPHA, NEGLIGIBLE, Association
from evaluation.theory_tests.data import CohortData, associate
from evaluation.theory_tests.from_theory import CausalReading
from evaluation.theory_tests.graph import Dag
from evaluation.theory_tests.model import Independence, Judged, Missing, Standing
from evaluation.theory_tests.separators import smallest_separator
from theory_of_change.model import Theory

Asked = tuple[Independence, CohortData, "Association | str"]


def implied(dag: Dag, measured: Collection[str]) -> tuple[Independence, ...]:
    """For every two measured boxes that no link joins, the fewest measured ones that part them, where any do."""
    boxes = [node for node in dag.nodes if node in measured]
    found = []
    for one, other in combinations(boxes, 2):
        given = smallest_separator(dag, one, other, boxes)
        if given is not None:
            found.append(Independence(one, other, given))
    return tuple(found)


def missing_links(theory: Theory, causes: CausalReading, data: Sequence[CohortData]) -> Missing:
    """Every implied independence that the cohorts can speak to, judged together."""
    asked: list[Asked] = []
    seen: set[frozenset[str]] = set()
    for cohort in data:
        boxes = cohort.measured()
        for one, other in combinations(boxes, 2):
            if not causes.dag.are_joined(one, other):
                seen.add(frozenset((one, other)))
        for independence in implied(causes.dag, boxes):
            places = [cohort.latest(box) for box in (independence.one, independence.other)]
            given = tuple(cohort.latest(box) for box in independence.given)
            asked.append((independence, cohort, associate(cohort, places[0], places[1], given)))
    nodes = len(causes.dag.nodes)
    joined = {frozenset(edge) for edge in causes.dag.edges}
    return Missing(
        judge(theory, asked),
        nodes * (nodes - 1) // 2 - len(joined),
        len(seen),
        causes.left_out,
        tuple(dict.fromkeys(box for cohort in data for box in cohort.closed)),
    )


def judge(theory: Theory, asked: Sequence[Asked]) -> tuple[Judged, ...]:
    """Each independence with its standing, what speaks against first. Both tests are adjusted by Holm over all."""
    figures = [found if isinstance(found, Association) else None for _, _, found in asked]
    related = [one.p_related if one else None for one in figures]
    holm, bh = adjusted(related, "holm"), adjusted(related, "fdr_bh")
    negligible = adjusted([one.p_negligible if one else None for one in figures], "holm")
    judged = [
        _judged(theory, one, adjusted_p)
        for one, adjusted_p in zip(asked, zip(holm, bh, negligible, strict=True), strict=True)
    ]
    order: tuple[Standing, ...] = ("against", "small", "cannot tell", "agrees", "not testable")
    return tuple(sorted(judged, key=lambda one: order.index(one.standing)))


def standing_of(p_related: float, p_negligible: float) -> Standing:
    """Related, unrelated to within the bound, both (real but small), or neither: then nobody can tell."""
    small = p_negligible < ALPHA
    if p_related < ALPHA:
        return "small" if small else "against"
    return "agrees" if small else "cannot tell"


def _judged(
    theory: Theory, asked: Asked, p_values: tuple[float | None, float | None, float | None]
) -> Judged:
    independence, cohort, found = asked
    holm, bh, negligible = p_values
    if isinstance(found, str) or holm is None or negligible is None:
        why = found if isinstance(found, str) else ""
        return Judged(independence, cohort.name, "not testable", claim(theory, independence), why_not=why)
    standing = standing_of(holm, negligible)
    return Judged(
        independence,
        cohort.name,
        standing,
        f"{claim(theory, independence)}; {_DATA[standing]}",
        value=round(found.value, 2),
        conf_low=round(found.conf_low, 2),
        conf_high=round(found.conf_high, 2),
        n=publish_count(found.n, cohort.profile),
        p_related=round(holm, 4),
        p_related_bh=round(bh, 4) if bh is not None else None,
        p_negligible=round(negligible, 4),
    )


_DATA: Mapping[Standing, str] = {
    "against": "the data say they are related: a link may be missing, or a common cause",
    "small": f"the data say they are related, by less than {NEGLIGIBLE:g}: too little to matter",
    "agrees": f"the data agree, to within {NEGLIGIBLE:g}",
    "cannot tell": "the data cannot tell",
}


def claim(theory: Theory, independence: Independence) -> str:
    """``The theory says A and B are unrelated once C is known``."""
    one, other = (_named(theory, [box]) for box in (independence.one, independence.other))
    given = independence.given
    once = f" once {_named(theory, given)} {'is' if len(given) == 1 else 'are'} known" if given else ""
    return f"The theory says {one} and {other} are unrelated{once}"


def _named(theory: Theory, ids: Iterable[str]) -> str:
    said = [f"{box.id} ({box.text})" for id_ in ids if (box := theory.box(id_))]
    return said[0] if len(said) == 1 else f"{', '.join(said[:-1])} and {said[-1]}"
