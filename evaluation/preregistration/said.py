"""A plan in sentences, for people who never saw its file; shared by all forms (pure)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from evaluation.amending.model import Version
from evaluation.amending.versions import LOCKED_AFTER, changes_of, state_of
from evaluation.decidable import Projection
from evaluation.methods.registry import METHODS
from evaluation.missing.keys import rule_words
from evaluation.plan import AnalysisPlan, PlannedOutcome, fingerprint
from evaluation.preregistration.document import Grid
from evaluation.settings_words import settings_words
from theory_of_change.model import Theory

BY_CHANCE = ("randomised", "cluster-randomised")
ESTIMANDS = {
    "ATT": "the average effect on those who took part (ATT)",
    "ATE": "the average effect on everyone in the study (ATE)",
    "ATO": "the average effect where the two groups overlap (ATO)",
}
DATA = {
    "nothing collected": "No data of the study had been collected.",
    "collected, unseen": "Data had been collected, and nobody could see them.",
    "baseline seen": "Data from before the programme could be seen; no outcome could.",
    "outcomes seen": "Outcomes could be seen.",
}


@dataclass(frozen=True, slots=True)
class Source:
    """What a document is made of: a plan, its versions up to the one shown, its theory, and what it could show."""

    plan: AnalysisPlan
    versions: tuple[Version, ...]
    theory: Theory | None
    projection: Projection | None
    unknown: str = ""
    file_differs: bool = False


def stamp(source: Source) -> tuple[str, ...]:
    """What the plan's state is, first of all."""
    sha = f"Fingerprint (SHA-256) of the plan's content: {fingerprint(source.plan)}."
    if not source.versions:
        return ("DRAFT: this plan is not locked. It may change without a trace.", sha)
    lock, last = source.versions[0], source.versions[-1]
    late = state_of(source.versions, last.number) == LOCKED_AFTER
    said = [
        f"Locked on {lock.at} by {lock.by}; this is version {last.number}, registered on {last.at}.",
        f"At the lock: {DATA[lock.data_state]}",
    ]
    if late:
        said.append(
            "This version was registered after outcomes could be seen: what rests on it is exploratory."
        )
    if source.file_differs:
        said.append(
            "The plan's file was changed since; the change is not registered and not in this document."
        )
    waived = [f"Waived at version {v.number}: {v.waiver}." for v in source.versions if v.waiver]
    return (*said, *waived, sha)


def question(plan: AnalysisPlan) -> tuple[str, ...]:
    """The question and when it will be answered."""
    due = f"The result is due on {plan.reported_by}." if plan.reported_by else ""
    return tuple(line for line in (f"{plan.title} (plan {plan.id})", due) if line)


def hypotheses(source: Source) -> tuple[str, ...]:
    """What each outcome is asked, and the links of the theory that are tested."""
    asked = [_asked(outcome) for outcome in source.plan.outcomes]
    return (*asked, *(_link(source.theory, link) for link in source.plan.links))


def _asked(outcome: PlannedOutcome) -> str:
    verb = "lowers" if outcome.better == "lower" else "raises"
    if outcome.minimum_important_difference is None:
        return (
            f"{_capital(outcome.role)} outcome, {outcome.label}: whether the programme {verb} it. No smallest "
            "difference that matters is stated, so the answer can speak of direction only."
        )
    return (
        f"{_capital(outcome.role)} outcome, {outcome.label}: whether the programme {verb} it by at least "
        f"{margin(outcome)}, or whether a difference of that size can be ruled out in either direction."
    )


def _link(theory: Theory | None, link: str) -> str:
    found = theory.link(link) if theory else None
    if theory is None or found is None:
        return f"Link of the theory of change that is tested: {link}."
    ends = [theory.box(end) for end in (found.from_box, found.to_box)]
    texts = [box.text if box else "?" for box in ends]
    because = f", because {found.because.rstrip('.')}" if found.because else ""
    expected = f" Expected: {found.expect.rstrip('.')}." if found.expect else ""
    return f"Link {link} of the theory of change: {texts[0]} leads to {texts[1]}{because}.{expected}"


