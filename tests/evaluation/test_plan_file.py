"""plan.toml to a plan: what it means, its fingerprint, and every fault with its line."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evaluation.errors import EvaluationError
from evaluation.methods.matching import MatchingSettings
from evaluation.methods.randomised import RandomisedSettings
from evaluation.methods.registry import METHODS
from evaluation.plan import AnalysisPlan, fingerprint
from evaluation.plan_file import read_plan
from evaluation.starter import starter_plan
from tests.evaluation.studies import make_plan, plan_text, read
from theory_of_change.model import Measure
from workspace.toml_source import parse_toml

GOOD = """\
[plan]
id = "thinking-skills-2026"
title = "Did the course reduce reoffending?"
links = ["A3>O5", "O5>L2"]

[population]
cohort = "prison-leavers"
where = "age >= 18"

[design]
method = "matching"
treatment = "treated"
estimand = "ATT"
covariates = ["age", "prior"]
exact = ["sex"]
unit = "id"
seed = 20260301

[design.matching]
ratio = 2
caliper = 0.25
replace = true
distance = "probability"
adjust = "none"
order = "smallest"
interval = "normal"

[[outcome]]
measure = "reoffended"
role = "primary"
kind = "binary"
better = "lower"
baseline = "before"
minimum_important_difference = 0.05
mid_source = "break-even"
expected_rate = 0.4

[[outcome]]
measure = "score"
role = "secondary"
kind = "continuous"
better = "higher"
wave = "month 6"
minimum = 0
maximum = 40

[analysis]
alpha = 0.01
missing = "complete-case"
multiplicity = "holm"

