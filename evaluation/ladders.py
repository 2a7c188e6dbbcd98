"""The same facts graded as others would grade them: six ladders, the fact that decided each, and one step up (pure).

A ladder grades how an answer came about, not whether it pleases. Sources: Maryland scale as the What Works Centre for
Local Economic Growth uses it; security as in :mod:`evaluation.security`; What Works Clearinghouse 4.1; the Early
Intervention Foundation's standards; GRADE; EMMIE of the College of Policing. Marked in the rules register where a
level is quoted from memory.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from evaluation.model import RATIOS, Check, OutcomeResult, Rung
from evaluation.rules import brief, of_rung

CUT_OFF = "regression-discontinuity"
DRAWN, LOST = "allocation by chance", ("attrition", "cluster attrition")
COMPARABLE = (
    "pre-trend",
    "earlier trends",
    "fit before",
    "drift before the start",
    "alike before",
    "density",
)  # differences in differences, staggered starts, weighted pools, places and their buffers, cut-offs
JUMPS = ("density", "placebo cut-offs", "covariates at the cut-off")
EQUAL, SEEN = "baseline equivalence", ("missing outcomes", "missing cells")
LADDER_NAMES = {
    "sms": "Maryland scientific methods scale",
    "padlocks": "Padlocks (Education Endowment Foundation)",
    "wwc": "What Works Clearinghouse",
    "eif": "Early Intervention Foundation",
    "grade": "GRADE",
    "emmie": "EMMIE",
}
GRADES = ("very low", "low", "moderate", "high")
WWC = ("does not meet standards", "meets standards with reservations", "meets standards without reservations")
FEWEST_EIF, FOLLOWED_EIF, SURE_EIF = 20, 0.60, 3
NOT_STUDIED = "not studied"


@dataclass(frozen=True, slots=True)
class Facts:
    """What the ladders read of one evaluation. ``by_chance``: chance decided who was treated, as the plan says."""

    method: str
    sms_level: int
    outcome: OutcomeResult
    tested_links: int
    moderators: int
    by_chance: bool
    delivery_facts: int = 0

    def check(self, *names: str) -> Check | None:
        """The first check of one of these names."""
        return next((check for name in names for check in self.outcome.checks if check.name == name), None)

    def failed(self, *names: str) -> bool:
        """Say whether a check of one of these names failed."""
        return any(check.name in names and check.result == "fail" for check in self.outcome.checks)

    def doubted(self, *names: str) -> bool:
        """Say whether a check of one of these names takes trust away, be it failed or not to be had."""
        return any(check.name in names and check.consequence != "none" for check in self.outcome.checks)

    @property
    def answered(self) -> bool:
        """Say whether there is an estimate at all."""
        return self.outcome.verdict.answer != "not-assessable" and self.outcome.estimate.value is not None

    @property
    def trial(self) -> bool:
        """Say whether chance decided who was treated, and nothing found says otherwise."""
        return self.by_chance and not self.failed(DRAWN)

    @property
    def much_lost(self) -> bool:
        """Say whether attrition is beyond the cautious boundary."""
        lost = [check for check in self.outcome.checks if check.name in LOST]
        return any(check.result in ("warn", "fail") for check in lost)


def climb(facts: Facts) -> tuple[Rung, ...]:
    """Every ladder's grade, in a fixed order."""
    rungs: Sequence[Callable[[Facts], Rung]] = (_sms, _padlocks, _wwc, _eif, _grade, _emmie)
    return tuple(rung(facts) for rung in rungs)


def row_of(rung: Rung) -> tuple[str, str, str, str]:
    """A rung as people read it: the ladder's name, the grade, the fact, one step up."""
    grade = "not scored" if rung.grade is None else str(rung.grade)
    said = of_rung(rung)
    fact = f"{rung.fact} (levels {brief(said)})" if said else rung.fact
    return LADDER_NAMES.get(rung.ladder, rung.ladder), grade, fact, rung.step_up


def _sms(facts: Facts) -> Rung:
    """Method sets the most there can be; how it went can lower it."""
    if not facts.answered:
        return Rung("sms", None, "nothing could be estimated", _first_block(facts))
    level, fact = facts.sms_level, f"{facts.method} reaches {facts.sms_level} at most"
    step = {
        1: "a comparison group, or adjustment for what sets people or places apart",
        2: "the outcome before and after beside a comparison group",
        3: "a cut-off, a lottery or another source of chance",
        4: "allocation by chance",
    }.get(level, "nothing: this is the top")
    if facts.failed(DRAWN):
        return Rung("sms", 3, "treated and other days compared, picked by somebody", "days drawn by lot")
    if facts.trial and facts.much_lost:
        return Rung(
            "sms", 3, "chance decided, but too many or unequally many were lost", "fewer outcomes missing"
        )
    if level >= 3 and facts.doubted(*COMPARABLE):
        return Rung(
            "sms",
            level - 1,
            "the comparison is not shown to hold up before the start, or at the cut-off",
            step,
        )
    return Rung("sms", level, fact, step)


def _padlocks(facts: Facts) -> Rung:
    """The security level, with the part that set it."""
    found = facts.outcome.verdict
    lowest = min(found.security_facts, key=lambda fact: fact.level, default=None)
    if lowest is None:
        return Rung("padlocks", found.security, "not recorded", "")
    ups = {
        "design": "a stronger design",
        "size": "more people, clusters, areas or periods",
        "attrition": "fewer outcomes missing",
        "threats": "the threats named, answered",
        "balance": "groups that were alike before",
        "common support": "a comparison group with people like those treated",
        "funnel": "more of those the plan is about, followed to the end",
    }
    step = (
        "nothing: this is the top" if found.security == 5 else ups.get(lowest.part, "the fact named, mended")
    )
    return Rung("padlocks", found.security, lowest.fact, step)


