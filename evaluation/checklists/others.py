"""Checklists beyond trials: TREND for what chance did not decide, TIDieR for the programme, in our own words.

Numbers and topics: Des Jarlais and others (2004); Hoffmann and others (2014). Held against public copies, but for those
named as remembered.
"""

from __future__ import annotations

from evaluation.checklists.model import Checklist, items

TREND = Checklist(
    "trend",
    "TREND",
    "Des Jarlais and others (2004), programmes that chance did not allocate",
    items(
        """
        1 | Title and summary | how groups came about, whom it is about | page one |
        2 | Background | what was known; theory behind the programme | links | what was known before, with sources
        3 | Participants | rules, recruitment, places | eligibility | how and where people were found
        4 | Programme | what, how, by whom, where, how much, for each group | | TIDieR below, for both groups
        5 | Objectives | or hypotheses | outcomes |
        6 | Outcomes | main and other, how measured, how well | outcomes | how, and how well, each was measured
        7 | Size | how it was arrived at, looks on the way | size | the reckoning at the time of planning
        8 | Assignment | unit, method, and what was done against bias | method | who decided, and by what
        9 | Blinding | who did not know | | who knew which group it was
        10 | Unit of analysis | and how it differs from the unit assigned | clusters | the unit, in words
        11 | Statistical methods | compared how, missing data, software | method |
        12 | Flow | found, assigned, treated, followed, analysed | flow | the numbers group by group
        13 | Dates | of recruitment and follow-up | | first and last day of both
        14 | Baseline | of each group, of those lost, of the people meant | balance | means and shares of each group
        15 | Likeness before | and how it was dealt with | balance |
        16 | Numbers analysed | in each analysis, and by which group | flow |
        17 | Effects | each group, effect and interval; also null ones | outcomes |
        18 | Other analyses | planned and exploratory told apart | other ways |
        19 | Harms | all of them, in each group | harms | harms that no outcome measures
        20 | Interpretation | bias, mechanism, delivery | limits | what other studies say
        21 | For whom it holds | beyond this study | limits | for whom it may hold
        22 | All evidence | this result among others | | other studies: lifecourse evidence pool
        """,
        remembered=frozenset(map(str, (9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 20, 21, 22))),
    ),
)

TIDIER = Checklist(
    "tidier",
    "TIDieR",
    "Hoffmann and others (2014), how a programme is described",
    items(
        """
        1 | Name | of the programme | title |
        2 | Why | theory or aim of what matters in it | links | the theory in words
        3 | What: materials | used, and where to get them | | materials, and where to get them
        4 | What: procedures | steps and activities | | the steps
        5 | Who provided | skills and training | | who, with which training
        6 | How | face to face or not, alone or in groups | | how it is given
        7 | Where | kinds of place | | the places
        8 | When and how much | sessions, how long, how often | dose | sessions, how long, how often
        9 | Tailoring | what was meant to differ from person to person | | what was fitted to whom
        10 | Changes | on the way | | changes to the programme
        11 | How well: planned | how fidelity was to be watched | | how fidelity was watched
        12 | How well: in fact | how far it was given as meant | delivery | how far it was given as meant
        """
    ),
)
EMMIE = (
    ("effect", "Effect", "what happened, and how surely it was found"),
    ("mechanism", "Mechanism", "how it is thought to work, and whether that was seen"),
    ("moderators", "Moderators", "for whom, and where, the effect differs"),
    ("implementation", "Implementation", "what it took, and how far it was done"),
    ("economics", "Economics", "what it cost, and what it was worth"),
)
