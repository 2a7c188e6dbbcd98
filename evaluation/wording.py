"""The sentences of a verdict: what can be said, what cannot, and what would settle it (pure).

Rules of the house: never "no effect" without an equivalence result; no "significant", "trend" or
"approaching"; an effect is a range; a comparison that was not randomised is "associated with" when its
security is low. Sentences are generated, never typed, so that no result is dressed up.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from evaluation.model import Estimate, Units
from evaluation.nouns import AREAS, OVER_TIME, Nouns, nouns_of
from evaluation.panels.grounds import ANSWERING
from evaluation.per_hundred import RATIO_OF, at_a_rate, margin_words
from evaluation.plan import PlannedOutcome
from evaluation.power import people_to_settle
from evaluation.verdict import NO_COMPARISON, Oriented, Ruling

ANSWER_WORDS = {
    "works": "works",
    "too-small-to-matter": "a real difference, but too small to matter",
    "no-meaningful-effect": "no worthwhile difference",
    "inconclusive": "cannot tell yet",
    "harms": "made things worse",
    "not-assessable": "cannot be assessed",
    "changed": "changed, with nothing to compare it with",
}
DETAIL_WORDS = {
    "meaningful": "by at least the difference that matters",
    "small": "by less than the difference that matters",
    "size-uncertain": "by how much is uncertain",
    "harm-ruled-out": "a harm that matters is ruled out, a benefit that matters is not",
    "benefit-ruled-out": "a benefit that matters is ruled out, a harm that matters is not",
    "uninformative": "neither a benefit nor a harm that matters is ruled out",
    NO_COMPARISON: "nothing shows what would have happened otherwise",
}
LOW_SECURITY = 1
FEW_AREAS = 5


@dataclass(frozen=True, slots=True)
class Scene:
    """All that the sentences need to know of one outcome."""

    outcome: PlannedOutcome
    estimate: Estimate
    view: Oriented | None
    ruling: Ruling
    security: int
    locked: bool
    units: Units = "people"
    method: str = ""

    @property
    def nouns(self) -> Nouns:
        """What the units are called."""
        found = nouns_of(self.units, self.method)
        alone = found is AREAS and self.estimate.n_treated == 1
        return replace(found, treated="the area with the programme") if alone else found


def amount(value: float, outcome: PlannedOutcome) -> str:
    """An effect without its sign, in words: people per 100, a factor, or the measure's unit."""
    if outcome.effect == "risk-difference":
        return f"{_short(100 * abs(value))} in every 100"
    if outcome.is_ratio:
        return f"a factor of {value:.2f}"
    return f"{_short(abs(value))} {outcome.unit}".rstrip()


def _short(value: float) -> str:
    """One decimal below a hundred, whole numbers above; trailing noughts go. Small numbers keep two digits."""
    if value >= 100:
        return f"{value:,.0f}"
    if 0 < value < 0.1:
        return f"{float(f'{value:.2g}'):f}".rstrip("0") if value >= 1e-6 else f"{value:.1g}"
    text = f"{value:.1f}"
    return text.removesuffix(".0")


def span(low: float, high: float, outcome: PlannedOutcome) -> str:
    """An interval in words: "between 4 fewer and 7 more in every 100", "between 2 and 5 points higher"."""
    if outcome.timing:
        return f"between {low:.2f} and {high:.2f} times the rate of the others"
    if outcome.is_ratio:
        return f"between {low:.2f} and {high:.2f} times the {RATIO_OF[outcome.effect]}"
    risk = outcome.effect == "risk-difference"
    scale = 100 if risk else 1
    less, more = ("fewer", "more") if risk else ("lower", "higher")
    unit = "" if risk or not outcome.unit else f" {outcome.unit}"
    tail = " in every 100" if risk else ""
    ends = sorted((low, high), key=abs)
    small, large = (_short(scale * abs(end)) for end in ends)
    if low < 0 < high:
        return f"between {_short(scale * -low)}{unit} {less} and {_short(scale * high)}{unit} {more}{tail}"
    return f"between {small} and {large}{unit} {more if high > 0 else less}{tail}"


