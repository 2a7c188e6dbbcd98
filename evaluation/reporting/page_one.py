"""What stands on page one: the answer, the people, what can be said, why, and what to do (pure)."""

from __future__ import annotations

import math
from dataclasses import dataclass

from evaluation.model import RATIOS, Estimate, OutcomeResult, Result
from evaluation.nouns import EXPECTED, Nouns, nouns_of
from evaluation.protection import may_show, with_share, without_figures
from evaluation.reporting.figures import SMALL, draw_figure
from evaluation.reporting.icons import Interval, interval_svg, people_svg
from evaluation.reporting.numbers import (
    MOST_DECIMALS,
    NOT_ESTIMATED,
    decimals_for,
    effect_text,
    in_100,
    margin_text,
    mean_text,
    number,
    people_span,
    plain,
    scale_of,
    span,
)
from evaluation.reporting.signs import Mark, capital, is_exploratory, mark_of
from evaluation.reporting.tables import Table, shown
from evaluation.reporting.why_tables import delivery_table, links_table
from evaluation.wording import DETAIL_WORDS
from workspace.settings import DisclosureProfile

IN_SECTION_1 = "Larger, with its numbers, in section 1."
SECURITY_WORDS = ("none", "very low", "low", "moderate", "high", "very high")
PART_WORDS = {
    "design": "the design",
    "size": "the size of the study",
    "threats": "threats found by the checks",
    "balance": "balance between the groups",
}
REASON_WORDS = {
    "W0": "As the theory expected",
    "W1": "Not delivered as meant",
    "W2": "Who was reached, or compared with whom",
    "W3": "The first step did not move",
    "W4": "A later step did not follow",
    "W5": "The comparison got similar help",
    "W6": "The measure could not see it",
    "W8": "Harm, or harm that cancelled good",
    "W9": "Differs between groups, as asked",
}


@dataclass(frozen=True, slots=True)
class Drawing:
    """A picture of our own with its caption."""

    svg: str
    headline: str
    caption: str


@dataclass(frozen=True, slots=True)
class Picture:
    """What happened to people, drawn and in words."""

    heading: str
    drawings: tuple[Drawing, ...]
    lines: tuple[str, ...]
    numbers: Table | None = None


@dataclass(frozen=True, slots=True)
class PageOne:
    """Page one, in the order in which it is read."""

    name: str
    mark: Mark
    detail: str
    sentence: str
    security: int
    security_words: str
    deciding: tuple[str, ...]
    fragile: str
    people: str
    picture: Picture
    can_say: tuple[str, ...]
    cannot_say: tuple[str, ...]
    links: Table | None
    reasons: tuple[tuple[str, str], ...]
    steps: tuple[str, ...]
    others: tuple[tuple[str, Mark], ...]
    delivery: Table | None = None
    failure: str = ""


def page_one(result: Result, profile: DisclosureProfile) -> PageOne:
    """Gather page one from the primary outcome."""
    outcome = result.primary
    verdict = outcome.verdict
    exploratory = is_exploratory(result.plan)
    safe = may_show(outcome.kind, outcome.estimate, profile)
    nouns = nouns_of(outcome.units, result.method)
    return PageOne(
        name=outcome.name,
        mark=mark_of(outcome, exploratory=exploratory),
        detail=capital(DETAIL_WORDS.get(verdict.detail, "")),
        sentence=verdict.sentence if safe else without_figures((verdict.sentence,))[0],
        security=verdict.security,
        security_words=SECURITY_WORDS[min(max(verdict.security, 0), 5)],
        deciding=_deciding(outcome, nouns),
        fragile=_fragile(outcome),
        people=_people(result, profile),
        picture=_picture(outcome, profile, nouns),
        can_say=verdict.can_say if safe else without_figures(verdict.can_say),
        cannot_say=verdict.cannot_say,
        links=links_table(result, profile),
        delivery=delivery_table(result, profile),
        failure=result.failure.sentence if result.failure else "",
        reasons=tuple((_reason_words(reason.code, nouns), reason.text) for reason in verdict.why),
        steps=verdict.next,
        others=tuple(
            (o.name, mark_of(o, exploratory=exploratory))
            for o in result.outcomes
            if o.planned and o is not outcome
        ),
    )


