"""Pools through the commands: real studies as records, R's numbers (metafor 3.8-1, clubSandwich 0.5.8) beside each."""

from __future__ import annotations

import csv
import json
import math
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from tests.commands.conftest import place, program
from tests.commands.program import Program
from tests.evaluation.studies import plan_text
from tests.reference.test_reference_cases import DATA, HERE, outside

__all__ = ["place", "program"]
# R: rma(test = "knha", control = list(threshold = 1e-12)), predict, leave1out and trimfill (the latter with R's own
# threshold) on escalc(add = 0.5, to = "only0"); rma.mv(test = "t"), predict, coef_test.
CBT_R = {
    "value": 0.4225966483, "std_error": 0.0605361735, "conf_low": 0.3013750519, "conf_high": 0.5438182447,
    "predicted": (-0.2363081940, 1.0815014906), "tau2": 0.1046071653, "i2": 0.706242570871, "q": 213.6898378981,
    "leave_one_out": (0.3432345560, 0.4360144360), "filled": (16, 0.2583642105),
    "hours": (0.0010592329, 0.0023659098), "risk_ratio": (0.1061276043, 0.0160712542),
}  # fmt: skip
ASSINK_R = {
    "value": 0.4267993671, "std_error": 0.1184291935, "conf_low": 0.1918101538, "conf_high": 0.6617885804,
    "predicted": (-0.6848718587, 1.5384705929), "between": 0.1878702239, "within": 0.1119920892,
}  # fmt: skip