def margin(outcome: PlannedOutcome) -> str:
    """The smallest difference that matters with its scale."""
    value = outcome.minimum_important_difference
    if value is None:
        return "not stated in the plan"
    unit = f" {outcome.unit}" if outcome.unit and outcome.effect == "difference" else ""
    shared = f": {100 * value:g} in every 100" if outcome.effect == "risk-difference" else ""
    return f"{value:g}{unit} ({outcome.effect.replace('-', ' ')}{shared})"


def design(plan: AnalysisPlan) -> tuple[str, ...]:
    """How the effect is identified and what that rests on."""
    method = METHODS[plan.design.method]
    return (
        f"The method is {method.name}: {method.identifies}.",
        f"It assumes: {method.assumes}",
        f"What is estimated is {ESTIMANDS.get(plan.design.estimand, plan.design.estimand)}.",
    )


def allocation(plan: AnalysisPlan) -> tuple[str, ...]:
    """Whether chance decided, and within what."""
    if plan.design.method not in BY_CHANCE:
        return ("Nobody was allocated by chance under this plan.",)
    whole = getattr(plan.design.settings, "intervention_level", "individual") == "cluster"
    unit = f"clusters ('{plan.design.cluster}')" if whole else "individuals"
    within = f" within strata of '{plan.design.strata}'" if plan.design.strata else ""
    return (f"Allocation was by chance, of {unit}{within}.",)


def population(plan: AnalysisPlan) -> tuple[str, ...]:
    """Whom the plan is about."""
    of = plan.population
    whom = (
        f"The areas of the collection '{of.areas}'"
        if of.areas
        else f"The people of the cohort '{of.cohort}'"
        if of.cohort
        else "The rows of a data file"
    )
    rule = f", of them those for whom: {of.where}" if of.where else ", all of them"
    return (f"{whom}{rule}.",)


def treatment(plan: AnalysisPlan) -> tuple[str, ...]:
    """The variable that says who had the programme."""
    of = plan.design
    if not of.treatment:
        return (
            "No variable of treatment is named: the method works it out from its settings (see the model).",
        )
    arms = f", '{of.arm}' against '{of.comparison}'" if of.arm else " (1 with the programme, 0 without)"
    return (f"The variable '{of.treatment}'{arms}.",)


def outcomes(plan: AnalysisPlan) -> Grid:
    """Every outcome with what was fixed of it."""
    head = (
        "Outcome",
        "Variable",
        "Role",
        "Kind",
        "Better",
        "Effect",
        "Smallest difference that matters",
        "Its source",
    )
    rows = tuple(
        (
            o.label,
            f"{o.measure}{f', wave {o.wave}' if o.wave else ''}{f', baseline {o.baseline}' if o.baseline else ''}",
            o.role,
            o.kind,
            o.better,
            o.effect,
            margin(o),
            o.mid_source or "not stated in the plan",
        )
        for o in plan.outcomes
    )
    return Grid("Outcomes", head, rows)


def covariates(plan: AnalysisPlan) -> str:
    """What was known before and is used."""
    named = ", ".join(plan.design.adjusters)
    return f"Covariates, known before the programme: {named}." if named else "No covariates are used."


def model(plan: AnalysisPlan) -> Grid:
    """The method's settings, as reports name them."""
    return Grid("The analysis as it will be run", ("Setting", "Value"), settings_words(plan))


def inference(plan: AnalysisPlan) -> tuple[str, ...]:
    """Error rate, intervals, equivalence, and how the answer follows."""
    alpha = plan.analysis.alpha / len(plan.primaries)
    of = "of each primary outcome " if len(plan.primaries) > 1 else ""
    return (
        f"Intervals {of}are two-sided, of {100 * (1 - alpha):g} %. A difference that matters is ruled out where the "
        f"{100 * (1 - 2 * alpha):g} % interval lies inside it in both directions (two one-sided tests).",
        "The answer follows from the intervals and the smallest difference that matters by fixed rules; nobody chooses "
        "it, and no p-value sets it.",
    )


