"""What the program writes itself is held to its own rules; what people change in it is found."""

from __future__ import annotations

import ast
import itertools
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

import tests.evaluation.report_samples as people_samples
from evaluation.claims.documents import from_html, from_markdown
from evaluation.claims.linter import lint
from evaluation.claims.model import ClaimFinding, Passage, Subject
from evaluation.claims.subjects import subjects_of
from evaluation.model import Result
from evaluation.per_hundred import at_a_rate
from evaluation.reporting.html import render_report
from evaluation.result import as_payload
from evaluation.times.timing import Timing
from evaluation.wording import Scene, can_say, cannot_say, next_steps, sentence
from tests.commands.program import ROOT
from tests.evaluation.panel_samples import PANEL_SAMPLES
from tests.evaluation.report_reader import PROFILE
from tests.evaluation.test_wording import scene

PEOPLE = (
    "works",
    "nothing_worthwhile",
    "cannot_tell",
    "harmful",
    "not_assessable",
    "small_counts",
    "unlocked",
    "groups",
)
SAMPLES = {name: getattr(people_samples, name) for name in PEOPLE} | dict(PANEL_SAMPLES)
SELF_CONTRADICTING = {
    "difference-in-differences"
}  # that sample is made with an open answer and a sentence that is none
DIFFERENCES = {"unit": "points", "name": "reading score"}
RISKS: dict[str, Any] = {
    "kind": "binary", "effect": "risk-difference", "unit": "", "name": "proven reoffending within a year",
    "minimum_important_difference": 0.05,
}  # fmt: skip
RATIOS: dict[str, Any] = {
    "kind": "count", "effect": "rate-ratio", "unit": "", "name": "arrests", "minimum_important_difference": 0.8,
}  # fmt: skip
TIMED = RATIOS | {
    "kind": "time-to-event",
    "effect": "hazard-ratio",
    "timing": Timing("weeks", "arrest"),
    "name": "first arrest",
}
ODDS = RATIOS | {"kind": "binary", "effect": "odds-ratio", "name": "suspension"}
POINTS = (
    (2.0, 4.0),
    (0.2, 4.0),
    (0.1, 0.8),
    (-0.5, 0.5),
    (-0.5, 4.0),
    (-4.0, 0.5),
    (-4.0, 4.0),
    (-4.0, -0.2),
    (-4.0, -2.0),
)
TIMES = (
    (0.3, 0.6),
    (0.4, 0.95),
    (0.85, 0.97),
    (0.9, 1.1),
    (0.9, 1.6),
    (0.5, 1.1),
    (0.5, 1.9),
    (1.05, 1.8),
    (1.6, 2.4),
)
STRIDE = 11  # prime to every factor of the grid, so that all of them still meet; 1 runs it whole (30 s)
METHODS = (
    ("people", "randomised"), ("people", "matching"), ("people", "difference-in-differences"),
    ("people", "regression-discontinuity"), ("areas", "synthetic-control"), ("areas", "interrupted-time-series"),
    ("areas", "before-after"),
)  # fmt: skip


def grid() -> Iterator[Scene]:
    """Every row of the verdict table, by effect, direction, security, method and lock."""
    kinds = (
        (DIFFERENCES, POINTS),
        (RISKS, tuple((a / 20, b / 20) for a, b in POINTS)),
        (RATIOS, TIMES),
        (TIMED, TIMES),
        (ODDS, TIMES),
    )
    for parts, ends in kinds:
        for (low, high), better, security in itertools.product(ends, ("lower", "higher"), (0, 1, 3)):
            for margin in (parts.get("minimum_important_difference", 1.0), None):
                own = {**parts, "better": better, "minimum_important_difference": margin}
                made = scene(low, high, security=security, locked=margin is not None, **own)
                e = replace(made.estimate, comparison_mean=0.4, n_treated=1000, n_comparison=1000)
                for units, method in METHODS:
                    yield replace(made, estimate=e, units=units, method=method)  # type: ignore[arg-type]


def subject_of(made: Scene) -> Subject:
    o, e = made.outcome, made.estimate
    return Subject(
        "EVAL-001", o.measure, o.label, "primary", o.kind, o.better, o.unit, o.effect, made.ruling.answer,
        made.ruling.detail, made.security, e.value, e.conf_low, e.conf_high, e.treated_mean, e.comparison_mean,
        compared=made.ruling.answer != "changed" and made.ruling.detail != "no-comparison",
    )  # fmt: skip


def passages_of(made: Scene) -> list[Passage]:
    said = (
        ("Answer", (sentence(made),)),
        ("What you can say", can_say(made)),
        ("What you cannot say", cannot_say(made)),
    )
    steps = next_steps(made, (0.3, 0.1))
    return [
        Passage(line, f"{head} {i}", head)
        for head, lines in (*said, ("Next", steps))
        for i, line in enumerate(lines)
    ]


def told(found: tuple[ClaimFinding, ...]) -> list[tuple[str, str]]:
    return [(f.rule, f.phrase) for f in found]


