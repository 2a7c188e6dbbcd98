"""Made-up results for the report: every answer, every kind of gap. Nobody in them is real."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from evaluation.model import (
    Answer,
    BalanceRow,
    Check,
    DataFacts,
    EffectSize,
    Estimate,
    FlowStep,
    LinkReading,
    OutcomeResult,
    PlanFacts,
    Reason,
    Result,
    SecurityFact,
    Sensitivity,
    Verdict,
)

LOCKED = "locked before outcomes"
CHECKS = (
    Check("people", "pass", 412.0, 10, "none", "Enough people in each arm for an interval."),
    Check("attrition", "warn", 0.061, None, "downgrade", "Overall 11.4 %, 6.1 points apart: low only by the optimistic boundary."),
    Check("missing outcomes", "warn", 0.114, 0.05, "none", "11.4 % of outcomes are missing."),
    Check("balance", "fail", 0.127, 0.1, "downgrade", "Poorly matched on 1 of 3 covariates; the largest difference, 0.13 SD, is on 'age'."),
    Check("randomisation", "info", None, None, "none", "Nothing to read."),
)  # fmt: skip
BALANCE = (
    BalanceRow("age", 0.412, 0.127, 0.91),
    BalanceRow("prior_convictions", -0.33, -0.08, 2.31),
    BalanceRow("sex=female", 0.05, 0.01, None),
    BalanceRow("all alike", None, None, None),
)
FLOW = (
    FlowStep("in the data", 1040, ""),
    FlowStep("meets the plan's rule", 930, "rule not met, or not known"),
    FlowStep("arm known", 930, ""),
    FlowStep("outcome seen", 824, "outcome missing"),
)
FACTS = (
    SecurityFact("design", 4, "matching: 4 at most"),
    SecurityFact("size", 5, "could detect 0.18 SD four times in five"),
    SecurityFact("attrition", 4, "11 % of outcomes missing"),
    SecurityFact("threats", 3, "one down for balance"),
)
LINKS = (
    LinkReading("A3>O5", "Thinking-skills course", "Better problem solving", "practice", "higher score", "a real difference, but too small to matter", "held, weakly"),
    LinkReading("O5>L2", "Better problem solving", "Fewer reoffend", "pause before acting", "fewer people reoffend", "works", "held"),
)  # fmt: skip
PLAN = PlanFacts(
    id="PLAN-003",
    title="Did the thinking-skills course reduce reoffending?",
    sha256="9f2c" * 16,
    state=LOCKED,
    locked_at="2026-03-01 09:12 UTC",
    locked_by="Research lead",
    data_state="baseline seen",
)


def binary_estimate(**changes: Any) -> Estimate:
    """A risk difference of −9.4 points on 412 and 412 people."""
    whole: dict[str, Any] = {
        "estimand": "ATT",
        "effect": "risk-difference",
        "value": -0.094,
        "std_error": 0.0332,
        "conf_low": -0.159,
        "conf_high": -0.029,
        "conf_level": 0.95,
        "p_value": 0.0048,
        "df": 411.0,
        "n_treated": 412,
        "n_comparison": 412,
        "n_clusters": 412,
        "treated_mean": 0.2961,
        "comparison_mean": 0.3956,
        "narrow_low": -0.149,
        "narrow_high": -0.039,
        "p_value_adjusted": 0.0144,
        "outcome_sd": 0.474,
        "standardised": EffectSize("cox-index", -0.264, -0.44, -0.09),
    }
    return Estimate(**(whole | changes))


def score_estimate(**changes: Any) -> Estimate:
    """A difference of 1.37 points on a score."""
    whole: dict[str, Any] = {
        "effect": "difference",
        "value": 1.3712,
        "std_error": 0.521,
        "conf_low": 0.35,
        "conf_high": 2.392,
        "p_value": 0.0086,
        "p_value_adjusted": 0.0173,
        "treated_mean": 27.481,
        "comparison_mean": 26.11,
        "narrow_low": 0.514,
        "narrow_high": 2.228,
        "outcome_sd": 7.41,
        "standardised": EffectSize("hedges-g", 0.185, 0.047, 0.323),
    }
    return binary_estimate(**(whole | changes))


NOTHING: dict[str, Any] = dict.fromkeys(
    (
        "value", "std_error", "conf_low", "conf_high", "p_value", "p_value_adjusted", "df",
        "n_clusters", "narrow_low", "narrow_high", "standardised", "outcome_sd",
    )
)  # fmt: skip


def verdict(answer: Answer, detail: str = "", **changes: Any) -> Verdict:
    """A verdict in the house's words."""
    whole: dict[str, Any] = {
        "answer": answer,
        "detail": detail,
        "security": 3,
        "fragile": False,
        "sentence": f"A sentence for the answer {answer}.",
        "can_say": (
            "The difference in people who reoffended: 2.9 to 15.9 fewer in every 100 (95 % interval).",
            "A harm as large as 5 in every 100 is ruled out.",
        ),
        "cannot_say": (
            "That the difference is large enough to matter.",
            "That any one person was changed by it, or that it holds for people unlike these.",
        ),
        "why": (
            Reason("W0", "The outcome moved the way the theory expected."),
            Reason("W2", "People were not allocated by chance: whatever else set them apart is part of the difference."),
            Reason("", "Not looked for: whether it was delivered as meant. No delivery records are held."),
        ),
        "next": (
            "About 380 more people like these would settle it (four times in five).",
            "Keep it, and test it again elsewhere before calling it proven: one study is a promise.",
        ),
        "security_facts": FACTS,
        "probability_benefit": 0.903,
        "probability_harm": 0.0001,
    }  # fmt: skip
    return Verdict(**(whole | changes))