def _reason_words(code: str, nouns: Nouns) -> str:
    words = {**REASON_WORDS, "W7": f"{capital(nouns.few)}, or too soon"}
    return f"{words.get(code, 'Also seen')} ({code}). " if code else "Not looked for. "


def _deciding(outcome: OutcomeResult, nouns: Nouns) -> tuple[str, ...]:
    """The facts that hold the level where it is; the last one when none stands exactly there."""
    facts = outcome.verdict.security_facts
    held = [fact for fact in facts if fact.level == outcome.verdict.security] or list(facts[-1:])
    words = {**PART_WORDS, "attrition": nouns.lost}
    return tuple(f"{words.get(fact.part, fact.part)}: {fact.fact}" for fact in held)


def _fragile(outcome: OutcomeResult) -> str:
    if not outcome.verdict.fragile:
        return ""
    named = "; ".join(f"“{name}”" for name in outcome.verdict.flipped_by) or "not named"
    return f"Fragile. The answer changes when the question is asked another way: {named}."


def _people(result: Result, profile: DisclosureProfile) -> str:
    e, nouns = result.primary.estimate, nouns_of(result.primary.units)
    cohort = f" from the cohort {result.data.cohort}" if result.data.cohort else ""
    with_, without = shown(e.n_treated, profile), shown(e.n_comparison, profile)
    if nouns.are_people:
        return f"People analysed{cohort}: {with_} with the programme, {without} in the comparison (counts rounded)."
    compared = f"{without} in the comparison" if e.n_comparison else "none to compare with"
    return f"Areas analysed: {with_} with the programme, {compared}."


def _picture(outcome: OutcomeResult, profile: DisclosureProfile, nouns: Nouns) -> Picture:
    e = outcome.estimate
    binary = outcome.kind == "binary" and nouns.are_people
    heading = "What happened to people, per 100" if binary else "What happened to people"
    heading = heading if nouns.are_people else "What happened"
    if not may_show(outcome.kind, e, profile):
        return Picture(heading, (), ("This is not drawn: too few people to show.",))
    if binary:
        return _people_picture(outcome, heading, nouns)
    return _interval_picture(outcome, heading, nouns)


def _people_picture(outcome: OutcomeResult, heading: str, nouns: Nouns) -> Picture:
    e = outcome.estimate
    with_, without = with_share(e), e.comparison_mean
    if e.value is None or with_ is None or without is None:
        return Picture(heading, (), (f"This is not drawn: the difference was {NOT_ESTIMATED}.",))
    adjusted = e.effect == "risk-difference"
    how = "the comparison’s figure plus the estimated difference" if adjusted else "as seen"
    other = "without the programme (the comparison, as seen)"
    if nouns.without == EXPECTED:
        other, how = EXPECTED, "that figure plus the estimated difference" if adjusted else "as seen"
    drawings = tuple(
        _row(share, words, prefix)
        for share, words, prefix in (
            (without, other, "people-without"),
            (with_, f"with the programme ({how})", "people-with"),
        )
    )
    filled = f"Filled: {outcome.name}, out of 100 people."
    rows = tuple((capital(drawing.caption), drawing.headline) for drawing in drawings)
    return Picture(heading, drawings, (_interval_line(e, outcome), filled), _numbers(rows))


def _numbers(rows: tuple[tuple[str, str], ...]) -> Table:
    """What page one draws, as a table for section 1."""
    return Table("The numbers that page one draws", ("Drawn", "Number"), rows)


def _row(share: float, words: str, prefix: str) -> Drawing:
    headline = in_100(share)
    return Drawing(people_svg(round(100 * share), f"{headline} people, {words}", prefix), headline, words)


def _interval_line(e: Estimate, outcome: OutcomeResult) -> str:
    if e.conf_low is None or e.conf_high is None:
        return f"The interval was {NOT_ESTIMATED}."
    level = round(100 * e.conf_level)
    if e.effect != "risk-difference":
        return f"{_compared(e)}: {effect_text(e, outcome.unit)} ({level} % interval)."
    return f"The difference could be {people_span(e.conf_low, e.conf_high)} ({level} % interval)."