def _wwc(facts: Facts) -> Rung:
    """Low-attrition trials and cut-offs without reservations; others by baseline equivalence."""
    if not facts.answered:
        return Rung("wwc", WWC[0], "nothing could be estimated", _first_block(facts))
    if facts.method == CUT_OFF:
        if facts.failed(*JUMPS):
            return Rung(
                "wwc",
                WWC[0],
                "the cut-off seems to have been manipulated, or other things jump there",
                "another cut-off",
            )
        return Rung("wwc", WWC[2], "a cut-off that held up", "nothing: this is the top")
    if facts.trial and not facts.much_lost:
        return Rung(
            "wwc",
            WWC[2],
            "chance decided, and attrition is low by the cautious boundary",
            "nothing: this is the top",
        )
    equal = facts.check(EQUAL)
    if equal is not None and equal.result in ("pass", "warn"):
        return Rung(
            "wwc",
            WWC[1],
            "the groups were alike enough on the outcome before",
            "allocation by chance with low attrition",
        )
    reason = (
        "the groups differed too much on the outcome before"
        if equal is not None and equal.reading is not None
        else "whether the groups were alike on the outcome before is not shown"
    )
    return Rung(
        "wwc", WWC[0], reason, "the outcome before the programme in the plan (baseline), alike within 0.25 SD"
    )


def _eif(facts: Facts) -> Rung:
    """One study reaches 3 at most; NE where a rigorous study found no benefit."""
    if not facts.answered:
        return Rung("eif", None, "nothing could be estimated", _first_block(facts))
    answer, security = facts.outcome.verdict.answer, facts.outcome.verdict.security
    rigorous = security >= SURE_EIF and facts.sms_level >= 3
    if rigorous and answer in ("no-meaningful-effect", "harms"):
        return Rung(
            "eif",
            "NE",
            "a rigorous study found no benefit: adapt and improve",
            "another form of the programme, tested anew",
        )
    if answer not in ("works", "too-small-to-matter"):
        return Rung("eif", "NL2", f"the answer is '{answer}'", "a study large enough to tell")
    if rigorous:
        return Rung(
            "eif",
            3,
            f"one rigorous study (security {security}) found a benefit",
            "a second rigorous study, and twelve months or more",
        )
    lost = facts.check(*SEEN)
    seen = 1 - (lost.reading or 0.0) if lost is not None else 1.0
    if facts.outcome.estimate.n >= FEWEST_EIF and seen >= FOLLOWED_EIF:
        return Rung("eif", 2, "a benefit, from a study that is not rigorous", "security 3 or more")
    return Rung("eif", "NL2", "too few people, or too few of them followed up", "more people, followed up")


def _grade(facts: Facts) -> Rung:
    """Certainty of one study's estimate; what only several studies can show is not judged."""
    if not facts.answered:
        return Rung("grade", None, "nothing could be estimated", _first_block(facts))
    level = 3 if facts.trial else 1
    said = ["starts high: chance decided" if facts.trial else "starts low: not by chance"]
    bias = [c.name for c in facts.outcome.checks if c.result == "fail" and c.consequence == "downgrade"]
    if bias:
        down = 2 if len(bias) > 2 else 1
        level -= down
        said.append(f"{down} down for risk of bias ({', '.join(bias)})")
    crossed = thresholds_crossed(facts.outcome)
    if crossed:
        level -= crossed
        said.append(
            f"{crossed} down: the interval crosses {'both' if crossed == 2 else 'one'} of the differences that matter"
        )
    said.append("inconsistency, indirectness and publication bias are not judged from one study")
    step = (
        "a narrower interval"
        if crossed
        else "allocation by chance"
        if not facts.trial
        else "the failed checks, mended"
    )
    top = level >= 3
    return Rung("grade", GRADES[max(0, level)], "; ".join(said), "nothing: this is the top" if top else step)


def thresholds_crossed(outcome: OutcomeResult) -> int:
    """How many of the two differences that matter (for better and for worse) lie inside the interval."""
    e, margin = outcome.estimate, outcome.minimum_important_difference
    if margin is None or e.conf_low is None or e.conf_high is None:
        return 0
    ends = (margin, 1 / margin) if e.effect in RATIOS else (margin, -margin)
    return sum(e.conf_low < end < e.conf_high for end in ends)


def _emmie(facts: Facts) -> Rung:
    """Five slots; an empty one says so."""
    effect = min(4, facts.outcome.verdict.security) if facts.answered else 0
    slots = {
        "effect": f"{effect} of 4",
        "mechanism": f"{facts.tested_links} link{'s' if facts.tested_links > 1 else ''} of the theory tested"
        if facts.tested_links
        else NOT_STUDIED,
        "moderators": f"{facts.moderators} planned" if facts.moderators else NOT_STUDIED,
        "implementation": f"{facts.delivery_facts} facts of delivery"
        if facts.delivery_facts
        else NOT_STUDIED,
        "economics": _economics(facts.outcome),
    }
    grade = "; ".join(f"{name}: {words}" for name, words in slots.items())
    empty = [name for name, words in slots.items() if words == NOT_STUDIED]
    return Rung(
        "emmie",
        grade,
        f"{5 - len(empty)} of 5 slots filled",
        f"study {', '.join(empty)}" if empty else "nothing is empty",
    )


def _economics(outcome: OutcomeResult) -> str:
    """What was worked out of costs and worth."""
    found = outcome.economics
    if found is None:
        return NOT_STUDIED
    return "costs and net benefit" if found.net else "costs"


def _first_block(facts: Facts) -> str:
    """What stands in the way, in the words of the check."""
    return next((check.note for check in facts.outcome.checks if check.consequence == "block"), "an estimate")