def outcome(answer: Answer = "works", detail: str = "size-uncertain", **changes: Any) -> OutcomeResult:
    """A yes-or-no primary outcome."""
    said: dict[str, Any] = changes.pop("said", {})
    whole: dict[str, Any] = {
        "measure": "reoffended_12m",
        "name": "people who reoffended within a year",
        "role": "primary",
        "kind": "binary",
        "better": "lower",
        "unit": "",
        "minimum_important_difference": 0.05,
        "mid_source": "break-even: £900 per place",
        "planned": True,
        "estimate": binary_estimate(),
        "flow": FLOW,
        "verdict": verdict(answer, detail, **said),
        "checks": CHECKS,
        "balance": BALANCE,
        "sensitivity": (
            Sensitivity("difference of means after matching", binary_estimate(value=-0.099, conf_low=-0.17, conf_high=-0.03)),
            Sensitivity("without a caliper", binary_estimate(value=-0.041, conf_low=-0.11, conf_high=0.028), flips_verdict=True),
        ),
    }  # fmt: skip
    return OutcomeResult(**(whole | changes))


def score(answer: Answer = "too-small-to-matter", detail: str = "", **changes: Any) -> OutcomeResult:
    """A secondary outcome on a scale."""
    whole: dict[str, Any] = {
        "measure": "problem_solving",
        "name": "problem solving",
        "role": "secondary",
        "kind": "continuous",
        "better": "higher",
        "unit": "points",
        "minimum_important_difference": 2.5,
        "mid_source": "instrument guide",
        "estimate": score_estimate(),
        "sensitivity": (),
    }
    return outcome(answer, detail, **(whole | changes))


def result(*outcomes: OutcomeResult, **changes: Any) -> Result:
    """An evaluation by matching."""
    whole: dict[str, Any] = {
        "evaluation": "EVAL-003",
        "plan": PLAN,
        "data": DataFacts(1040, "ab12" * 16, "prison-leavers"),
        "method": "matching",
        "identifies": "observed covariates",
        "settings": (
            ("Matching", "1 nearest, within 0.2 SD of the logit score"),
            ("Errors", "by matched set"),
        ),
        "flow": FLOW,
        "outcomes": outcomes or (outcome(), score()),
        "links": LINKS,
        "ladders": {"sms": 3, "padlocks": "3", "grade": None},
        "provenance": {
            "lifecourse": "0.1.0",
            "python": "3.11.9",
            "packages": {"numpy": "2.4.1", "scipy": "1.17.0"},
            "seed": 20260301,
            "started": "2026-09-01T10:00:00Z",
            "seconds": 2.345678,
        },
    }
    return Result(**(whole | changes))


def works() -> Result:
    """Matching, fragile, with five outcomes of every kind of answer."""
    return result(
        outcome(
            said={
                "fragile": True,
                "flipped_by": ("without a caliper",),
                "sentence": "The programme led to a better result on reoffending: 2.9 to 15.9 fewer in every 100; whether that is enough to matter is uncertain.",
            }
        ),
        score(),
        score("harms", "meaningful", name="days in employment", unit="days", measure="days", estimate=score_estimate(value=-12.2, conf_low=-18.0, conf_high=-6.4, narrow_low=-17.0, narrow_high=-7.4), minimum_important_difference=5),
        score("inconclusive", "uninformative", name="wellbeing on the long scale", measure="wb", estimate=score_estimate(value=2.0, conf_low=-28.0, conf_high=32.0, narrow_low=-23.0, narrow_high=27.0)),
        score("inconclusive", "uninformative", name="drug use", measure="du", minimum_important_difference=None, mid_source=""),
        score("works", "size-uncertain", name="an afterthought", measure="at", planned=False, role="exploratory"),
    )  # fmt: skip