def rows_of(name: str) -> list[dict[str, str]]:
    with (DATA / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def cbt() -> str:
    """58 programmes as counts: people who did not reoffend."""
    studies = []
    for number, row in enumerate(rows_of("cbt_recidivism_meta"), start=1):
        good = [int(row[f"n.{arm}.non"]) for arm in ("cbt", "ctrl")]
        everybody = [n + int(row[f"n.{arm}.rec"]) for n, arm in zip(good, ("cbt", "ctrl"), strict=True)]
        studies.append(
            f'[[study]]\nid = "cbt-{number}"\ncitation = "Study {number} of Landenberger and Lipsey (2005)"\n'
            f'outcome = "not reoffending"\nbetter = "higher"\n'
            f'design = "{"randomised" if row["design"] == "rct" else "other-with-comparison"}"\n'
            f"moderators = {{ hours = {float(row['hrs_total']) / 10} }}\n"
            f'[[study.version]]\ndate = 2005-01-01\nsource = "the synthesis"\nscale = "odds-ratio"\n'
            f"events_treated = {good[0]}\nn_treated = {everybody[0]}\n"
            f"events_comparison = {good[1]}\nn_comparison = {everybody[1]}\n"
        )
    return "\n".join(studies)


def assink() -> str:
    """17 studies with a hundred effects between them."""
    parts: dict[str, list[str]] = {}
    for row in rows_of("delinquency_three_level_meta"):
        effect = (
            f'[[study.version]]\ndate = 2016-01-01\nsource = "the synthesis"\npart = "{row["esid"]}"\nscale = "smd"\n'
            f"effect = {float(row['yi'])!r}\nstd_error = {float(row['vi']) ** 0.5!r}\n"
            f'moderators = {{ kind = "{row["deltype"]}" }}\n'
        )
        parts.setdefault(row["study"], []).append(effect)
    return "\n".join(
        f'[[study]]\nid = "study-{name}"\ncitation = "Study {name} of Assink and Wibbelink (2016)"\n'
        f'outcome = "recidivism"\nbetter = "lower"\ndesign = "other-with-comparison"\n' + "\n".join(effects)
        for name, effects in parts.items()
    )


@pytest.fixture
def library(place: Path, program: Program) -> Path:
    program.well("init", place / "p", "--name", "A library")
    for name, text in (("cbt", cbt()), ("assink", assink())):
        (place / f"{name}.toml").write_text(text, encoding="utf-8")
        program.well("evidence", "add", place / f"{name}.toml", cwd=place / "p")
    return place / "p"


def pooled(program: Program, root: Path, *words: str) -> dict[str, Any]:
    found: dict[str, Any] = program.well("evidence", "pool", *words, "--json", cwd=root).payload
    return found


def test_58_programmes_and_17_studies_pooled_by_command_are_rs(library: Path, program: Program) -> None:
    found = pooled(program, library, "not reoffending", "--margin", "1.2")
    average = found["analysis"]
    for name in ("value", "std_error", "conf_low", "conf_high"):
        assert average[name] == pytest.approx(CBT_R[name], abs=1e-7)
    assert average["predicted"] == pytest.approx(CBT_R["predicted"], abs=1e-7)
    assert found["spread"]["tau2"] == pytest.approx(CBT_R["tau2"], abs=1e-7)
    assert found["spread"]["i2"] == pytest.approx(CBT_R["i2"], abs=1e-7)
    assert found["spread"]["q"] == pytest.approx(CBT_R["q"], abs=1e-6)
    assert found["value"] == pytest.approx(1.526, abs=5e-4), "as an odds ratio"
    assert (found["verdict"]["answer"], found["verdict"]["detail"]) == ("works", "meaningful")
    assert "a benefit cannot be promised, and harm cannot be ruled out" in found["verdict"]["new_place"]
    left_out = [one["value"] for one in found["otherwise"] if one["name"].startswith("without cbt")]
    ends = (math.log(min(left_out)), math.log(max(left_out)))
    assert ends == pytest.approx(CBT_R["leave_one_out"], abs=1e-7)
    filled = next(one for one in found["otherwise"] if "missing" in one["name"])
    assert (found["small_studies"]["filled"], math.log(filled["value"])) == pytest.approx(
        CBT_R["filled"], abs=1e-6
    )
    hours = pooled(program, library, "not reoffending", "--moderator", "hours")
    slope = hours["moderators"][0]
    assert (slope["value"], slope["std_error"]) == pytest.approx(CBT_R["hours"], abs=1e-7)
    assert hours["verdict"]["answer"] == "not-assessable"
    ratio = pooled(program, library, "not reoffending", "--scale", "risk-ratio")["analysis"]
    assert (ratio["value"], ratio["std_error"]) == pytest.approx(CBT_R["risk_ratio"], abs=1e-7)
    three = pooled(program, library, "recidivism", "--margin", "0.2")
    for name in ("value", "std_error", "conf_low", "conf_high"):
        assert three["analysis"][name] == pytest.approx(ASSINK_R[name], abs=1e-6)
    assert three["analysis"]["predicted"] == pytest.approx(ASSINK_R["predicted"], abs=1e-6)
    assert three["spread"]["between"] == pytest.approx(ASSINK_R["between"], abs=1e-6)
    assert three["spread"]["within"] == pytest.approx(ASSINK_R["within"], abs=1e-6)
    robust = next(one for one in three["otherwise"] if one["name"].startswith("with errors robust"))
    # coef_test prints 0.119 on 15.4 degrees of freedom.
    assert (robust["conf_high"] - robust["conf_low"]) / 2 == pytest.approx(0.119 * 2.1265, abs=2e-3)
    assert "associated with a worse result" in three["verdict"]["sentence"], "no design in it tells cause"


def shared(program: Program, root: Path, table: Path, text: str, name: str) -> str:
    """A plan run on a file and its result kept as outside evidence; the answer it gave."""
    plan = root / f"{name}.toml"
    plan.write_text(text.replace('id = "a-plan"', f'id = "{name}"'), encoding="utf-8")
    program.well("evaluate", "run", plan, "--data", table, "--out", root / "out")
    result = root / "out" / f"{name}.json"
    program.well("evidence", "add", result, cwd=root / "p")
    answer: str = json.loads(result.read_text(encoding="utf-8"))["outcomes"][0]["verdict"]["answer"]
    return answer


def test_a_real_null_a_full_time_aide_in_class_comes_out_as_no_worthwhile_difference(
    place: Path, program: Program
) -> None:
    """Tennessee STAR: an aide was worth 0.3 points (published, se 2.3); a fifth of an SD (15 points) would matter."""
    program.well("init", place / "p", "--name", "Null")
    frame = pl.read_csv(DATA / "star_kindergarten.csv", infer_schema_length=None, null_values=["NA"])
    frame = frame.with_columns(score=pl.col("readk") + pl.col("mathk")).drop_nulls(["score", "stark"])
    text = plan_text(
        measure="score", treatment="stark", covariates=["gender"],
        design='arm = "regular+aide"\ncomparison = "regular"\nstrata = "schoolidk"',
        outcome='minimum_important_difference = 15\nmid_source = "a fifth of a standard deviation"',
    )  # fmt: skip
    answers = {}
    for kind in ("rural", "urban", "suburban", "inner-city"):
        frame.filter(pl.col("schoolk") == kind).write_csv(place / "star.csv")
        answers[kind] = shared(program, place, place / "star.csv", text, f"aide-{kind}")
    # One of four kinds of school differs: it is in the pool as the others are, and the spread says so.
    assert answers == {
        "rural": "no-meaningful-effect", "urban": "inconclusive", "suburban": "no-meaningful-effect",
        "inner-city": "works",
    }  # fmt: skip
    found = pooled(program, place / "p", "score")
    assert (found["studies"], found["verdict"]["answer"]) == (4, "no-meaningful-effect")
    assert found["margin_source"] == "the one the studies were planned with"
    assert "harm cannot be ruled out" in found["verdict"]["new_place"]
    frame.filter(pl.col("schoolk").is_not_null()).write_csv(place / "star.csv")
    assert (
        shared(program, place, place / "star.csv", text.replace("a-plan", "aide"), "aide")
        == "no-meaningful-effect"
    )


def test_a_real_harm_is_read_as_harm_by_evaluate_and_from_its_record(place: Path, program: Program) -> None:
    """Young people sent to adult courts were rearrested more often than their pairs: 10.7 points."""
    program.well("init", place / "p", "--name", "Harm")
    folder = outside("juvenile_transfer_pairs") / "data"
    wide = pl.read_csv(folder / "juvenile_transfer_pairs.csv")
    pl.concat(
        [
            wide.select(pair="pair_id", adult=pl.lit(arm), rearrested=f"{court}_court_rearrest")
            for arm, court in ((1, "adult"), (0, "juvenile"))
        ]
    ).write_csv(place / "pairs.csv")
    margin = 'minimum_important_difference = 0.02\nmid_source = "two points"'
    text = plan_text(
        measure="rearrested", treatment="adult", kind="binary", better="lower", design='cluster = "pair"',
        outcome=margin,
    )  # fmt: skip
    assert shared(program, place, place / "pairs.csv", text, "transfer") == "harms"
    kept = program.well("evidence", "show", "transfer", "--json", cwd=place / "p").payload
    assert kept["version"][0]["reading"]["answer"] == "harms", "read from its record as it was found"


def test_a_real_harm_comes_out_of_a_pool_as_harm(place: Path, program: Program) -> None:
    """Lung cancer and smoke at home, 37 studies: R's numbers. None was randomised, so it is worded as associated."""
    want = json.loads((HERE / "expected" / "smoke_at_home.json").read_text(encoding="utf-8"))
    program.well("init", place / "p", "--name", "Harm")
    (place / "smoke.toml").write_text(
        "\n".join(
            f'[[study]]\nid = "study-{s["study"]}"\ncitation = "{s["author"]} ({s["year"]})"\n'
            'outcome = "lung cancer"\nbetter = "lower"\ndesign = "other-with-comparison"\n'
            f'[[study.version]]\ndate = {s["year"]}-01-01\nsource = "the synthesis"\nscale = "odds-ratio"\n'
            f"effect = {math.exp(s['yi'])!r}\nstd_error = {s['vi'] ** 0.5!r}\n"
            for s in want["studies"]
        ),
        encoding="utf-8",
    )
    program.well("evidence", "add", place / "smoke.toml", cwd=place / "p")
    found = pooled(program, place / "p", "lung cancer", "--margin", "1.1")
    for name in ("value", "std_error", "conf_low", "conf_high"):
        assert found["analysis"][name] == pytest.approx(want[name], abs=1e-6)
    assert found["analysis"]["predicted"] == pytest.approx(want["predicted"], abs=1e-6), (
        "R stops its climb at 1e-5"
    )
    verdict = found["verdict"]
    assert (verdict["answer"], verdict["detail"]) == ("harms", "meaningful")
    assert verdict["sentence"].startswith("associated with a worse result")
    left_out = [math.log(one["value"]) for one in found["otherwise"] if one["name"].startswith("without")]
    assert (min(left_out), max(left_out)) == pytest.approx(want["leave_one_out"], abs=1e-6)
