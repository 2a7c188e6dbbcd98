"""Models of partners rolled up into one theory by the ids of the outcomes they share (pure).

Outcomes, impacts and factors have one id for everybody: L1 is the same thing in every model, or it is a clash.
Activities and outputs belong to one partner; in the joined theory they carry its name: ``mfrs:A1``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from theory_of_change.errors import TheoryError
from theory_of_change.gaps import Gap
from theory_of_change.model import Box, Link, Measure, Theory
from theory_of_change.priorities import Priority
from workspace.errors import Fault

SHARED_KINDS = ("outcome", "impact", "factor")
SAME = (("kind", "kind"), ("text", "text"), ("term", "term"), ("factor_sign", "sign"))
CLAIMS = (
    ("because", "because"),
    ("expect", "expect"),
    ("lag_months", "lag"),
    ("worthwhile", "worthwhile size"),
)
HINT = "Agree on one wording, or give one of the two an id of its own."


@dataclass(frozen=True, slots=True)
class Merged:
    """The joined theory and where the models do not agree; in a clash, what was there first is kept."""

    theory: Theory
    clashes: tuple[Fault, ...]


def merge(core: Theory, partners: Mapping[str, Theory]) -> Merged:
    """Join the models of partners with the core theory, in the order of their names."""
    boxes = {box.id: (box, core.source) for box in core.boxes}
    links = {link.id: (link, core.source) for link in core.links}
    measures = {measure.id: (measure, core.source) for measure in core.measures}
    priorities = list(core.priorities)
    clashes: list[Fault] = []
    for name, model in sorted(partners.items()):
        renamed = {box.id: _joined_id(name, box) for box in model.boxes}
        for box in model.boxes:
            _add_box(replace(box, id=renamed[box.id]), model.source, boxes, clashes)
        for link in model.links:
            _add_link(_renamed(link, renamed), model.source, links, clashes)
        for measure in model.measures:
            _add_measure(measure, model.source, measures, clashes)
        priorities += _new_priorities(priorities, model.priorities)
    whole = replace(
        core,
        boxes=tuple(box for box, _ in boxes.values()),
        links=tuple(link for link, _ in links.values()),
        measures=tuple(measure for measure, _ in measures.values()),
        priorities=tuple(priorities),
    )
    return Merged(whole, tuple(clashes))


def shared_outcomes(core: Theory, partners: Mapping[str, Theory]) -> dict[str, tuple[str, ...]]:
    """For each box that more than one model holds, which models hold it; the core is called ``theory``."""
    holders: dict[str, list[str]] = {}
    for name, model in {"theory": core, **dict(sorted(partners.items()))}.items():
        for box in model.boxes:
            if box.kind in SHARED_KINDS:
                holders.setdefault(box.id, []).append(name)
    return {id_: tuple(names) for id_, names in holders.items() if len(names) > 1}


def own_gaps(model: Theory, gaps: Iterable[Gap]) -> list[Gap]:
    """The gaps of a partner's own part: its links, activities and outputs; shared boxes are everybody's."""
    shared = {box.id for box in model.boxes if box.kind in SHARED_KINDS}
    return [gap for gap in gaps if gap.subject not in shared]


def _joined_id(name: str, box: Box) -> str:
    return box.id if box.kind in SHARED_KINDS else f"{name}:{box.id}"


def _renamed(link: Link, renamed: Mapping[str, str]) -> Link:
    return replace(link, from_box=renamed[link.from_box], to_box=renamed[link.to_box])


def _add_box(box: Box, source: str, boxes: dict[str, tuple[Box, str]], clashes: list[Fault]) -> None:
    if box.id not in boxes:
        boxes[box.id] = (box, source)
        return
    first, origin = boxes[box.id]
    for key, word in SAME:
        if _plain(getattr(first, key)) != _plain(getattr(box, key)):
            said = f"box {box.id} has another {word} than in {origin}:{first.line}"
            clashes.append(Fault("LC228", f"{source}:{box.line}", said, HINT))
    boxes[box.id] = (
        replace(
            first,
            measures=tuple(dict.fromkeys((*first.measures, *box.measures))),
            priority=tuple(dict.fromkeys((*first.priority, *box.priority))),
        ),
        origin,
    )


def _add_link(link: Link, source: str, links: dict[str, tuple[Link, str]], clashes: list[Fault]) -> None:
    if link.id not in links:
        links[link.id] = (link, source)
        return
    first, origin = links[link.id]
    for key, word in CLAIMS:
        ours, theirs = _plain(getattr(first, key)), _plain(getattr(link, key))
        if ours != theirs and ours and theirs:
            said = f"link {link.id} claims another {word} than in {origin}:{first.line}"
            clashes.append(Fault("LC228", f"{source}:{link.line}", said, HINT))
    joined = tuple(dict.fromkeys((*first.evidence, *link.evidence)))
    links[link.id] = (replace(first, evidence=joined, test=first.test or link.test), origin)


def _add_measure(
    measure: Measure, source: str, measures: dict[str, tuple[Measure, str]], clashes: list[Fault]
) -> None:
    first, origin = measures.setdefault(measure.id, (measure, source))
    same: Callable[[Measure], Measure] = lambda value: replace(value, line=0)  # noqa: E731
    if same(first) != same(measure):
        said = f"measure '{measure.id}' is another one than in {origin}"
        clashes.append(Fault("LC228", f"{source}:{measure.line}", said, HINT))


def _new_priorities(known: list[Priority], new: tuple[Priority, ...]) -> Iterator[Priority]:
    ids = {each.id for each in known}
    yield from (each for each in new if each.id not in ids)


def _plain(value: object) -> object:
    """Texts agree when they differ in blanks and capitals only."""
    return " ".join(value.split()).casefold() if isinstance(value, str) else value


def refuse_colons(model: Theory) -> None:
    """A partner writes its ids without a name before them: that is added when the models are joined."""
    faults = [
        Fault(
            "LC229", f"{model.source}:{box.line}", f"box {box.id} carries a partner's name", "Leave it out."
        )
        for box in model.boxes
        if ":" in box.id
    ]
    if faults:
        raise TheoryError.gather(faults)
