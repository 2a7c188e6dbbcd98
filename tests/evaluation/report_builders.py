"""Builders of made-up results: an estimate, a verdict, an outcome, an evaluation. Nobody in them is real."""

from __future__ import annotations

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
    Rung,
    SecurityFact,
    Sensitivity,
    Verdict,
)

LOCKED = "locked before outcomes"
CHECKS = (
    Check("people", "pass", 412.0, 10, "none", "Enough people in each arm for an interval."),
    Check(
        "attrition", "warn", 0.061, None, "downgrade", "Overall 11.4 %: low only by the optimistic boundary."
    ),
    Check("missing outcomes", "warn", 0.114, 0.05, "none", "11.4 % of outcomes are missing."),
    Check("balance", "fail", 0.127, 0.1, "downgrade", "The largest difference, 0.13 SD, is on 'age'."),
    Check("randomisation", "info", None, None, "none", "Nothing to read."),
)
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
    LinkReading(
        "A3>O5",
        "Thinking-skills course",
        "Better problem solving",
        "practice",
        "higher score",
        "a real difference, but too small to matter",
        "held, weakly",
    ),
    LinkReading(
        "O5>L2",
        "Better problem solving",
        "Fewer reoffend",
        "pause before acting",
        "fewer people reoffend",
        "works",
        "held",
    ),
)
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
        "value",
        "std_error",
        "conf_low",
        "conf_high",
        "p_value",
        "p_value_adjusted",
        "df",
        "n_clusters",
        "narrow_low",
        "narrow_high",
        "standardised",
        "outcome_sd",
    )
)


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
            Reason("W2", "People were not allocated by chance: what else set them apart is part of it."),
            Reason("", "Not looked for: whether it was delivered as meant. No delivery records are held."),
        ),
        "next": (
            "About 380 more people like these would settle it (four times in five).",
            "Keep it, and test it again elsewhere before calling it proven: one study is a promise.",
        ),
        "security_facts": FACTS,
        "probability_benefit": 0.903,
        "probability_harm": 0.0001,
    }
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
            Sensitivity(
                "difference of means after matching",
                binary_estimate(value=-0.099, conf_low=-0.17, conf_high=-0.03),
            ),
            Sensitivity(
                "without a caliper",
                binary_estimate(value=-0.041, conf_low=-0.11, conf_high=0.028),
                flips_verdict=True,
            ),
        ),
    }
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
        "ladders": {"sms": 3, "padlocks": 3, "grade": None},
        "rungs": (
            Rung("sms", 3, "matching reaches 3 at most", "allocation by chance"),
            Rung("padlocks", 3, "matching: 3 at most", "a stronger design"),
            Rung("grade", None, "nothing could be estimated", "an estimate"),
        ),
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
