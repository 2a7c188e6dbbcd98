"""Made-up results for the report: every answer, every kind of gap. Nobody in them is real."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from evaluation.amending.model import Audit, Deviation, Planned
from evaluation.model import (
    Check,
    DataFacts,
    FlowStep,
    GroupDifference,
    GroupEffect,
    Heterogeneity,
    PathRow,
    PlanFacts,
    Result,
    Sensitivity,
    Subgroup,
    Third,
)
from tests.evaluation.report_builders import (
    BALANCE,
    FLOW,
    LINKS,
    LOCKED,
    NOTHING,
    PLAN,
    binary_estimate,
    outcome,
    result,
    score,
    score_estimate,
)

AMENDED = Deviation(
    version=2,
    kind="amendment",
    when="2026-04-02 10:00 UTC",
    who="Research lead",
    data_state="baseline seen",
    reason="The follow-up was lengthened by a month, before outcomes were seen.",
    changes=("outcome 'reoffended_12m': redefined, wave from 11-months to 12-months",),
    followed=True,
)
MOVED = Audit(
    (
        Planned(
            "reoffended_12m", "people who reoffended within a year", "primary", "primary", "redefined",
            ("wave from 11-months to 12-months",),
        ),
        Planned("wages", "wages", "secondary", "not reported", "dropped"),
    ),
    ("design.covariates from age to age, sex",),
)  # fmt: skip


def works() -> Result:
    """Matching, fragile, with five outcomes of every kind of answer."""
    return result(
        outcome(
            said={
                "fragile": True,
                "flipped_by": ("without a caliper",),
                "sentence": "The programme led to a better result on reoffending: 2.9 to 15.9 fewer in every 100.",
            }
        ),
        score(),
        score(
            "harms",
            "meaningful",
            name="days in employment",
            unit="days",
            measure="days",
            estimate=score_estimate(
                value=-12.2, conf_low=-18.0, conf_high=-6.4, narrow_low=-17.0, narrow_high=-7.4
            ),
            minimum_important_difference=5,
        ),
        score(
            "inconclusive",
            "uninformative",
            name="wellbeing on the long scale",
            measure="wb",
            estimate=score_estimate(
                value=2.0, conf_low=-28.0, conf_high=32.0, narrow_low=-23.0, narrow_high=27.0
            ),
        ),
        score(
            "inconclusive",
            "uninformative",
            name="drug use",
            measure="du",
            minimum_important_difference=None,
            mid_source="",
        ),
        score(
            "works", "size-uncertain", name="an afterthought", measure="at", planned=False, role="exploratory"
        ),
    )


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
            PLAN,
            deviations=(AMENDED,),
            audit=MOVED,
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
        effect="rate-ratio",
        value=0.81,
        std_error=0.11,
        conf_low=0.65,
        conf_high=1.01,
        narrow_low=0.68,
        narrow_high=0.97,
        standardised=None,
    )
    return result(
        score("harms", "meaningful", role="primary", estimate=worse),
        score(
            "inconclusive",
            "harm-ruled-out",
            kind="count",
            name="arrests",
            better="lower",
            unit="",
            estimate=ratio,
            minimum_important_difference=0.85,
        ),
    )


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
        outcome(
            "not-assessable",
            "overlap",
            estimate=bare,
            checks=(block,),
            balance=(),
            sensitivity=(),
            flow=(),
            mid_source="",
            said=said,
        ),
        plan=PlanFacts("PLAN-004", "Did it?", "", LOCKED),
        data=DataFacts(1040, "", ""),
        flow=(),
        links=(),
        ladders={},
        provenance={},
        settings=(),
    )


def small_counts() -> Result:
    """Seven people with the event in one arm, and a score with six people in the other."""
    few = binary_estimate(
        treated_mean=7 / 412, comparison_mean=0.2, value=-0.183, conf_low=-0.22, conf_high=-0.14
    )
    short = score_estimate(n_comparison=6)
    return result(
        outcome("works", "meaningful", estimate=few),
        score(
            estimate=short,
            checks=(
                Check("people", "fail", 6.0, 10, "block", "Fewer than 10 people were analysed in an arm."),
            ),
        ),
        flow=(*FLOW, FlowStep("covariates complete", 3, "a covariate is missing")),
    )


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
    return result(
        outcome(sensitivity=ways, name="pneumonoultramicroscopicsilicovolcanoconiosis" * 2),
        plan=replace(PLAN, title=title),
    )


def groups() -> Result:
    """Groups that the plan names, one that it does not, a group too small to show, and an exploration."""
    whole = (
        GroupEffect("girls", score_estimate()),
        GroupEffect("boys", score_estimate(), "less trust: balance"),
    )
    apart = (GroupDifference("boys", "girls", -1.2, 0.5, -2.2, -0.2, 0.02, 180.0),)
    said = "The effect differs between groups of 'sex'."
    planned = Subgroup(
        "sex", "more sessions", True, "difference", whole, apart, 0.02, 0.04, "differs", said, 12
    )
    few = (GroupEffect("east", replace(score_estimate(), n_treated=3)), GroupEffect("west", score_estimate()))
    asked = replace(
        planned, by="area", reason="", registered=False, groups=few, sentence="It cannot be told."
    )
    thirds = tuple(Third(name, 100, 1.0, 0.3, 0.4, 1.6) for name in ("lowest third", "highest third"))
    terms = (PathRow("age", 0.3, 0.1, 0.1, 0.5),)
    explored = Heterogeneity(0.8, 0.4, 0.03, 0.2, terms, thirds, "There are signs that the effect varies.")
    return result(replace(score(role="primary"), subgroups=(planned, asked), heterogeneity=explored))


SAMPLES: dict[str, Callable[[], Result]] = {
    "works": works,
    "nothing-worthwhile": nothing_worthwhile,
    "cannot-tell": cannot_tell,
    "harmful": harmful,
    "not-assessable": not_assessable,
    "small-counts": small_counts,
    "unlocked": unlocked,
    "many-ways": many_ways,
    "groups": groups,
}
