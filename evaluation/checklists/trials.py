"""Checklists of trials: CONSORT 2025, and CONSORT 2010 with its extension for clusters, each item in our own words.

Numbers and topics: Hopewell and others (2025); Schulz and others (2010); Campbell and others (2012). Held against
public copies of the checklists, but for those named as remembered.
"""

from __future__ import annotations

from evaluation.checklists.model import Checklist, items

_REMEMBERED_2025 = frozenset(
    {"13", "14", "15", "16a", "16b", "17a", "17b", "18", "19", "20a", "20b", "21a", "21b", "21c", "21d", "22a",
     "22b", "23a", "23b", "24a", "24b", "25", "26", "27", "28", "29", "30"}
)  # fmt: skip
CONSORT_2025 = Checklist(
    "consort-2025",
    "CONSORT 2025",
    "Hopewell and others (2025), trials in which chance decides for each person",
    items(
        """
        1a | Title | says that it is a randomised trial | method | the word randomised in the title
        1b | Summary | design, methods, results and conclusion in short | page one |
        2 | Registration | registry, number, date | | name of the registry, number and date
        3 | Protocol and analysis plan | where both can be read | plan | where the plan can be read by others
        4 | Data sharing | who gets data and code, where, how | | where data and code can be had
        5a | Funding | who paid, and what they had a say in | | who paid, and their part in the study
        5b | Conflicts of interest | of the authors | | interests of all authors
        6 | Background | what was known, and why this trial | links | what was known before, with sources
        7 | Objectives | for benefits and for harms | outcomes | harms that were looked for, by name
        8 | Involvement | of people like those studied | | who was involved, in what
        9 | Trial design | kind, ratio of allocation, what is to be shown | method | the ratio of allocation
        10 | Changes | after the start, with reasons | changes |
        11 | Setting | kinds of place, where | | the places
        12a | Who could take part | rules for people | eligibility | the rules in words
        12b | Who could deliver | rules for sites and staff | | rules for sites and staff
        13 | Programme and comparison | enough to do it again | | TIDieR below, for both arms
        14 | Outcomes | what, how, when, main and other | outcomes | how each was measured
        15 | Harms | how they were looked for | harms | harms that no outcome measures
        16a | Size | how it was arrived at | size | the reckoning at the time of planning
        16b | Looks on the way | and rules for stopping | | that there were none, or which
        17a | Sequence | who made it, how | | who drew the lots, how
        17b | Kind of randomisation | blocks, strata | method | sizes of blocks
        18 | Concealment | how the sequence was kept from those who enrol | | how it was kept
        19 | Who did it | enrolled and assigned people | | who enrolled and who assigned
        20a | Blinding | who did not know | | who knew which arm it was
        20b | How blinding was done | and how alike the arms looked | | how, if at all
        21a | Statistical methods | for every outcome | method |
        21b | Who is in each analysis | and in which group | flow |
        21c | Missing data | how they were dealt with | missing |
        21d | Other analyses | subgroups, sensitivity; planned or not | other ways |
        22a | Flow | allocated, treated, analysed, arm by arm | flow | the numbers arm by arm
        22b | Losses | after allocation, with reasons | losses | reasons arm by arm
        23a | Dates | of recruitment and follow-up | | first and last day of both
        23b | Why it ended | or was stopped | | whether it ended as planned
        24a | Delivery | as it was given | delivery | what people in fact got
        24b | Other care | beside the programme | | what else each arm got
        25 | Baseline | a table of both groups | balance | means and shares of each group
        26 | Numbers and effects | how many, effect and interval for each outcome | outcomes |
        27 | Harms | all of them, in each group | harms | harms that no outcome measures
        28 | Other analyses | subgroups, sensitivity, results | other ways |
        29 | Interpretation | in line with results, benefits against harms | page one | what other studies say
        30 | Limitations | bias, precision, how far it holds | limits |
        """,
        remembered=_REMEMBERED_2025,
    ),
)

