"""Why one outcome moved or did not, from its interval and checks (pure); :mod:`evaluation.explaining` reads the rest.

Codes: W0 as the theory expected; W1 not delivered; W2 wrong people; W3 the first step did not move; W4 a step
moved and the next did not; W5 the comparison got similar help; W6 the measure could not see it; W7 too few
people or too soon; W8 harm offset benefit. W1, W2 and W5 come from the plan's [delivery], where it has one.
"""

from __future__ import annotations

from collections.abc import Sequence

from evaluation.model import Check, Reason
from evaluation.nouns import PEOPLE, Nouns
from evaluation.verdict import NO_COMPARISON, Oriented, Ruling

EDGE_SHARE = 0.20


def reasons(
    ruling: Ruling,
    view: Oriented | None,
    checks: Sequence[Check],
    *,
    randomised: bool,
    nouns: Nouns = PEOPLE,
) -> tuple[Reason, ...]:
    """Reasons for one outcome's answer, from its interval and checks; ``nouns`` say what was compared."""
    found: list[Reason] = []
    answer = ruling.answer
    if answer in ("works", "too-small-to-matter"):
        found.append(Reason("W0", "The outcome moved the way the theory expected."))
    if answer == "no-meaningful-effect":
        found.append(
            Reason(
                "W3",
                (
                    "The study could have seen a difference that matters and saw none: the "
                    "theory's step did not hold here."
                ),
            )
        )
    if answer == "harms":
        found.append(
            Reason(
                "W8", "The outcome moved against what the theory expected: look at the harms its links name."
            )
        )
    if answer == "inconclusive" and ruling.detail != NO_COMPARISON and view is not None:
        found.append(Reason("W7", _too_few(view, nouns)))
    found += [
        Reason(_code(check.name), check.note)
        for check in checks
        if check.result == "fail" or (check.name == "range" and check.result == "warn")
    ]
    if not randomised and answer in ("works", "harms", "no-meaningful-effect", "too-small-to-matter"):
        found.append(Reason("W2", nouns.doubt))
    return tuple(dict.fromkeys(found))


def _too_few(view: Oriented, nouns: Nouns) -> str:
    few = nouns.few.capitalize()
    if view.margin is None:
        return f"{few}: the interval reaches to both sides of zero, and no difference that matters was set."
    return f"{few}: the interval is wider than the difference that matters."


def _code(check: str) -> str:
    return {
        "range": "W6",
        "people": "W7",
        "attrition": "W7",
        "maturity": "W7",
        "comparison": "W2",
        "overlap": "W2",
        "balance": "W2",
        "baseline equivalence": "W2",
        "common support": "W2",
        "density": "W2",
        "covariates at the cut-off": "W2",
    }.get(check, "W7")


def edge_check(share_low: float, share_high: float) -> Check:
    """Floor and ceiling: a scale on which a fifth of people sit at an end cannot show them moving."""
    worst = max(share_low, share_high)
    if worst < EDGE_SHARE:
        return Check("range", "pass", worst, EDGE_SHARE, "none", "Few people sit at an end of the scale.")
    end = "lowest" if share_low >= share_high else "highest"
    return Check(
        "range",
        "warn",
        worst,
        EDGE_SHARE,
        "none",
        f"{100 * worst:.0f} % of people sit at the {end} value: the measure may not see them move.",
    )
