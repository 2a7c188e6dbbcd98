"""Everything a run says of why, put together once all outcomes are judged (pure)."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from evaluation.explaining.attribution import WORKED
from evaluation.explaining.delivered import delivery_facts
from evaluation.explaining.dose import dose_response
from evaluation.explaining.facts import DeliveryFacts, DoseResponse, Failure, Mediation
from evaluation.explaining.gathered import delivery_reasons, explain, not_looked
from evaluation.explaining.links import Seen, first_broken, read_links
from evaluation.explaining.mediators import mediations
from evaluation.explaining.selected import expected_fall
from evaluation.frame import AnalysisFrame, build_frame
from evaluation.judged import Judged
from evaluation.model import Answer, LinkReading, Reason
from evaluation.plan import AnalysisPlan
from evaluation.study_table import StudyTable, column_of
from theory_of_change.model import Theory

UNTESTED_CLAIM = "That the programme as it was meant does not work: that was not put to the test."
DELIVER_FIRST = (
    "Look at delivery first: until it is what was meant, more people or another year answer nothing new."
)


@dataclass(frozen=True, slots=True)
class Explained:
    """What a run says of why; ``doses`` by the column of the outcome."""

    links: tuple[LinkReading, ...] = ()
    delivery: DeliveryFacts | None = None
    failure: Failure | None = None
    mediation: tuple[Mediation, ...] = ()
    doses: dict[str, DoseResponse] = field(default_factory=dict)

    def reasons(self, found: list[Reason], *, primary: bool) -> tuple[Reason, ...]:
        """An outcome's own reasons, with those of delivery, the first broken link, and what nobody looked at."""
        broken = first_broken(self.links) if primary else None
        more = delivery_reasons(self.delivery)
        if broken is not None and broken.code == "W1":  # that link is the delivery: one line says both
            more = tuple(reason for reason in more if reason.code != "W1")
        if broken is not None:  # it says more than the general reasons
            found = [reason for reason in found if reason.code not in (broken.code, "W3")]
        if self.delivery is not None and self.delivery.untested:  # the theory was not put to the test
            found = [reason for reason in found if reason.code != "W3"]
        return (*found, *more, *((broken,) if broken else ()), *not_looked(self.delivery))

    def cannot_say(self, answer: Answer) -> tuple[str, ...]:
        """What an outcome that did not come out well does not show, where the programme was not put to the test."""
        if self.delivery is None or not self.delivery.untested or answer in WORKED:
            return ()
        return (UNTESTED_CLAIM,)

    def steps(self, answer: Answer) -> tuple[str, ...]:
        """What to do before anything else where the programme was not put to the test."""
        return (DELIVER_FIRST,) if self.cannot_say(answer) else ()


def explained(
    table: StudyTable, plan: AnalysisPlan, judged: list[Judged], theory: Theory | None, *, panel: bool
) -> tuple[Explained, list[Judged]]:
    """Delivery, links, failure class, dose and mediators; and the outcomes with the change expected of those chosen."""
    delivery = None if panel else delivery_facts(table, plan)
    seen = [_seen(table, item) for item in judged]
    links = read_links(theory, plan.links, seen, delivery)
    failure = explain(judged, plan, theory, links, delivery)
    between = () if panel or theory is None else _between(plan, theory, judged)
    wanted = [item for item in judged if delivery or plan.selection or column_of(item.outcome) in between]
    frames = {column_of(item.outcome): build_frame(table, plan, item.outcome) for item in wanted if not panel}
    doses = {
        name: found
        for item in wanted
        if (name := column_of(item.outcome)) in frames
        and (found := dose_response(table, plan, item.outcome, frames[name])) is not None
    }
    split = mediations(judged, frames, plan, theory) if between else ()
    return Explained(links, delivery, failure, split, doses), [
        _with_fall(plan, item, frames) for item in judged
    ]


def _seen(table: StudyTable, item: Judged) -> Seen:
    column = column_of(item.outcome)
    ripe = dict(table.ripeness).get(column)
    months = ripe.follow_up_months if ripe and not ripe.watched else None
    return Seen(
        item.outcome, item.ruling, item.result.estimate, item.checks, item.security, months, _named(item)
    )


def _named(item: Judged) -> str:
    """The outcome as the result names it."""
    return item.outcome.measure if not item.outcome.wave else column_of(item.outcome)


def _between(plan: AnalysisPlan, theory: Theory, judged: list[Judged]) -> set[str]:
    """Columns of outcomes that stand in boxes of the plan's links."""
    links = [theory.link(name) for name in plan.links]
    boxes = [theory.box(box) for link in links if link for box in (link.from_box, link.to_box)]
    measures = {name for box in boxes if box for name in box.measures}
    return {column_of(item.outcome) for item in judged if item.outcome.measure in measures}


def _with_fall(plan: AnalysisPlan, item: Judged, frames: dict[str, AnalysisFrame]) -> Judged:
    frame = frames.get(column_of(item.outcome))
    more = expected_fall(plan.selection, item.outcome, frame) if frame is not None else ()
    return replace(item, result=replace(item.result, tables=(*item.result.tables, *more))) if more else item