def sentence(scene: Scene) -> str:
    """The verdict in one sentence of fewer than about 25 words."""
    answer, detail = scene.ruling.answer, scene.ruling.detail
    if answer == "not-assessable" or scene.view is None:
        return f"The data cannot answer this: {_blocked(detail)}."
    e = scene.estimate
    ends = span(float(e.conf_low or 0), float(e.conf_high or 0), scene.outcome)
    verb = "was associated with" if scene.security <= LOW_SECURITY else "led to"
    name = scene.outcome.label
    if answer == "works":
        tail = (
            ", enough to matter"
            if detail == "meaningful"
            else "; whether that is enough to matter is uncertain"
        )
        return f"The programme {verb} a better result on {name}: {ends}{tail}."
    if answer == "harms":
        tail = {"meaningful": ", enough to matter", "small": ", less than what matters"}.get(
            detail, "; by how much is uncertain"
        )
        return f"The programme {verb} a worse result on {name}: {ends}{tail}."
    if answer == "too-small-to-matter":
        return f"The programme {verb} a slightly better result on {name}: {ends}, less than what matters."
    if answer == "no-meaningful-effect" and scene.security <= LOW_SECURITY:
        return f"No worthwhile difference in {name} went with the programme: {ends}."
    if answer == "no-meaningful-effect":
        return f"The programme made no worthwhile difference to {name}: {ends}."
    if answer == "changed":
        return f"{name} changed ({ends}), but nothing shows what would have happened otherwise."
    return f"We cannot tell yet whether the programme changed {name}: {ends}."


def _blocked(detail: str) -> str:
    return {
        "people": "too few people were treated",
        "overlap": "nobody comparable was found",
        "identification": "the arms cannot be told apart from the other columns",
        "baseline equivalence": "the groups differed too much before the programme",
        "maturity": "the follow-up of the main outcome is not over",
        "clusters": "there are too few clusters",
        "events": "an arm has too few events, or nothing but events",
        "allocation": "the arms were not allocated as the plan says",
        "periods": "what the programme did cannot be told from what time did",
        "spread": "the outcome does not vary",
        "separation": "the covariates tell some people's outcome completely",
        "definition": "the way of counting changed on the way",
        "missing cells": "too much of it was never seen",
        "whole periods": "periods were not recorded whole",
        "clusters ignored": "people come in clusters and were taken one by one",
        "regression to the mean": "how far the worst would have come back on their own cannot be worked out",
    }.get(detail, "no interval could be worked out")


def can_say(scene: Scene) -> tuple[str, ...]:
    """What this result supports."""
    if scene.view is None or scene.ruling.answer == "not-assessable":
        return (
            "The evaluation was planned and carried out, and it cannot answer the question with these data.",
        )
    e = scene.estimate
    ends = span(float(e.conf_low or 0), float(e.conf_high or 0), scene.outcome)
    level = round(100 * e.conf_level)
    nouns = scene.nouns
    than = nouns.against_rate if scene.outcome.is_ratio else f"than {nouns.against}"
    if scene.outcome.timing:
        lines = [time_line(scene.outcome, e)]
    else:
        lines = [f"On {scene.outcome.label}, {nouns.treated} came out {ends} {than} ({level} % interval)."]
    per_hundred = at_a_rate(scene.outcome, e, nouns, scene.method, scene.units)
    lines += [per_hundred] if per_hundred else []
    lines += _ruled_out(scene)
    if not scene.locked:
        lines.append("This is an exploratory finding: it suggests a question, it does not settle one.")
    return tuple(lines)


def time_line(outcome: PlannedOutcome, e: Estimate) -> str:
    """A hazard ratio in words: at how many times the rate of the others, among those still without the event."""
    level = round(100 * e.conf_level)
    if outcome.counts:
        return (
            f"Those treated had {outcome.label} at {e.value or 0:.2f} times the rate of the others "
            f"({level} % interval: {e.conf_low or 0:.2f} to {e.conf_high or 0:.2f} times), every event "
            "counted, for time at risk."
        )
    return (
        f"On {outcome.label}, those treated came to it at {e.value or 0:.2f} times the rate of the others "
        f"({level} % interval: {e.conf_low or 0:.2f} to {e.conf_high or 0:.2f} times), among people still without it."
    )


def _ruled_out(scene: Scene) -> list[str]:
    if scene.ruling.answer == "changed" or scene.ruling.detail == NO_COMPARISON:
        return ["With nothing to compare with, neither a benefit nor a harm is shown or ruled out."]
    m = scene.outcome.minimum_important_difference
    view = scene.view
    if view is None or view.margin is None or m is None:
        return [
            "No smallest difference that matters was set, so nothing can be said of whether the size matters."
        ]
    benefit = harm = amount(m, scene.outcome)
    shown = "of at least"
    if scene.outcome.is_ratio:
        (benefit, harm), shown = margin_words(m, scene.outcome), "as large as"
    lines = []
    if view.low >= view.margin:
        lines.append(f"A benefit {shown} {benefit} is shown.")
    if view.high <= -view.margin:
        lines.append(f"A harm {shown} {harm} is shown.")
    if view.narrow_high < view.margin:
        lines.append(f"A benefit as large as {benefit} is ruled out.")
    if view.narrow_low > -view.margin:
        lines.append(f"A harm as large as {harm} is ruled out.")
    if not lines and benefit != harm:
        return [f"Neither a benefit as large as {benefit} nor a harm as large as {harm} can be ruled out."]
    return lines or [f"Neither a benefit nor a harm as large as {benefit} can be ruled out."]