def _compared(e: Estimate) -> str:
    """What the number is: a difference, or a ratio of the programme's figure to the comparison's."""
    return "Ratio" if e.effect in RATIOS else "Difference"


def _interval_picture(outcome: OutcomeResult, heading: str, nouns: Nouns) -> Picture:
    e = outcome.estimate
    if e.value is None or e.conf_low is None or e.conf_high is None:
        return Picture(heading, (), (f"This is not drawn: the difference was {NOT_ESTIMATED}.",))
    text = effect_text(e, outcome.unit)
    small = _small_figure(outcome)
    caption = f"{_compared(e)} in {outcome.name} ({round(100 * e.conf_level)} % interval)"
    drawn = _interval(outcome, e.value, e.conf_low, e.conf_high)
    svg = interval_svg(drawn, f"{caption}: {text}", "interval")
    margins = " and ".join(drawn.margin_labels)
    rows = (
        (caption, text),
        ("No difference", drawn.zero_label),
        *((("Smallest difference that matters, either way", margins),) if margins else ()),
    )
    lines = _interval_words(outcome, nouns)
    return Picture(heading, (Drawing(svg, text, caption), *small), lines, _numbers(rows))


def _small_figure(outcome: OutcomeResult) -> tuple[Drawing, ...]:
    """The method's main figure, small; section 1 has it large, with its numbers."""
    for figure in outcome.figures[:1]:
        drawing = draw_figure(figure, title=figure.title, prefix="figure-small", size=SMALL)
        if drawing.svg:
            return (Drawing(drawing.svg, capital(figure.title), IN_SECTION_1),)
    return ()


def _interval_words(outcome: OutcomeResult, nouns: Nouns) -> tuple[str, ...]:
    e = outcome.estimate
    with_, without = mean_text(outcome, e.treated_mean), mean_text(outcome, e.comparison_mean)
    if not nouns.are_people and e.treated_mean is not None and e.comparison_mean is not None:
        with_, without = _side_by_side(e.treated_mean, e.comparison_mean, outcome.unit)
    what = "Had it: with the programme" if outcome.kind == "time-to-event" else nouns.seen
    margin = f"Smallest difference that matters: {margin_text(outcome)}, either way (the shaded band)."
    if outcome.minimum_important_difference is None:
        margin = "No smallest difference that matters was set, so the size cannot be judged."
    return (
        f"{what} {with_}, {nouns.without} {without}. {capital(outcome.better)} is better.",
        margin,
    )


def _side_by_side(one: float, other: float, unit: str) -> tuple[str, str]:
    """Two numbers with as many decimals as their difference asks for."""
    decimals = (
        max(decimals_for(one, other), decimals_for(one - other) - 1) if one != other else decimals_for(one)
    )
    said = [plain(value, min(decimals, MOST_DECIMALS)) for value in (one, other)]
    return (f"{said[0]} {unit}".rstrip(), f"{said[1]} {unit}".rstrip())


def _interval(outcome: OutcomeResult, value: float, low: float, high: float) -> Interval:
    """Places on the measure's own scale; a ratio is drawn on the log scale, where halving equals doubling."""
    ratio = outcome.estimate.effect in RATIOS
    margin = outcome.minimum_important_difference
    ends: tuple[float, ...] = ()
    if margin:
        ends = tuple(sorted((margin, 1 / margin))) if ratio else (-margin, margin)
    place = math.log if ratio else float
    decimals = scale_of(outcome.estimate.effect, outcome.unit).decimals
    shown_as = decimals_for(value, low, high) if decimals is None else decimals
    left, right = ("better", "worse") if outcome.better == "lower" else ("worse", "better")
    return Interval(
        value=place(value),
        low=place(low),
        high=place(high),
        zero=place(1 if ratio else 0),
        margins=tuple(place(end) for end in ends),
        value_label=f"{plain(value, shown_as)} ({span(low, high, shown_as)})",
        zero_label="1" if ratio else "0",
        margin_labels=tuple(number(end) for end in ends),
        left=left,
        right=right,
    )
