"""Texts to begin with: valid, small, and for most of them taken from nobody."""

from __future__ import annotations

from tests.cohorts.agreements import TEXT
from tests.cohorts.area_files import WIDE

NUMBER, NAME = "9434765919", "Quilbrax"
MAPPING = """[source]
id = "given"
title = "People"
cohort = "leavers"
enrols = true
dates = "dd/mm/yyyy"
rejects = "stop"
wave = "release"
ignore = ["Surname"]
missing = { "99" = "not known" }
[[identifier]]
column = "NHS"
kind = "nhs-number"
required = true
[[index_date]]
column = "Out"
[[variable]]
column = "Born"
name = "age"
kind = "age"
[[variable]]
column = "Aid"
name = "aid"
kind = "binary"
[[variable]]
column = "Area"
name = "area"
kind = "category"
codes = ["North", "South"]
[[variable]]
column = "Convictions"
name = "convictions"
kind = "number"
minimum = 0
maximum = 100
"""
AREAS = WIDE.replace('"police"', '"given"')
AREA_ROWS = (
    "Code,Month,Violence,Population\n"
    + "".join(f"E0900000{a},2024-0{m},{a * m},{1000 * a}\n" for a in (1, 2) for m in range(1, 6))
)  # fmt: skip
TRACKED = """[[measure]]
id = "MEA-001"
name = "Hospital admissions"
aim = "reduce"
unit = "count"
target = 80
target_by = 2027-03-31
[[measure.break]]
starts = 2024-04-01
why = "new recording"
[[measure]]
id = "MEA-002"
name = "Share of pupils"
aim = "increase"
unit = "share"
kind = "outcome"
"""
SETTINGS = """[project]
id = "demo-1"
name = "Demo"
[database]
url = "sqlite:///data/x.sqlite"
[disclosure]
threshold = 10
rounding = 5
[roles]
lead = "A"
[governance]
agreements = "optional"
[pseudonyms]
keys = "one"
"""
CODE_LIST = """[definition]
id = "given"
title = "Serious violence"
version = "2024"
source = "a reading of our own"
verified = false
valid_from = 2024-04-01
[[branch]]
name = "serious"
categories = ["yes", "no"]
[[equivalent]]
scheme = "old"
code = "4/3"
to = "yes"
why = "merged"
"""
OBLIGATIONS = """[[obligation]]
id = "OBL-001"
duty = "Publish the yearly strategy"
source = "Duty guidance"
due = 2027-01-31
owner = "Director"
every = "year"
[[done]]
obligation = "OBL-001"
due = 2027-01-31
on = 2027-01-30
by = "Director"
"""
AGREEMENT = TEXT.replace('"shared"', '"given"')
EVIDENCE = """[[study]]
id = "a-study"
citation = "A. Author (2020), A study"
outcome = "reoffending"
better = "lower"
design = "randomised"
minimum_important_difference = 0.85
mid_source = "guide"
moderators = { dose = 3, place = "prison" }
[[study.version]]
date = 2020-05-01
source = "report"
scale = "risk-ratio"
effect = 0.8
conf_low = 0.7
conf_high = 0.95
n = 400
events_treated = 40
n_treated = 200
events_comparison = 50
n_comparison = 200
[[claim]]
id = "a-claim"
text = "It fell by a third"
said_by = "A minister"
date = 2021-02-03
comparison = "before"
"""
EDITS = """evaluation = "EVAL-001"
[[sentence]]
id = "can-say-1"
generated = "It worked."
text = "It worked here."
[[added]]
under = "next"
text = "Ask again in a year."
"""
DOCUMENT = """---
title: A report
---
# What we found
Reoffending fell by 12 % (95 % CI 3 to 20) among {name}, NHS 943 476 5919. It **works**, p < 0.05.

| Outcome | Before | After |
|---|---|---|
| Arrests | 120 | 90 |

> "A significant trend", they said. <!-- a remark --> [a link](http://x) ![a picture](y.png)

- The course reduced violence by a third, from 1 in 3 to 20.5 per 100.
```
code
```
""".replace("{name}", NAME)
PAGE = f"""<!DOCTYPE html><html><head><title>T</title><style>p {{}}</style></head><body><h1>Found</h1>
<p>Reoffending fell by 12&nbsp;% among {NAME} <b>and</b> it works.</p>
<table><tr><th>Arrests</th><td>90</td></tr></table>
<script>var a = 1 < 2;</script><ul><li>Significant trend</li></ul><!-- no --></body></html>"""