def cannot_say(scene: Scene) -> tuple[str, ...]:
    """What this result does not support, however it is put."""
    name = scene.outcome.label
    answer = scene.ruling.answer
    lines = []
    if answer == "not-assessable":
        lines.append(f"That the programme changed {name}, or that it did not.")
    if answer == "inconclusive":
        lines.append(
            f"That the programme makes no difference to {name}: not knowing is not the same as nothing there."
        )
    if answer in ("works", "harms") and scene.ruling.detail != "meaningful":
        lines.append("That the difference is large enough to matter.")
    if answer == "no-meaningful-effect":
        lines.append(
            "That it failed for want of trying, or would fail elsewhere: only this "
            "programme, here, was tested."
        )
    if answer == "too-small-to-matter":
        lines.append("That it is worth doing for this outcome alone.")
    if scene.security <= LOW_SECURITY and answer in ("works", "harms"):
        lines.append("That the programme caused the difference.")
    nouns = scene.nouns
    whom = "person" if nouns.are_people else "person there"
    lines.append(f"That any one {whom} was changed by it, or that it holds for {nouns.unlike}.")
    return tuple(lines)


def next_steps(scene: Scene, chances: tuple[float, float] | None) -> tuple[str, ...]:
    """What to do: what would settle an open question, or what follows from a settled one."""
    answer, detail = scene.ruling.answer, scene.ruling.detail
    if answer == "not-assessable":
        return ("Mend what stands in the way (see the checks), then run the same plan again.",)
    lines = []
    if detail == NO_COMPARISON:
        lines.append(
            "A comparison would settle it, more of the same would not: others like these, not chosen and followed "
            "alike (difference-in-differences; with the streets around them, displacement-difference), or days drawn "
            "by lot (day-crossover)."
        )
    elif answer == "inconclusive" or detail == "size-uncertain":
        lines += _settling(scene, chances)
    follow = {
        "works": "Keep it, and test it again elsewhere before calling it proven: one study is a promise.",
        "harms": "Stop or change it, and look for who was hurt and how.",
        "no-meaningful-effect": (
            "Do not extend it for this outcome before it is known why; under Why stands which step did not hold."
        ),
        "too-small-to-matter": "Weigh its cost: the difference is real and small.",
        "inconclusive": "Do not report this as success or failure.",
        "changed": "Find a comparison before claiming anything.",
    }
    if answer == "changed":
        lines += ANSWERING
    return (*lines, follow[answer])


def _settling(scene: Scene, chances: tuple[float, float] | None) -> list[str]:
    view, e = scene.view, scene.estimate
    if view is None or view.margin is None:
        return [
            (
                "Set the smallest difference that matters before the next study; without it "
                "size cannot be judged."
            )
        ]
    needed = people_to_settle(e.n, view.std_error, view.margin)
    lines = []
    if needed > e.n:
        lines.append(_more_needed(scene, needed - e.n))
    if chances:
        benefit, harm = (_percent(chance) for chance in chances)
        lines.append(
            f"As it stands, the chance of a benefit that matters is {benefit}, of a harm "
            f"that matters {harm} (weak prior around zero)."
        )
    return lines


def _more_needed(scene: Scene, more: int) -> str:
    """How many more would settle it; of a few areas that cannot be said, nor of times where the same are seen again."""
    nouns, e = scene.nouns, scene.estimate
    if nouns.are_people and scene.method not in OVER_TIME:
        return f"About {_round_people(more)} more people like these would settle it (four times in five)."
    if min(e.n_treated, e.n_comparison) < FEW_AREAS:
        more_of = f"More {nouns.many} with the programme, or more periods,"
        return f"{more_of} would settle it; how many cannot be said from so few."
    return (
        f"About {_round_people(more)} more {nouns.many} like these, over as many periods, would settle it "
        "(four times in five)."
    )


def _round_people(n: int) -> str:
    digits = max(len(str(n)) - 2, 1)
    return f"{round(n, -digits) or n:,}"


def _percent(p: float) -> str:
    if p < 0.01:
        return "under 1 %"
    return "over 99 %" if p > 0.99 else f"{100 * p:.0f} %"