def multiplicity(plan: AnalysisPlan) -> str:
    """How several outcomes are allowed for."""
    two = len(plan.primaries) > 1
    several = sum(o.role != "primary" for o in plan.outcomes) > 1
    why = f" Two primary outcomes, because: {plan.reason.rstrip('.')}." if two and plan.reason else ""
    first = "One outcome is primary and carries the answer."
    if two:
        first = (
            f"The error rate is shared between the primary outcomes, their p-values adjusted by Holm.{why}"
        )
    rest = " p-values of the other outcomes are adjusted by Benjamini and Hochberg." if several else ""
    return first + rest


def missing(plan: AnalysisPlan) -> str:
    """The rule for missing outcomes."""
    return f"Missing data: {rule_words(plan)}."


def sensitivity(plan: AnalysisPlan) -> str:
    """What is asked another way."""
    return (
        f"The other ways of asking that belong to the method {plan.design.method} are all run and all reported; an "
        "answer that changes under one of them is marked fragile. Further ones: not stated in the plan."
    )


def subgroups(plan: AnalysisPlan) -> tuple[str, ...]:
    """Groups between which the effect is compared."""
    return tuple(
        f"Whether the effect differs by '{one.by}', by a test of interaction. Reason: {one.reason.rstrip('.')}."
        for one in plan.subgroups
    )


def explored(plan: AnalysisPlan) -> tuple[str, ...]:
    """What is asked without a claim."""
    named = ", ".join(o.label for o in plan.outcomes if o.role == "exploratory")
    return (f"Exploratory outcomes: {named}." if named else "No outcome is exploratory.",)


def power(source: Source) -> tuple[str, ...]:
    """What the primary outcome could show with those there are, and what was assumed."""
    outcome, found = source.plan.primaries[0], source.projection
    if found is None or found.detectable is None:
        why = source.unknown or (found.note if found else "")
        return (f"What the study could show is not worked out: {why or 'not stated in the plan'}.",)
    assumed = [
        f"{words} {value:g}"
        for words, value in (
            ("an expected rate of", outcome.expected_rate),
            ("an expected standard deviation of", outcome.expected_sd),
            ("a share of variance explained by covariates of", outcome.expected_r2 or None),
        )
        if value is not None
    ]
    note = [found.note] if found.note else []
    said = (
        f"With those there are, the smallest difference found four times in five (MDES, 80 % power, two-sided alpha "
        f"{source.plan.analysis.alpha:g}) of {outcome.label} is {found.detectable:.2g}; {margin(outcome)} matters."
    )
    chance = (
        ""
        if found.equivalence is None
        else f"The chance of ruling that difference out when there is none is {100 * found.equivalence:.0f} %."
    )
    resting = f"Assumed: {'; '.join([*assumed, *note])}." if assumed or note else ""
    return tuple(line for line in (said, chance, resting) if line)


def existing_data(source: Source) -> tuple[str, ...]:
    """What could be known of the data when each version was registered, as the program worked it out."""
    if not source.versions:
        return ("The plan is not locked, so nothing was fixed about what could be known of the data.",)
    return tuple(
        f"At version {v.number} ({v.at}): {DATA[v.data_state]} The program worked this out from its store."
        for v in source.versions
    )


def history(source: Source) -> Grid | str:
    """The versions with their reasons and changes."""
    if not source.versions:
        return ""
    rows = tuple(
        (
            str(v.number),
            v.kind,
            v.at,
            v.reason or "the plan was locked",
            "; ".join(changes_of(source.versions, v.number)) if v.number > 1 else "the first locked text",
        )
        for v in source.versions
    )
    return Grid("Versions of the plan", ("Version", "Kind", "Registered", "Reason", "What changed"), rows)


def deviations(source: Source) -> tuple[str | Grid, ...]:
    """Amendments and deviations, or that there are none."""
    if len(source.versions) > 1:
        return (history(source),)
    return (
        ("The plan has not been changed since its lock.",)
        if source.versions
        else ("The plan is not locked yet.",)
    )


def _capital(word: str) -> str:
    return word[:1].upper() + word[1:]


def listed(names: Sequence[str]) -> str:
    """Names in a row, or that there are none."""
    return ", ".join(names) or "none"
