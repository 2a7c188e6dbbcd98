"""A plan says what is wrong with it before it is locked, and nothing is seen of a result outside the register."""

from __future__ import annotations

import shutil
from pathlib import Path

from tests.commands.program import Program


def test_a_dry_run_of_an_evaluation_reads_no_outcome(practice: Path, program: Program) -> None:
    before = sorted(p.name for p in (practice / "evidence").iterdir())
    done = program("evaluate", "run", "small-classes", "--dry-run", cwd=practice)
    assert done.code == 0
    assert "reads no outcome" in done.out
    assert "points" not in done.out
    assert sorted(p.name for p in (practice / "evidence").iterdir()) == before


def test_a_misspelt_variable_stops_the_lock(practice: Path, program: Program) -> None:
    text = (practice / "plans" / "aid-on-release.toml").read_text(encoding="utf-8")
    text = text.replace('id = "aid-on-release"', 'id = "second"').replace('"married"', '"maried"')
    (practice / "plans" / "second.toml").write_text(text, encoding="utf-8")
    checked = program("plan", "check", "second", cwd=practice)
    assert checked.code == 1
    assert "variable 'maried'. Did you mean 'married'?" in checked.out
    locked = program("plan", "lock", "second", cwd=practice)
    assert locked.code == 4
    assert "LC423" in locked.err


def test_a_plan_changed_after_its_lock_is_found_by_the_check(practice: Path, program: Program) -> None:
    path = practice / "plans" / "small-classes.toml"
    path.write_text(path.read_text(encoding="utf-8").replace("seed = 1", "seed = 2"), encoding="utf-8")
    checked = program("plan", "check", "small-classes", cwd=practice)
    assert checked.code == 1
    assert "it will not run" in checked.out
    assert program("evaluate", "run", "small-classes", cwd=practice).code == 4


def test_a_plan_file_must_be_called_after_its_plan(practice: Path, program: Program) -> None:
    shutil.copy(practice / "plans" / "small-classes.toml", practice / "plans" / "renamed.toml")
    done = program("plan", "check", "renamed", cwd=practice)
    assert done.code == 12
    assert "its file is called 'renamed.toml'" in done.err


def test_out_belongs_to_file_mode(practice: Path, program: Program, tmp_path: Path) -> None:
    done = program("evaluate", "run", "small-classes", "--out", str(tmp_path / "out"), cwd=practice)
    assert done.code == 12
    assert "--out belongs to file mode" in done.err


def test_a_file_without_headings_is_neither_shown_nor_kept(practice: Path, program: Program) -> None:
    lines = (practice / "inbox" / "police-arrests.csv").read_text(encoding="utf-8").splitlines()
    file = practice / "inbox" / "headless.csv"
    file.write_text("\n".join(lines[1:]), encoding="utf-8")
    for words in (
        ["source", "inspect", str(file)],
        ["source", "add", "new", "--from", str(file), "--cohort", "prison-leavers"],
    ):
        done = program(*words, cwd=practice)
        assert done.code == 11
        assert "LC818" in done.err
        assert lines[1].split(",")[0] not in done.err + done.out
    assert not (practice / "sources" / "new.toml").exists()


def test_a_fresh_mapping_is_accepted_as_it_is(practice: Path, program: Program) -> None:
    file = str(practice / "inbox" / "prison-releases.csv")
    assert (
        program("source", "add", "fresh", "--from", file, "--cohort", "prison-leavers", cwd=practice).code
        == 0
    )
    text = (practice / "sources" / "fresh.toml").read_text(encoding="utf-8")
    assert 'wave = "release"' in text
    assert 'name = "age_at_release"' in text
    assert program("source", "inspect", file, "--source", "fresh", cwd=practice).code == 0


WHOLE_SCHOOLS = """[plan]
id = "schools"
title = "A trial of whole schools?"

[population]
cohort = "kindergarten"

[design]
method = "cluster-randomised"
treatment = "small_class"
cluster = "school"

[design.cluster-randomised]
intervention_level = "LEVEL"
icc = 0.15

[[outcome]]
measure = "kindergarten-total-score"
role = "primary"
expected_sd = 73
"""


def test_the_check_of_a_trial_of_schools_counts_schools_and_names_what_it_assumes(
    practice: Path, program: Program
) -> None:
    found = {}
    for level in ("individual", "cluster"):
        text = WHOLE_SCHOOLS.replace("LEVEL", level)
        (practice / "plans" / "schools.toml").write_text(text, encoding="utf-8")
        found[level] = program("plan", "check", "schools", "--json", cwd=practice).payload["detectable"]
    checked = program("plan", "check", "schools", cwd=practice)
    assert "the variance that lies between clusters (ICC) 0.15" in checked.out
    # 79 schools have small classes and 78 regular ones, of 1,900 and 2,194 pupils:
    # 73 x (1.975 + 0.844) x sqrt(0.15 (1 / 79 + 1 / 78) + 0.85 (1 / 1,900 + 1 / 2,194)), t with 155 df.
    assert abs(found["cluster"] - 14.04) < 0.01
    assert 2 < found["cluster"] / found["individual"] < 3