def test_every_sentence_of_the_wording_passes_against_its_own_result() -> None:
    answers, checked = set(), 0
    for made in itertools.islice(grid(), 0, None, STRIDE):
        answers.add((made.ruling.answer, made.ruling.detail))
        passages = passages_of(made)
        checked += len(passages)
        found = lint(passages, (subject_of(made),))
        assert told(found) == [], [p.text for p in passages if p.where == found[0].where]
    assert len(answers) >= 12, "every row of the verdict table is reached"
    assert checked > 1_500


def test_the_numbers_of_generated_sentences_are_read_and_would_be_caught() -> None:
    """A sentence held against another result is found out, so that passing the one above means something."""
    caught = total = 0
    for made in itertools.islice(grid(), 0, None, 29):
        if made.ruling.answer == "not-assessable" or made.outcome.timing:
            continue
        own = subject_of(made)
        assert own.low is not None
        assert own.high is not None
        other = replace(own, low=own.low * 1.7 + 0.3, high=own.high * 1.7 + 0.3)
        total += 1
        caught += any(f.rule == "disagrees" for f in lint([Passage(can_say(made)[0], "x")], (other,)))
    assert total > 20
    assert caught == total


def test_every_ratio_is_also_told_per_hundred_where_the_rate_is_known() -> None:
    for made in grid():
        if made.outcome.is_ratio:
            line = at_a_rate(made.outcome, made.estimate, made.nouns, made.method, made.units)
            assert line in can_say(made)
            assert "every 100" in line or made.units == "areas"
        else:
            ends = " in every 100" if made.outcome.effect == "risk-difference" else " points"
            assert ends in can_say(made)[0]
            assert "between" in can_say(made)[0]


def page(result: Result) -> str:
    return render_report(result, PROFILE)


@pytest.mark.parametrize("name", SAMPLES)
def test_whole_reports_pass_against_their_own_result(name: str) -> None:
    result = SAMPLES[name]()
    subjects = subjects_of(as_payload(result, None))
    found = {f.rule for f in lint(from_html(page(result)), subjects)}
    assert found == ({"cause"} if name in SELF_CONTRADICTING else set())


@pytest.mark.parametrize(
    ("old", "new", "rule"),
    [
        ("We cannot tell yet whether the programme changed", "The programme had no effect on", "no-effect"),
        ("We cannot tell yet whether the programme changed", "The programme works: see", "cause"),
        ("We cannot tell yet whether the programme changed", "There is a promising trend in", "trend"),
        ("between 4 fewer and 7 more", "between 4 and 7 fewer", "disagrees"),
        ("between 4 fewer and 7 more", "7 more", "no-range"),
        ("proven reoffending", "days in employment, up by between 6 and 18 days; see", "headline"),
    ],
)
def test_what_somebody_changes_in_a_report_is_found(old: str, new: str, rule: str) -> None:
    from tests.evaluation.claims.samples import DAYS, OPEN

    text = (
        "# What the course changed\n\nWe cannot tell yet whether the programme changed proven reoffending: "
        "between 4 fewer "
        "and 7 more in every 100.\n\n## Other outcomes\n\nOn days in employment, those treated came out "
        "between 6 and 18 days "
        "higher than the others.\n"
    )
    assert lint(from_markdown(text), (OPEN, DAYS)) == ()
    head, _, rest = text.partition("## Other")
    edited = f"{head.replace(old, new)}## Other{rest}"
    assert rule in {f.rule for f in lint(from_markdown(edited), (OPEN, DAYS))}


def sentences_in_the_source() -> Iterator[tuple[str, str]]:
    """Every text of the evaluation floor that begins like a sentence; what is put in at run time is a 7."""
    for path in sorted((ROOT / "evaluation").rglob("*.py")):
        if "claims" in path.parts or "errors" in path.name:
            continue
        tree = ast.parse(path.read_text(encoding="utf-8"))
        inside = {
            id(value) for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for value in node.values
        }
        documented = (ast.Module, ast.FunctionDef, ast.ClassDef)
        inside |= {
            id(n.body[0].value)
            for n in ast.walk(tree)
            if isinstance(n, documented) and isinstance(n.body[0], ast.Expr)
        }
        for node in (found for found in ast.walk(tree) if isinstance(found, ast.expr)):
            text = ""
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in inside:
                text = node.value
            elif isinstance(node, ast.JoinedStr):
                text = "".join(str(v.value) if isinstance(v, ast.Constant) else "7" for v in node.values)
            if " " in text and text[:1].isupper():
                yield f"{path.name}:{node.lineno}", text


def test_no_sentence_of_a_check_or_a_report_breaks_a_rule() -> None:
    """The sentences of the verdict itself need their result; they are held to it above."""
    hard = {
        "no-effect",
        "significance",
        "nearly",
        "trend",
        "stars",
        "proof",
        "individual",
        "beyond",
        "national-average",
        "worst-first",
    }
    found = [
        (where, f.rule, f.phrase)
        for where, text in sentences_in_the_source()
        for f in lint([Passage(text, where)])
        if f.rule in hard and not where.startswith("wording.py")
    ]
    assert found == []
