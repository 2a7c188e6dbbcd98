"""Errors of the evaluation floor: plans (LC4xx) and the data they are run on (LC45x)."""

from __future__ import annotations

from workspace.errors import LifecourseError, declare
from workspace.toml_source import KeyCodes


class Withheld(LifecourseError):  # noqa: N818 - nothing is wrong: the rules of disclosure hold it back
    """A result that may not be shown."""

    exit_code = 3


class EvaluationError(LifecourseError):
    """A problem in a plan, or in the data it is run on."""

    exit_code = 12


PLAN_KEYS = KeyCodes(unknown="LC401", missing="LC402", wrong="LC403")

declare(
    {
        "LC401": (
            "An unknown key in a plan",
            "A plan is executed exactly as written, so a key the program does not "
            "know is refused: a misspelt "
            "one would otherwise change the analysis in silence.",
            "Correct the spelling or remove the line. The reference of plan keys lists them all.",
        ),
        "LC402": ("A plan lacks a key", "A key the plan must have is not there.", "Add it."),
        "LC403": (
            "A plan's key has the wrong kind of value",
            "The value is of the wrong type or outside its range.",
            "Correct it.",
        ),
        "LC404": (
            "An unknown method",
            "design.method names a method this version does not have.",
            "lifecourse evaluate methods lists the methods and what each assumes.",
        ),
        "LC405": (
            "Not exactly one primary outcome",
            (
                "The primary outcome carries the verdict. A plan has one; two need a reason, "
                "and are then adjusted for."
            ),
            'Give exactly one outcome role = "primary".',
        ),
        "LC406": (
            "A setting this version does not carry out",
            "The key is part of the plan's language, but this version cannot do it. Ignoring it would run "
            "another analysis than the one planned.",
            "Remove the key, or plan with a method that has it.",
        ),
        "LC407": (
            "A kind of outcome the method cannot analyse",
            "Each method analyses certain kinds of outcome.",
            "Choose another method or another outcome; lifecourse evaluate methods shows which fits.",
        ),
        "LC408": (
            "A minimum important difference without a source",
            (
                "The smallest difference that matters decides the verdict, so it needs a "
                "reason that was there before the result."
            ),
            (
                "Add mid_source: an instrument's guide, a funder's threshold, a break-even sum "
                "or a choice of stakeholders."
            ),
        ),
        "LC409": ("The same outcome twice", "An outcome is listed more than once.", "Keep one of them."),
        "LC410": (
            "A rule in the plan cannot be read",
            "where takes comparisons joined by and, or, not.",
            "Write it like: where = \"age >= 18 and sex == 'f'\".",
        ),
        "LC411": (
            "The plan and the theory do not meet",
            "The plan names a link or a measure that theory.toml does not have.",
            "lifecourse theory show",
        ),
        "LC412": (
            "A post-treatment covariate",
            "A covariate is also an outcome of the plan: adjusting for it removes part of the effect.",
            "Take it out of the covariates; use baseline for the outcome before the programme.",
        ),
        "LC420": (
            "The plan is not locked",
            (
                "In a project, outcomes are evaluated from a locked plan. Anything else is "
                "exploratory and is stamped so."
            ),
            "lifecourse plan lock PLAN; or run it with --exploratory.",
        ),
        "LC421": (
            "The plan was changed after it was locked",
            "The fingerprint of the file is not the one that was locked.",
            "Restore the locked text; or register the change: lifecourse plan amend PLAN --reason.",
        ),
        "LC422": (
            "The plan is locked already",
            "A plan is locked once; a changed text of it is registered as its next version.",
            "lifecourse plan amend PLAN --reason; another study needs another id.",
        ),
        "LC423": (
            "The plan cannot be decided",
            "With the people there are, the study could neither show a difference "
            "that matters nor rule one out, "
            "or its outcome ripens after the report is due, or there is nobody to compare with.",
            'Change the plan; or lock it all the same with --waive "reason", which the report prints.',
        ),
        "LC424": (
            "There is no such plan",
            "The plan's file was not found among the project's plans.",
            "lifecourse status; plans are kept in plans/.",
        ),
        "LC425": (
            "There is a plan of that name already",
            "A plan file is never overwritten.",
            "Choose another id.",
        ),
        "LC426": (
            "There is no such evaluation",
            "No saved result has that number.",
            "lifecourse status names the evaluations that were run.",
        ),
        "LC427": (
            "A result that cannot be read",
            "The file is no result of an evaluation, or of an earlier version that kept less.",
            "Run the plan again: lifecourse evaluate run PLAN.",
        ),
        "LC451": (
            "The treatment is not 0 or 1",
            "The treatment column must say 1 for treated and 0 for comparison.",
            "Recode it; leave it blank where it is not known.",
        ),
        "LC452": (
            "One arm only",
            "After the plan's rules all people are in one arm, so there is nothing to compare.",
            "Look at where, and at the treatment column.",
        ),
        "LC453": (
            "A column the plan needs is not in the data",
            "The plan names a column or variable that the data does not have.",
            "Correct the plan or the data.",
        ),
        "LC454": (
            "A value is not a number",
            "A column that must hold numbers holds something else.",
            "Correct the data; leave missing values blank.",
        ),
        "LC455": (
            "An outcome outside its range",
            "A value lies outside the range of its measure.",
            "Correct the data, or the range in the plan.",
        ),
        "LC456": (
            "A binary outcome is not 0 or 1",
            "A binary outcome holds 1 where it happened and 0 where it did not.",
            "Recode it; leave missing values blank.",
        ),
        "LC457": (
            "Nobody is left",
            "After the plan's rules no row is left.",
            "Look at where, and at missing values.",
        ),
        "LC458": (
            "The same person twice",
            "The unit column holds a value more than once; one row a person is needed.",
            "Keep one row a person.",
        ),
        "LC459": (
            "A category with too many values",
            "A covariate that is not a number has more values than can be adjusted for.",
            "Group its values.",
        ),
        "LC460": (
            "A variable at several waves",
            "The variable was observed at more than one wave.",
            'Say which: "name@wave", or wave = "…" for an outcome.',
        ),
        "LC901": (
            "A result is held",
            "The plan was run before, and people withdrew or were erased since. The new result differs from the "
            "earlier one by too few people: side by side the two would give away what is known of those who left.",
            "Keep using the earlier result. Run the plan again after the next delivery.",
        ),
        "LC466": (
            "A count that is none",
            "A count outcome holds how often something happened: 0, 1, 2 and so on.",
            "Correct the data; leave missing values blank.",
        ),
        "LC467": (
            "An exposure that is not above 0",
            "The exposure is the time, or whatever else, over which events could be counted. Without any nobody could "
            "have had one.",
            "Leave it blank where there was none: the person then counts as one whose outcome was not seen.",
        ),
        "LC468": (
            "What was taken up is not 0 or 1",
            "The compliance column says 1 for who took part and 0 for who did not, whatever arm they were in.",
            "Recode it; leave it blank where it is not known.",
        ),
        "LC469": (
            "An arm that is not in the data",
            "The plan compares two values of the treatment column, and the data lack one of them.",
            "Correct arm or comparison in the plan, or the data.",
        ),
        "LC470": (
            "A weight or a share that is none",
            "Weights are numbers above 0; the share of a period that was recorded lies between 0 and 1.",
            "Correct the data; leave it blank where it is not known.",
        ),
        "LC479": (
            "The same unit twice in a period",
            "A panel has one value of each unit and period.",
            "Add the rows up, or name a finer unit or time.",
        ),
        "LC480": (
            "What belongs to a unit changes over time",
            "The group, the cluster and the first treated period are the unit's own, the same in all its rows.",
            "Correct the data. Where units start at different times use staggered-adoption, with the first treated "
            "period of each in a column.",
        ),
        "LC481": (
            "A time that cannot be read",
            "Times are years, quarters (2014-Q1), months (2014-03), dates (2014-03-01) or evenly spaced numbers.",
            "Write every time the same way.",
        ),
        "LC484": (
            "A treatment that disagrees with its start",
            "Staggered adoption takes a unit as treated from its first treated period on. The plan also names the "
            "treatment by period, and the two disagree, or a unit stops being treated.",
            "Correct the columns; leave out units that stop with where, or end the window before they do.",
        ),
        "LC482": (
            "The start is not inside the data",
            "A comparison of before and after needs a period on each side of the first treated one.",
            "Correct start in the plan: write it as the time column does.",
        ),
        "LC483": (
            "A group without a before or an after",
            "A difference in differences compares the change of two groups: each is seen before and after the start.",
            "Look at where, at the treatment column (it marks the group in all periods) and at start.",
        ),
        "LC492": (
            "A start outside the data",
            "What came after the start is held against what was before it, so periods of both are needed.",
            "Correct start in the plan, or look at where and at the time column.",
        ),
        "LC493": (
            "A period that is not before the start",
            "The plan names a period on which units were chosen, and the data have none such before the start.",
            "Write it as the time column does; correct it or start.",
        ),
        "LC494": (
            "Where a place lies, or what an offence weighs, cannot be read",
            "A place lies in one zone and one larger unit all the time, and every kind of offence has a weight.",
            "Zones are treated, control, treated-buffer and control-buffer; every kind of offence needs a weight.",
        ),
        "LC486": (
            "Several rows in one period of a series",
            "Without a unit a series has one row a period (one in each group, where there is a comparison).",
            "Name the column that tells the series apart as unit, or keep one row a period.",
        ),
        "LC487": (
            "A covariate that is none of a series",
            "A covariate of a series is a number that is the same for every series in a period.",
            "Leave it out; a population belongs to offset or exposure.",
        ),
        "LC488": (
            "A start outside the data",
            "A synthetic control needs periods before the start, to find its weights, and periods from it on.",
            "Correct start in the plan, or where.",
        ),
        "LC489": (
            "An area the plan names is not in the data",
            "Treated areas, donors and areas to leave out are named as the unit column writes them; a predictor must "
            "be known of the treated area before the start.",
            "Correct the plan or the data.",
        ),
        "LC490": (
            "A treatment that does not follow the cut-off",
            "A sharp regression discontinuity needs that everybody who reaches the cut-off is treated and nobody else. "
            "The treatment column says otherwise for some.",
            "Name what was received as fuzzy, and leave treatment out; or correct the plan or the data.",
        ),
        "LC491": (
            "Every score on one side of the cut-off",
            "The effect at a cut-off is read from people on both sides of it.",
            "Correct the cut-off in the plan, or keep the people of both sides in the data.",
        ),
        "LC475": (
            "A subgroup column with too many values",
            "Subgroups compare a few groups of people with one another; each needs people enough in both arms.",
            "Cut numbers into bands, or group the values, before the plan is locked.",
        ),
        "LC476": (
            "Rows of intervals that do not follow one another",
            "Each row is a time in which the person was at risk. A person's rows must not overlap, must say whose they "
            "are, and end with what ends the watching.",
            "Correct the rows that are named. An event that may come again needs recurrent = true.",
        ),
        "LC477": (
            "A person's rows disagree",
            "Arm, cluster, strata, covariates and whatever the rule looks at belong to the person: they are the same "
            "in all rows of intervals.",
            "Correct the data. A covariate that truly changes over time is named under changing.",
        ),
        "LC478": (
            "Numbers beyond what can be reckoned with",
            "Estimates rest on squares of squares of the values, summed over people. Beyond 1e30, and below 1e-30, a "
            "computer loses them, and what came out would be an accident.",
            "Correct the data, or give the column in another unit.",
        ),
        "LC461": (
            "A variable with no values",
            "No file with values of this variable has been loaded.",
            "lifecourse cohort show COHORT",
        ),
    }
)
