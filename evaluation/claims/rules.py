"""The rules a claim is held against: why each is there, what to write instead, and examples of both kinds.

Severity is that of the rule alone; the check may be milder where no result was given (see
:mod:`evaluation.claims.linter`).
"""

from __future__ import annotations

from evaluation.claims.model import Rule

RULES: tuple[Rule, ...] = (
    Rule(
        "no-effect", "error", "No effect, without a result that shows it",
        "Too few people look just like no effect. Only an interval that lies within the difference that matters, on "
        "both sides, shows that there was none worth having.",
        "Say that we cannot tell yet, and give the range; or what is ruled out.",
        ("The course had no effect on reoffending.", "The tags did not work."),
        ("We cannot say that the course had no effect.", "A benefit as large as 5 in every 100 is ruled out."),
    ),
    Rule(
        "significance", "error", "Significant",
        "To most readers it means large or important; it says neither, nor how sure one can be.",
        "Give the range, like: between 4 fewer and 7 more in every 100.",
        ("There was a significant fall in violence.", "The difference is not statistically significant."),
        ("There was a risk of significant harm.", "Significant others were invited."),
    ),
    Rule(
        "nearly", "error", "Nearly significant",
        "A result that just missed a line is an open result. The same words are never used of one that just made it.",
        "Give the range, and say that it leaves the question open.",
        ("The fall approached significance.", "A marginally significant reduction was seen."),
        ("The range leaves the question open.",),
    ),
    Rule(
        "trend", "error", "Trend",
        "It turns ups and downs, or an open result, into a direction.",
        "Give the numbers of the periods, or the range of the change.",
        ("Knife crime shows a downward trend.", "There was a trend towards fewer exclusions."),
        ("The check of parallel trends passed.", "Admissions were 309, 293 and 148 in the three years."),
    ),
    Rule(
        "p-value", "error", "A p-value as an argument",
        "A p-value is not the chance that the result is right, and says nothing of size.",
        "Give the estimate with its range; leave p-values to the tables of checks.",
        ("p = 0.06 suggests that the approach is promising.", "The fall was confirmed (p<0.05)."),
        ("The report prints intervals and not p-values alone.",),
    ),
    Rule(
        "stars", "error", "Stars behind numbers",
        "Stars hide how large and how uncertain a difference is.",
        "Give the range.",
        ("The effect was -0.12**.", "Absence: 2.4*** (0.8)."),
        ("The effect was between 0.02 and 0.22 lower.",),
    ),
    Rule(
        "cause", "error", "A cause that is not shown",
        "That something changed, or went with the programme, does not show that the programme did it.",
        "Name the finding that shows it, or say what was seen: was associated with; changed.",
        ("Thanks to the course, reoffending is falling.", "The evidence shows it's working."),
        ("The programme was associated with lower reoffending.", "The course aims to reduce reoffending."),
    ),
    Rule(
        "proof", "error", "Proof",
        "One study is a promise. No study of people proves anything for everybody.",
        "Say what was found, how surely, and for whom.",
        ("The pilot proves that early help pays.", "The approach is proven."),
        ("Proven reoffending is counted over one year.", "Bring proof of address."),
    ),
    Rule(
        "direction", "error", "The wrong direction",
        "The result lies on the other side.",
        "Give the range with its direction.",
        ("The programme led to higher reoffending.",),
        ("The programme led to a better result on reoffending: between 4 and 12 fewer in every 100.",),
    ),
    Rule(
        "disagrees", "error", "A number that is not the result's",
        "The saved result says otherwise: a slip of the pen, an older version, or another outcome.",
        "Copy the range from the result.",
        ("Reoffending: between 8 and 20 fewer in every 100.",),
        ("Reoffending: between 4 and 12 fewer in every 100.",),
    ),
    Rule(
        "headline", "error", "A headline that is not the primary outcome's",
        "Of ten outcomes that nothing changes, four in ten times at least one looks better by chance. The "
        "outcome named "
        "before the data were seen carries the headline.",
        "Begin with the primary outcome; then say of the other that it was a secondary one.",
        ("# Success on our secondary outcome: fewer assaults",),
        ("# Reoffending: we cannot tell yet",),
    ),
    Rule(
        "no-range", "warning", "A number without its range",
        "A single number looks surer than it is.",
        "Give both ends, like: between 4 and 12 fewer in every 100.",
        ("Robbery fell by 36%.", "There were 5 fewer assaults in every 100 pupils."),
        ("There were between 1 and 9 fewer assaults in every 100 pupils.", "74% completed the form."),
    ),
    Rule(
        "relative-change", "warning", "Per cent of what",
        "36 % fewer may be 4 in place of 6, or 400 in place of 600.",
        "Give both numbers, or people in every 100.",
        ("Robbery fell by between 30% and 40%.",),
        ("Robbery fell by between 30% and 40%, from 309 in the year before.",),
    ),
    Rule(
        "percentage-points", "error", "Per cent in place of percentage points",
        "From 20 % to 25 % is 5 percentage points, and a quarter more.",
        "Write percentage points, or people in every 100.",
        ("Reoffending rose by 5% (from 20% to 25%).",),
        ("Reoffending rose by 5 percentage points (from 20% to 25%).",),
    ),
    Rule(
        "worst-first", "error", "A fall where it was worst, with nothing to compare it with",
        "Places chosen because they had just been at their worst are seldom as bad the next year, whatever is done: "
        "regression to the mean.",
        "Compare with places that just missed being chosen, leave out the period by which they were chosen, and give "
        "the range.",
        ("Violent crime fell in hotspots.",),
        ("In hotspots robbery fell by more than on comparison streets.",),
    ),
    Rule(
        "no-comparison", "warning", "Before and after, with nothing to compare it with",
        "Nothing shows what would have happened otherwise.",
        "Name what it is compared with, or say that it changed and that we cannot tell why.",
        ("Since the launch of the programme, knife crime has fallen.",),
        ("Since the launch knife crime has fallen by more than in similar areas without it.",),
    ),
    Rule(
        "national-average", "error", "Compared with an average of everybody",
        "Those in a programme are not like the country: they were chosen, or chose it. An average of everybody is no "
        "comparison.",
        "Compare with people alike in all that matters, who did not have the programme.",
        ("Participants reoffended less than the national average.",),
        ("Child poverty in the county is above the national average.",),
    ),
    Rule(
        "individual", "error", "Single people changed",
        "A study shows how many more or fewer there were among all. Who would have done what without it, nobody saw.",
        "Say how many more or fewer in every 100, as a range.",
        ("The project prevented 120 young people from entering custody.", "The scheme has saved 12 lives."),
        ("We worked with 120 young people in custody.",),
    ),
    Rule(
        "beyond", "error", "Beyond those who were studied",
        "The result is of these people, in this place, at this time.",
        "Say whom it was tested with; elsewhere it is to be tested.",
        ("Mentoring works for every young person.", "The approach would work anywhere in the country."),
        ("It does not follow that it would work in other areas.",),
    ),
    Rule(
        "subgroup", "warning", "Better for some",
        "That a group did well is not that it did better than the others. Looked at often enough, some group always "
        "stands out.",
        "Give the difference between the groups with its range, and say whether it was planned.",
        ("It worked best for girls.",),
        ("Whether the effect differs between girls and boys was set down in the plan.",),
    ),
    Rule(
        "language", "warning", "A word that makes a person a problem",
        "People read what is written of them. A label outlasts what somebody did, or what was done to them.",
        "Say what happened, or what somebody did, of a person.",
        ("Forty offenders took part.", "Sessions reach hard-to-reach families."),
        ("Forty people who have offended took part.", "The young offender institution sends a list."),
    ),
)  # fmt: skip
RULE = {rule.id: rule for rule in RULES}
