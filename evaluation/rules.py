"""Numbers that decide something and were not held against the source they name, so that results can say so (pure).

The rules register (docs/reference/rules-register.md) lists every number with its source; here stand those of its rows
that are marked ``memory`` or ``unsure``, with what rests on them. A test holds the two together. A number that is
checked later loses its row here and its mark there.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from evaluation.model import Check, OutcomeResult, Rung, SecurityFact

MEMORY: Final = "memory"
UNSURE: Final = "unsure"
JDL, EEF = "Justice Data Lab", "Education Endowment Foundation, classification of security"
GUIDANCE = "Education Endowment Foundation, statistical analysis guidance (2022)"
WWC = "What Works Clearinghouse handbook 4.1"


@dataclass(frozen=True, slots=True)
class Unverified:
    """A number, by the place the register gives for it. ``limit``: of checks with several, the one it is."""

    place: str
    source: str
    checked: Literal["memory", "unsure"] = "memory"
    checks: tuple[str, ...] = ()
    limit: float | None = None
    parts: tuple[str, ...] = ()
    ladders: tuple[str, ...] = ()


UNVERIFIED: tuple[Unverified, ...] = (
    Unverified("evaluation.site.colour_rules.TEXT", "WCAG 2.2, 1.4.3 and 1.4.11 (level AA)"),
    Unverified("theory_of_change.tracking.control.WIDTH", "Shewhart (1931), as in Montgomery's textbook"),
    Unverified("evaluation.gates.FEWEST", JDL, checks=("people",), limit=30),
    Unverified("evaluation.balance.GREEN", JDL, checks=("balance",), limit=0.05),
    Unverified("evaluation.balance.AMBER", JDL, checks=("balance",), limit=0.10),
    Unverified("evaluation/inference.py", "Hedges (1981); What Works Clearinghouse handbook 4.1"),
    Unverified("evaluation.gates.SOME_MISSING", GUIDANCE, checks=("missing outcomes",), limit=0.05),
    Unverified("evaluation.security.MDES_BANDS", EEF, parts=("size",)),
    Unverified("evaluation.security.ATTRITION_BANDS", EEF, parts=("attrition",)),
    Unverified("evaluation/methods/registry.py", EEF, parts=("design",), ladders=("padlocks",)),
    Unverified("evaluation/ladders.py", "College of Policing and UCL; quality levels", ladders=("emmie",)),
    Unverified("evaluation/ladders.py", "GRADE working group", ladders=("grade",)),
    Unverified(
        "evaluation.ladders.FEWEST_EIF",
        "Early Intervention Foundation, standards of evidence",
        UNSURE,
        ladders=("eif",),
    ),
    Unverified("evaluation.inference.COX", WWC),
    Unverified(
        "evaluation/families/adjusting.py",
        "What Works Clearinghouse; version 5 differs",
        UNSURE,
        checks=("several outcomes",),
    ),
    Unverified("evaluation/methods/registry.py", "What Works Growth, scoring guide", ladders=("sms",)),
    Unverified("evaluation/methods/cluster_settings.py", "What Works Clearinghouse, for attainment"),
    Unverified("evaluation.trials.compliance.WEAK", "Staiger and Stock (1997)", checks=("take-up",)),
    Unverified("evaluation.observed.e_value.COMMON", "VanderWeele and Ding (2017)", checks=("e-value",)),
    Unverified("evaluation.matched.pairing.DEFAULT_CALIPER", "Austin (2011)"),
    Unverified("evaluation/power.py", "Cohen (1988)"),
    Unverified(
        "workspace/settings.py", "rule of ten, as in secure research services", checks=("disclosure",)
    ),
    Unverified(
        "evaluation/economics/tables/appraisal.toml",
        "Greater Manchester cost-benefit model; the mapping is ours",
        checked=UNSURE,
    ),
    Unverified("evaluation.economics.draws.SHAPE", "Malcolm and others (1959)"),
    Unverified(
        "evaluation/economics/tables/appraisal.toml", "Education Endowment Foundation", checked=UNSURE
    ),
    Unverified(
        "evaluation/amending/audit.py", "COMPare: Goldacre and others (2019); what counts as redefined: own"
    ),
    Unverified(
        "evaluation/power_analysis/snapshots.py",
        "Education Endowment Foundation, statistical analysis guidance (2022)",
    ),
    Unverified("evaluation.power_analysis.stated.ICC", "What Works Clearinghouse, for attainment"),
    Unverified("evaluation.power_analysis.stated.ICC_TRIED", "What Works Clearinghouse"),
    Unverified("evaluation.explaining.gathered.LEAST_RELIABLE", "field standards 5.3"),
    Unverified("theory_of_change.tracking.runs.RUN", "Western Electric (1956)"),
    Unverified("evaluation.synthesis.missing_studies.FEWEST_STUDIES", "Sterne and others (2011)"),
    Unverified("evaluation.evidence.pool.FEWEST_DF", "Tipton (2015)"),
)
WORDS = {MEMORY: "quoted from memory of: {}", UNSURE: "not sure of: {}"}
COLUMNS = ("design", "size", "attrition")  # of the security level: the lowest of them decides


def of_check(check: Check) -> str:
    """Whose limit a check that found something rests on, where that was not held against its source; else empty."""
    if check.result == "pass":
        return ""
    found = (rule for rule in UNVERIFIED if check.name in rule.checks and rule.limit in (None, check.limit))
    return _said(next(found, None))


def of_fact(fact: SecurityFact, outcome: OutcomeResult) -> str:
    """The same of the part that set the security level. Areas have bands of our own for their size."""
    columns = [other.level for other in outcome.verdict.security_facts if other.part in COLUMNS]
    decides = not columns or fact.level == min(columns)
    if not decides or (fact.part == "size" and outcome.units == "areas"):
        return ""
    return _said(next((rule for rule in UNVERIFIED if fact.part in rule.parts), None))


def of_rung(rung: Rung) -> str:
    """The same of a grade on a ladder of evidence."""
    if rung.grade is None:
        return ""
    return _said(next((rule for rule in UNVERIFIED if rung.ladder in rule.ladders), None))


def brief(said: str) -> str:
    """The mark as a table prints it; whose number it is stands in the JSON and in the rules register."""
    return "from memory" if said.startswith(WORDS[MEMORY].format("")) else "unsure"


def marked(fields: dict[str, object], said: str) -> dict[str, object]:
    """The fields with the mark, where there is one."""
    return fields | {"unverified": said} if said else fields


def _said(rule: Unverified | None) -> str:
    return WORDS[rule.checked].format(rule.source) if rule else ""
