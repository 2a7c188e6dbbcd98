"""How the evaluation floor's results look in a terminal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from cohorts.disclosure import shown_count
from evaluation.actions import Ran
from evaluation.amending.versions import deviation_words
from evaluation.economics.actions import Checked
from evaluation.economics.pounds import prices
from evaluation.economics.views import checked
from evaluation.explaining.views import why
from evaluation.figures import FactTable
from evaluation.locking import Readiness
from evaluation.methods.registry import Method
from evaluation.model import OutcomeResult
from evaluation.plan import AnalysisPlan, fingerprint
from evaluation.power_analysis.instead import Instead
from evaluation.protection import withheld
from evaluation.reporting.fact_tables import fact_table
from evaluation.store import Lock
from evaluation.wording import ANSWER_WORDS, DETAIL_WORDS
from workspace.console import say, table
from workspace.settings import DisclosureProfile

FACT_ROWS = 6
SIGNS = {
    "works": "✓",
    "too-small-to-matter": "0",
    "no-meaningful-effect": "0",
    "inconclusive": "~",
    "harms": "!",
    "not-assessable": "?",
    "changed": "~",
}


def methods(known: Mapping[str, Method]) -> None:
    """Each method: what it rests on, what it can analyse."""
    table(
        ["Method", "Identifies the effect by", "Outcomes", "Estimand", "Security at most"],
        [
            [m.name, m.identifies, ", ".join(m.kinds), ", ".join(m.estimands), f"{m.design_level} of 5"]
            for m in known.values()
        ],
    )
    say()
    for method in known.values():
        say(f"{method.name} assumes: {method.assumes}")


def plan(found: AnalysisPlan, lock: Lock | None) -> None:
    """A plan in short."""
    say(f"{found.id}: {found.title}")
    about, name = (
        ("areas ", found.population.areas) if found.population.areas else ("cohort", found.population.cohort)
    )
    say(f"  {about}      {name or '(file mode)'}{_where(found)}")
    treatment = f", treatment '{found.design.treatment}'" if found.design.treatment else ""
    say(f"  design      {found.design.method}{treatment}")
    say(f"  covariates  {', '.join(found.design.covariates) or 'none'}")
    say(f"  links       {', '.join(found.links) or 'none'}")
    if found.delivery:
        say(f"  delivery    read from {', '.join(found.delivery.columns)}")
    if found.subgroups:
        say(f"  subgroups   by {', '.join(one.by for one in found.subgroups)}")
    if found.economics:
        money = found.economics
        own = (
            "no value given"
            if money.value is None
            else f"£{money.value:,g} ({prices(money.value_price_year)})"
        )
        cost = f"£{money.cost:,g} a place ({prices(money.cost_price_year)})"
        say(f"  economics   {cost}; a unit: {money.unit_cost or own}")
    table(
        ["Outcome", "Role", "Kind", "Better", "Difference that matters", "Source"],
        [
            [
                o.measure,
                o.role,
                o.kind,
                o.better,
                "not set"
                if o.minimum_important_difference is None
                else f"{o.minimum_important_difference:g}",
                o.mid_source,
            ]
            for o in found.outcomes
        ],
    )
    say(f"  fingerprint {fingerprint(found)}")
    say(f"  state       {_lock_words(lock)}")


def _where(found: AnalysisPlan) -> str:
    return f"  where {found.population.where}" if found.population.where else ""


def _lock_words(lock: Lock | None) -> str:
    if lock is None:
        return "not locked"
    waived = f"; waived: {lock.waiver}" if lock.waiver else ""
    return f"locked {lock.locked_at} by {lock.locked_by}, data then: {lock.data_state}{waived}"


def readiness(ready: Readiness, money: Checked | None = None, instead: Sequence[Instead] = ()) -> None:
    """What ``plan check`` found; and of a plan that names costs, which effect would pay for them."""
    say(f"{ready.plan.id}: the plan can be read. Data: {ready.data_state}.")
    p = ready.projection
    if p.detectable is not None:
        chance = (
            ""
            if p.equivalence is None
            else (
                "; chance of ruling the difference that matters out when there is none: "
                f"{100 * p.equivalence:.0f} %"
            )
        )
        say(f"  primary outcome: smallest difference found four times in five: {p.detectable:.3g}{chance}")
        if p.note:
            say(f"  {p.note}")
    else:
        say(f"  what it could show is not worked out: {p.note}")
    if money:
        checked(money)
    if ready.lock is None:
        for doubt in ready.doubts:
            say(f"  cannot be decided: {doubt.text}")
        for one in instead:
            say(f"  another main outcome to think about: {one.measure} ({one.name}): {one.why}")
        say(f"Next: lifecourse plan lock {ready.plan.id}")
    elif ready.changed:
        say(f"  changed after it was locked on {ready.lock.locked_at[:10]}: it will not run")
        say(f'Next: restore its text, or register it: lifecourse plan amend {ready.plan.id} --reason "…"')
    else:
        say(f"Next: it is locked; lifecourse evaluate run {ready.plan.id}")


def locked(ready: Readiness, lock: Lock) -> None:
    """What was locked."""
    say(
        f"Locked {lock.plan_id} at {lock.locked_at}. Fingerprint {lock.sha256[:16]}…  "
        f"Data then: {lock.data_state}."
    )
    if lock.waiver:
        say(f"  Waived, and printed in every report: {lock.waiver}")


def ran(done: Ran, profile: DisclosureProfile | None) -> None:
    """The finding: every planned outcome, failures as plainly as successes."""
    result = done.result
    stamp = "" if result.plan.state == "locked before outcomes" else f"   EXPLORATORY ({result.plan.state})"
    say(f"{result.evaluation or result.plan.id}  {result.plan.title}{stamp}")
    for outcome in result.outcomes:
        _outcome(withheld(outcome, profile) if profile else outcome, profile)
    why(result, profile)
    primary = (withheld(result.primary, profile) if profile else result.primary).verdict
    if result.primary.economics:
        for line in result.primary.economics.sentences:
            say(f"Worth {line}")
    for reason in primary.why:
        say(f"Why   {reason.code or 'Not looked for:'} {reason.text}")
    for step in primary.next:
        say(f"Next  {step}")
    for line in (*map(deviation_words, result.plan.deviations), *result.plan.as_locked):
        say(f"Plan  {line}")
    if done.report:
        say(f"Wrote {', '.join((done.finding, *filter(None, (done.word,))))} and {done.report}")


def _outcome(outcome: OutcomeResult, profile: DisclosureProfile | None) -> None:
    verdict, e = outcome.verdict, outcome.estimate
    detail = DETAIL_WORDS.get(verdict.detail, "")
    say()
    say(f"{outcome.name} ({outcome.role})")
    say(
        f"  {SIGNS[verdict.answer]} "
        f"{ANSWER_WORDS[verdict.answer].capitalize()}{': ' + detail if detail else ''}  "
        f" security {verdict.security} of "
        f"5{'   FRAGILE: changes under ' + '; '.join(verdict.flipped_by) if verdict.fragile else ''}"
    )
    say(f"    {verdict.sentence}")
    hidden = None if outcome.units == "areas" else profile
    sizes = [f"{n:,}" if hidden is None else shown_count(n, hidden) for n in (e.n_treated, e.n_comparison)]
    say(f"    {sizes[0]} treated, {sizes[1]} in the comparison")
    if outcome.units == "areas":
        say("    what is counted are areas, not people")
    for check in outcome.checks:
        if check.result in ("warn", "fail"):
            say(f"    look: {check.name}: {check.note}")
    for facts in outcome.tables:
        _facts(facts)
    if outcome.figures:
        say(f"    drawn in the report: {'; '.join(figure.title for figure in outcome.figures)}")
    for one in outcome.subgroups:
        stamp = "" if one.registered else "   EXPLORATORY (not in the plan)"
        say(f"    groups: {one.sentence}{stamp}")
    if outcome.heterogeneity:
        say(f"    explored only: {outcome.heterogeneity.sentence}")


def _facts(facts: FactTable) -> None:
    """A method's table: its first rows, and how many more there are."""
    found = fact_table(facts)
    say()
    say(f"    {facts.title}")
    table(found.head, [[str(cell) for cell in row] for row in found.rows[:FACT_ROWS]])
    if len(found.rows) > FACT_ROWS:
        say(f"    and {len(found.rows) - FACT_ROWS} rows more: in the report, or with --json")
    if facts.note:
        say(f"    {facts.note}")