[reporting]
reported_by = 2027-03-31
"""


def found(text: str) -> list[tuple[str, str]]:
    with pytest.raises(EvaluationError) as error:
        read(text)
    return [(fault.code, fault.where) for fault in error.value.faults]


def test_a_whole_plan_is_read_as_it_is_written() -> None:
    plan = read(GOOD)
    assert (plan.id, plan.links) == ("thinking-skills-2026", ("A3>O5", "O5>L2"))
    assert (plan.population.cohort, plan.population.where) == ("prison-leavers", "age >= 18")
    assert plan.design.settings == MatchingSettings(
        2, 0.25, True, "probability", "none", "smallest", "normal"
    )
    assert plan.design.adjusters == ("age", "prior", "sex")
    assert plan.design.seed == 20260301
    first, second = plan.outcomes
    assert (first.effect, first.minimum_important_difference, first.baseline) == (
        "risk-difference",
        0.05,
        "before",
    )
    assert (second.effect, second.wave, second.maximum) == ("difference", "month 6", 40)
    assert plan.primaries == (first,)
    assert plan.analysis.alpha == 0.01
    assert plan.reported_by == dt.date(2027, 3, 31)


def test_what_is_left_out_has_the_documented_default() -> None:
    assert make_plan().design.settings == RandomisedSettings("ancova", "HC2", "t")
    matching = make_plan("matching", covariates=["x"])
    assert matching.design.settings == MatchingSettings(1, 0.2, False, "logit", "regression", "largest", "t")
    assert (matching.design.estimand, make_plan().design.estimand) == ("ATT", "ATE")
    assert make_plan().analysis.alpha == 0.05


def test_a_caliper_of_nought_means_none() -> None:
    plan = make_plan("matching", covariates=["x"], settings="caliper = 0")
    assert plan.design.settings.caliper == 0


def test_a_measure_of_the_theory_fills_what_an_outcome_leaves_out() -> None:
    known = Measure(
        id="score", name="The score", kind="continuous", better="lower", unit="points", minimum=0, maximum=40,
        minimum_important_difference=2.5, mid_source="its guide",
    )  # fmt: skip
    text = (
        '[plan]\nid = "a-b"\ntitle = "t"\n[design]\nmethod = "randomised"\ntreatment = "x"\n'
        '[[outcome]]\nmeasure = "score"\nrole = "primary"\n'
    )
    (outcome,) = read_plan(parse_toml(text, "plan.toml", EvaluationError), {"score": known}).outcomes
    assert (outcome.kind, outcome.better, outcome.label, outcome.unit) == (
        "continuous",
        "lower",
        "The score",
        "points",
    )
    assert (outcome.minimum, outcome.maximum) == (0, 40)
    assert (outcome.minimum_important_difference, outcome.mid_source) == (2.5, "its guide")


def test_a_difference_that_matters_on_another_scale_is_not_taken_over() -> None:
    known = Measure(
        id="score",
        name="S",
        kind="count",
        better="lower",
        minimum_important_difference=0.8,
        mid_effect="rate-ratio",
        mid_source="g",
    )
    text = plan_text(measure="score")
    (outcome,) = read_plan(parse_toml(text, "plan.toml", EvaluationError), {"score": known}).outcomes
    assert outcome.minimum_important_difference is None


def test_two_primary_outcomes_need_a_reason() -> None:
    more = '[[outcome]]\nmeasure = "z"\nrole = "primary"\nkind = "continuous"\nbetter = "higher"\n'
    assert [code for code, _ in found(plan_text(more=more))] == ["LC405"]
    reasoned = plan_text(more=more).replace(
        'title = "A question"', 'title = "A question"\nreason = "both matter"'
    )
    assert len(read(reasoned).primaries) == 2


def test_people_of_a_cohort_cannot_be_declared_areas_to_be_shown_in_small_numbers() -> None:
    text = starter_plan("my-plan", "", "difference-in-differences", "people")
    with pytest.raises(EvaluationError) as problem:
        read(text.replace('units = "areas"', 'cohort = "people"\nunits = "areas"'))
    assert [(fault.code, fault.where) for fault in problem.value.faults] == [("LC406", "plan.toml:12")]


@pytest.mark.parametrize("method", METHODS)
def test_the_starter_plan_can_be_read(method: str) -> None:
    assert read(starter_plan("my-plan", "", method, "people")).design.method == method


# --- the fingerprint


def shuffled(text: str, order: list[int]) -> str:
    """The same plan with the keys within each table turned about, comments, blank lines and other spacing."""
    blocks: list[list[str]] = []
    for line in text.splitlines():
        if line.startswith("["):
            blocks.append([line])
        elif line.strip():
            blocks[-1].append(line)
    out: list[str] = []
    for head, *keys in blocks:
        out += ["# a remark", f"  {head}   # another", ""]
        turn = order[0] % max(len(keys), 1)
        out += [
            "   ".join(key.split(" = ", 1)[:1]) + "=" + key.split(" = ", 1)[1] + " # why"
            for key in keys[turn:] + keys[:turn]
        ]
    return "\n".join(out)


@given(st.integers(0, 10))
def test_comments_spacing_and_the_order_of_keys_leave_the_fingerprint_alone(turn: int) -> None:
    assert fingerprint(read(shuffled(GOOD, [turn]))) == fingerprint(read(GOOD))


def test_the_order_of_tables_and_line_ends_leave_the_fingerprint_alone() -> None:
    head, rest = GOOD.split("[design]", 1)
    moved = "[design]" + rest + "\n" + head
    assert fingerprint(read(moved)) == fingerprint(read(GOOD))
    assert fingerprint(read(GOOD.replace("\n", "\r\n"))) == fingerprint(read(GOOD))


def test_a_default_written_out_leaves_the_fingerprint_alone() -> None:
    assert fingerprint(make_plan(settings='errors = "HC2"')) == fingerprint(make_plan())


LINES = [
    n
    for n, line in enumerate(GOOD.splitlines())
    if " = " in line and "complete-case" not in line and "holm" not in line
]
CHANGES = {
    "method": None, "role": None, "kind": None, "estimand": None,
    "better": ('"lower"', '"higher"', '"higher"', '"lower"'), "distance": ('"probability"', '"logit"'),
    "adjust": ('"none"', '"regression"'), "order": ('"smallest"', '"largest"'), "interval": ('"normal"', '"t"'),
    "replace": ("true", "false"), "where": ("18", "19"), "reported_by": ("2027", "2028"),
}  # fmt: skip


@pytest.mark.parametrize("number", LINES)
def test_any_changed_value_changes_the_fingerprint(number: int) -> None:
    lines = GOOD.splitlines()
    key, value = lines[number].split(" = ", 1)
    change = CHANGES.get(key, ())
    if change is None:
        return
    if change:
        pairs = dict(zip(change[::2], change[1::2], strict=True))
        old = next(piece for piece in pairs if piece in value)
        value = value.replace(old, pairs[old])
    elif value.startswith("["):
        value = value.replace("]", ', "another"]')
    elif value.startswith('"'):
        value = value[:-1] + '-x"'
    else:
        value = str(float(value) * 1.01) if "." in value else str(int(value) + 1)
    lines[number] = f"{key} = {value}"
    assert fingerprint(read("\n".join(lines))) != fingerprint(read(GOOD))


def test_the_order_of_outcomes_is_part_of_the_plan() -> None:
    plan = read(GOOD)
    turned = AnalysisPlan(
        plan.id,
        plan.title,
        plan.links,
        plan.population,
        plan.design,
        plan.outcomes[::-1],
        plan.analysis,
        plan.reported_by,
    )
    assert fingerprint(turned) != fingerprint(plan)


# --- faults


def at(text: str, needle: str) -> int:
    return next(n for n, line in enumerate(text.splitlines(), start=1) if needle in line)


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ('title = "Did the course reduce reoffending?"', "titel = 1", "LC401"),
        ('id = "thinking-skills-2026"', 'id = "Thinking Skills"', "LC403"),
        ('links = ["A3>O5", "O5>L2"]', "links = 3", "LC403"),
        ('where = "age >= 18"', 'where = "age >="', "LC410"),
        ('where = "age >= 18"', "where = \"__import__('os')\"", "LC410"),
        ('method = "matching"', 'method = "magic"', "LC404"),
        ('method = "matching"', 'method = "astrology"', "LC404"),
        ('estimand = "ATT"', 'estimand = "ATE"', "LC403"),
        ("seed = 20260301", "seed = -1", "LC403"),
        ("seed = 20260301", 'weights = "w"', "LC406"),
        ("seed = 20260301", 'time = "t"', "LC406"),
        ("seed = 20260301", 'cluster = "prison"', "LC406"),
        ("seed = 20260301", 'strata = "area"', "LC406"),
        ("ratio = 2", "ratio = 0", "LC403"),
        ("ratio = 2", "ratio = 1.5", "LC403"),
        ("caliper = 0.25", "caliper = -0.1", "LC403"),
        ("caliper = 0.25", "caliper = nan", "LC403"),
        ("caliper = 0.25", "caliper = true", "LC403"),
        ("replace = true", 'replace = "yes"', "LC403"),
        ('order = "smallest"', 'order = "random"', "LC403"),
        ('interval = "normal"', 'errors = "HC2"', "LC403"),
        ('interval = "normal"', 'error = "HC2"', "LC401"),
        ('kind = "binary"', 'kind = "binray"', "LC403"),
        ('kind = "binary"', 'kind = "binary"\neffect = "rate-ratio"', "LC406"),
        ('kind = "continuous"', 'kind = "continuous"\nduration = "weeks"', "LC406"),
        ('better = "lower"', 'better = "less"', "LC403"),
        ("minimum_important_difference = 0.05", "minimum_important_difference = 0", "LC403"),
        ("minimum_important_difference = 0.05", "minimum_important_difference = -0.05", "LC403"),
        ("minimum_important_difference = 0.05", "minimum_important_difference = inf", "LC403"),
        ("expected_rate = 0.4", "expected_rate = 1.4", "LC403"),
        ("expected_rate = 0.4", "expected_r2 = 1", "LC403"),
        ("alpha = 0.01", "alpha = 0", "LC403"),
        ("alpha = 0.01", "alpha = 0.5", "LC403"),
        ('missing = "complete-case"', 'missing = "last-value-carried"', "LC403"),
        ('multiplicity = "holm"', 'multiplicity = "none"', "LC403"),
        ("reported_by = 2027-03-31", 'reported_by = "2027-03-31"', "LC403"),
        ("reported_by = 2027-03-31", "reported = 2027-03-31", "LC401"),
    ],
)
def test_each_fault_names_the_file_and_the_line(old: str, new: str, code: str) -> None:
    text = GOOD.replace(old, new, 1)
    line = at(text, new.splitlines()[-1])
    assert (code, f"plan.toml:{line}") in found(text)


@pytest.mark.parametrize(
    ("old", "new", "code", "place"),
    [
        ('id = "thinking-skills-2026"\n', "", "LC402", "[plan]"),
        ('treatment = "treated"\n', "", "LC402", "[design]"),
        ('covariates = ["age", "prior"]\n', "", "LC402", "[design]"),
        ('mid_source = "break-even"\n', "", "LC408", "minimum_important_difference"),
        ('role = "primary"', 'role = "secondary"', "LC405", "[[outcome]]"),
        ('role = "secondary"', 'role = "primary"', "LC405", "[[outcome]] # 2"),
        ('kind = "binary"', 'kind = "ordinal"', "LC407", "[[outcome]]"),
        ('measure = "reoffended"', 'measure = "age"', "LC412", "[[outcome]]"),
        ("[analysis]", '[[subgroup]]\nby = "sex"\n[analysis]', "LC402", "[[subgroup]]"),
        ("[analysis]", '[extra]\nby = "sex"\n[analysis]', "LC401", "[extra]"),
    ],
)
def test_a_fault_of_a_table_names_the_line_of_the_table(old: str, new: str, code: str, place: str) -> None:
    text = GOOD.replace('[[outcome]]\nmeasure = "score"', '[[outcome]] # 2\nmeasure = "score"').replace(
        old, new, 1
    )
    assert (code, f"plan.toml:{at(text, place)}") in found(text)


def test_the_same_outcome_twice_is_named_where_it_stands_again() -> None:
    text = GOOD.replace('measure = "score"', 'measure = "reoffended"').replace('wave = "month 6"\n', "")
    second = [n for n, line in enumerate(text.splitlines(), start=1) if line == "[[outcome]]"][1]
    assert ("LC409", f"plan.toml:{second}") in found(text)


def test_a_plan_without_outcomes_is_refused() -> None:
    assert [code for code, _ in found(GOOD.split("[[outcome]]")[0])] == ["LC402"]


def test_settings_of_another_method_are_refused() -> None:
    text = plan_text(more="[design.matching]\nratio = 2\n")
    assert [code for code, _ in found(text)] == ["LC401"]
    assert [code for code, _ in found(plan_text(design='exact = ["x"]'))] == ["LC406"]
    assert [code for code, _ in found(plan_text(settings='errors = "HC3"\ndf = "satterthwaite"'))] == [
        "LC406"
    ]


def test_all_faults_come_at_once_in_the_order_of_the_file() -> None:
    text = (
        GOOD.replace("seed = 20260301", "sed = 1")
        .replace("alpha = 0.01", "alpha = 2")
        .replace("ratio = 2", "ratio = 0")
    )
    places = [int(where.rsplit(":", 1)[1]) for _, where in found(text)]
    assert len(places) == 3
    assert places == sorted(places)


@given(
    st.dictionaries(
        st.text(max_size=8),
        st.one_of(st.integers(), st.booleans(), st.text(max_size=5), st.none()),
        max_size=4,
    )
)
def test_whatever_stands_in_a_table_gives_a_plan_or_an_error_of_ours(junk: dict[str, Any]) -> None:
    from workspace.toml_source import TomlSource

    data = {"plan": junk, "design": junk, "outcome": [junk]}
    with pytest.raises(EvaluationError):
        read_plan(TomlSource("plan.toml", data, {}))