def nothing_worthwhile() -> Result:
    """A randomised evaluation that rules out what matters."""
    balance = tuple(replace(row, smd_after=None) for row in BALANCE)
    narrow = binary_estimate(
        estimand="ITT", value=0.004, conf_low=-0.031, conf_high=0.039, narrow_low=-0.025, narrow_high=0.033
    )
    return result(
        outcome("no-meaningful-effect", "", estimate=narrow, balance=balance, sensitivity=()),
        method="randomised",
        identifies="individual allocation",
        links=(),
        plan=replace(
            PLAN, deviations=("The follow-up was lengthened by a month, before outcomes were seen.",)
        ),
    )


def cannot_tell() -> Result:
    """A score with a wide interval, straddling both margins."""
    wide = score_estimate(value=0.4, conf_low=-3.1, conf_high=3.9, narrow_low=-2.6, narrow_high=3.4)
    return result(
        score("inconclusive", "uninformative", role="primary", estimate=wide, said={"security": 2}),
        links=LINKS[:1],
    )


def harmful() -> Result:
    """A score on which people got worse, and a ratio beside it."""
    worse = score_estimate(value=-4.2, conf_low=-5.9, conf_high=-2.5, narrow_low=-5.6, narrow_high=-2.8)
    ratio = score_estimate(
        effect="rate-ratio", value=0.81, std_error=0.11, conf_low=0.65, conf_high=1.01, narrow_low=0.68,
        narrow_high=0.97, standardised=None,
    )  # fmt: skip
    return result(
        score("harms", "meaningful", role="primary", estimate=worse),
        score("inconclusive", "harm-ruled-out", kind="count", name="arrests", better="lower", unit="", estimate=ratio, minimum_important_difference=0.85),
    )  # fmt: skip


def not_assessable() -> Result:
    """Nothing could be estimated and almost nothing is known."""
    block = Check("overlap", "fail", None, None, "block", "Nobody treated has anyone comparable.")
    said = {
        "security": 0,
        "sentence": "The data cannot answer this: nobody comparable was found.",
        "can_say": (),
        "cannot_say": (),
        "why": (),
        "next": (),
        "security_facts": (),
        "probability_benefit": None,
        "probability_harm": None,
    }
    bare = binary_estimate(**NOTHING)
    return result(
        outcome("not-assessable", "overlap", estimate=bare, checks=(block,), balance=(), sensitivity=(), flow=(), mid_source="", said=said),
        plan=PlanFacts("PLAN-004", "Did it?", "", LOCKED),
        data=DataFacts(1040, "", ""), flow=(), links=(), ladders={}, provenance={}, settings=(),
    )  # fmt: skip


def small_counts() -> Result:
    """Seven people with the event in one arm, and a score with six people in the other."""
    few = binary_estimate(
        treated_mean=7 / 412, comparison_mean=0.2, value=-0.183, conf_low=-0.22, conf_high=-0.14
    )
    short = score_estimate(n_comparison=6)
    return result(
        outcome("works", "meaningful", estimate=few),
        score(estimate=short, checks=(Check("people", "fail", 6.0, 10, "block", "Fewer than 10 people were analysed in an arm."),)),
        flow=(*FLOW, FlowStep("covariates complete", 3, "a covariate is missing")),
    )  # fmt: skip


def unlocked() -> Result:
    """Run outside the lock, with a waiver."""
    return result(
        plan=replace(PLAN, state="unlocked", locked_at="", locked_by="", waiver="The funder reports in May.")
    )


def many_ways() -> Result:
    """Many other ways of asking, and words longer than a phone is wide."""
    ways = tuple(
        Sensitivity(f"way {i}: {'verylongsettingname' * 3}", binary_estimate(value=-0.09 - i / 1000))
        for i in range(25)
    )
    title = "Did Donaudampfschifffahrtsgesellschaftskapitänsmützenverleihprogramme reduce reoffending?"
    return result(outcome(sensitivity=ways, name="pneumonoultramicroscopicsilicovolcanoconiosis" * 2), plan=replace(PLAN, title=title))  # fmt: skip


SAMPLES: dict[str, Callable[[], Result]] = {
    "works": works,
    "nothing-worthwhile": nothing_worthwhile,
    "cannot-tell": cannot_tell,
    "harmful": harmful,
    "not-assessable": not_assessable,
    "small-counts": small_counts,
    "unlocked": unlocked,
    "many-ways": many_ways,
}