_CONSORT_2010 = """
    1a | Title | says that it is a randomised trial | method | the word randomised in the title
    1b | Summary | design, methods, results and conclusion in short | page one |
    2a | Background | what was known, and why this trial | links | what was known before, with sources
    2b | Objectives | or hypotheses | outcomes |
    3a | Trial design | kind, ratio of allocation | method | the ratio of allocation
    3b | Changes to methods | after the start, with reasons | changes |
    4a | Who could take part | rules for people | eligibility | the rules in words
    4b | Setting | where data were collected | | the places
    5 | Programme | for each group, enough to do it again | | TIDieR below, for both arms
    6a | Outcomes | what, how, when, main and other | outcomes | how each was measured
    6b | Changes to outcomes | after the start, with reasons | changes |
    7a | Size | how it was arrived at | size | the reckoning at the time of planning
    7b | Looks on the way | and rules for stopping | | that there were none, or which
    8a | Sequence | how it was made | | who drew the lots, how
    8b | Kind of randomisation | blocks, strata | method | sizes of blocks
    9 | Concealment | how the sequence was kept until allocation | | how it was kept
    10 | Who did it | made the sequence, enrolled, assigned | | who did which
    11a | Blinding | who did not know | | who knew which arm it was
    11b | Likeness | of the programmes in each arm | | how alike they looked
    12a | Statistical methods | for main and other outcomes | method |
    12b | Other analyses | subgroups, adjusted | other ways |
    13a | Flow | allocated, treated, analysed, arm by arm | flow | the numbers arm by arm
    13b | Losses | after allocation, with reasons | losses | reasons arm by arm
    14a | Dates | of recruitment and follow-up | | first and last day of both
    14b | Why it ended | or was stopped | | whether it ended as planned
    15 | Baseline | a table of both groups | balance | means and shares of each group
    16 | Numbers analysed | in each analysis, as allocated or not | outcomes |
    17a | Effects | each group, effect and interval for each outcome | outcomes |
    17b | Yes-or-no outcomes | absolute and relative | outcomes | the relative size
    18 | Other analyses | planned and exploratory told apart | other ways |
    19 | Harms | all of them, in each group | harms | harms that no outcome measures
    20 | Limitations | bias, precision, many outcomes | limits |
    21 | For whom it holds | beyond this trial | limits | for whom it may hold
    22 | Interpretation | in line with results, benefits against harms | page one | what other studies say
    23 | Registration | registry and number | | name of the registry, number and date
    24 | Protocol | where it can be read | plan | where the plan can be read by others
    25 | Funding | who paid, and what they had a say in | | who paid, and their part in the study
"""
CONSORT_2010 = Checklist("consort-2010", "CONSORT 2010", "Schulz and others (2010)", items(_CONSORT_2010))

_CLUSTERS = """
    C1a | Title | says that clusters were randomised | method | cluster randomised in the title
    C2a | Why clusters | and not people | | why whole clusters were allocated
    C2b | Objectives | of the cluster, of the person, or both | | at which level they lie
    C3a | Clusters | what one is, how the design bears on them | method | what a cluster is
    C4a | Which clusters | could take part | | rules for clusters
    C5 | Programme | for clusters, for people, or both | | at which level it was given
    C6a | Outcomes | of clusters, of people, or both | outcomes |
    C7a | Size | number and size of clusters, likeness within | size | the likeness within clusters that was assumed
    C8b | Strata or pairs | of clusters | method |
    C9 | Concealment | allocation by cluster, and from whom it was kept | | how it was kept
    C10a | Who did it | made the sequence, enrolled and assigned clusters | | who did which
    C10b | How people came in | all, or some, of each cluster | eligibility | how people of a cluster were chosen
    C10c | Consent | of whom, before or after allocation | | whose consent, when
    C12a | Analysis | how clusters were taken into account | method |
    C13a | Flow of clusters | allocated, treated, analysed | clusters | clusters allocated and treated
    C13b | Losses | of clusters and of people | losses | clusters lost
    C15 | Baseline | of people and of clusters | balance | of clusters, arm by arm
    C16 | Numbers analysed | clusters in each analysis | clusters |
    C17a | Effects | and the likeness within clusters, for main outcomes | outcomes | the likeness within clusters
    C21 | For whom it holds | clusters, people | limits | for which clusters it may hold
"""
CLUSTERS = Checklist(
    "consort-clusters",
    "CONSORT 2010, extension for clusters",
    "Campbell and others (2012)",
    items(_CLUSTERS, remembered=frozenset({"C15", "C16", "C17a", "C21"})),
)
