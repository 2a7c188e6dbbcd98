"""report replication through the program: an evaluation of a project with made-up rows, a file with its own."""

from __future__ import annotations

import hashlib
import io
import json
import shutil
import subprocess
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest

from cohorts.custody.age_files import new_identity
from cohorts.releases.actions import releases_of
from evaluation.errors import EvaluationError
from evaluation.locking import open_plan
from evaluation.replication import project_mode
from evaluation.replication.model import Expected
from evaluation.replication.released import same_numbers
from evaluation.saved.store import whole_result
from tests.commands.exporting import PLAIN, SETTING, agree, make_agreed, unlocked
from tests.commands.program import Outcome, Program
from tests.commands.small_project import PLAN, project_at
from workspace.database import reading
from workspace.errors import GateNotMet
from workspace.statements import run


@pytest.fixture
def run_once(program: Program, small: Path) -> Path:
    """The small project with the run of a locked plan, EVAL-001."""
    program.well("evaluate", "run", "locked", cwd=small)
    return small


def test_an_evaluation_is_handed_over_with_made_up_rows(program: Program, run_once: Path) -> None:
    done = program("--json", "report", "replication", "EVAL-001", "--out", "packs/first", cwd=run_once)
    assert done.code == 0, done.said
    assert done.payload["data"] == "synthetic"
    assert done.payload["outcomes_in_r"] == done.payload["outcomes"] == 1
    pack = run_once / "packs" / "first"
    assert (pack / "plan.toml").read_bytes() == (run_once / "plans" / "locked.toml").read_bytes()
    about = json.loads((pack / "expected.json").read_text(encoding="utf-8"))
    assert about["data"] == "synthetic"
    assert "No row is a person" in about["statement"]
    saved = json.loads((run_once / "evidence" / "EVAL-001.json").read_text(encoding="utf-8"))
    assert about["plan_sha256"] == saved["plan"]["sha256"]
    readme = (pack / "README.md").read_text(encoding="utf-8")
    assert "do **not** equal" in readme
    assert "locked before outcomes" in readme
    rows = (pack / "SYNTHETIC-data.csv").read_text(encoding="utf-8").splitlines()
    assert rows[0].startswith("synthetic,participant,")
    assert all(row.startswith("1,person-") for row in rows[1:])
    log = program.well("audit", "log", cwd=run_once).said
    assert "cohort.synthesise" in log
    if shutil.which("Rscript"):
        script = subprocess.run(
            ["Rscript", "--vanilla", "R/analysis.R"], cwd=pack, capture_output=True, text=True, check=False
        )
        assert script.returncode == 0, script.stdout + script.stderr


def test_what_cannot_be_handed_over_is_refused_with_a_code(program: Program, run_once: Path) -> None:
    def said(*words: str) -> tuple[int, str]:
        done = program("report", "replication", *words, "--out", "packs/none", cwd=run_once)
        return done.code, done.said

    for words, code, exit_code in (
        (("EVAL-009",), "LC750", 12),
        (("EVAL-001", "--data", "people.csv"), "LC754", 12),
        (("EVAL-001", "--data", "permitted"), "LC756", 12),
    ):
        left, text = said(*words)
        assert (left, code in text) == (exit_code, True), text
    plan = run_once / "plans" / "locked.toml"
    plan.write_text(plan.read_text(encoding="utf-8").replace("seed = 1", "seed = 2"), encoding="utf-8")
    left, text = said("EVAL-001")
    assert (left, "LC751" in text) == (4, True), text
    assert not (run_once / "packs").exists()


def released(program: Program, root: Path, *words: str, to: str = SETTING) -> Outcome:
    """Ask for a pack with people's rows, beside the project."""
    asked = [
        "report",
        "replication",
        "EVAL-001",
        "--data",
        "permitted",
        "--to",
        to,
        "--recipient",
        "University",
    ]
    return program("--json", *asked, "--out", root.parent / "pack", *words, cwd=root)


@pytest.fixture
def agreed(program: Program, place: Path) -> Path:
    """The small project, agreed on row by row, with the run of its locked plan."""
    root = make_agreed(program, place / "project")
    agree(root, unique_limits=f'{{ "{SETTING}" = 0.2 }}')
    program.well("evaluate", "run", "locked", cwd=root)
    return root


def test_peoples_rows_leave_in_a_pack_as_a_release_with_the_reports_numbers(
    program: Program, agreed: Path
) -> None:
    done = released(program, agreed, *PLAIN, "--yes")
    assert done.code == 0, done.said
    assert (done.payload["release"], done.payload["data"]) == ("REL-001", "permitted")
    [entry] = releases_of(project_at(agreed))
    archive = agreed.parent / "pack.zip"
    assert entry.sha256 == hashlib.sha256(archive.read_bytes()).hexdigest()
    assert entry.expires.isoformat() == done.payload["destroy_by"]
    assert set(entry.columns) == {"aid", "convictions", "arrested"}
    manifest = json.loads((agreed.parent / "pack.manifest.json").read_text(encoding="utf-8"))
    assert (manifest["plan"], manifest["file"]) == ("locked", "pack.zip")
    assert "cohort.export" in program.well("audit", "log", cwd=agreed).said
    shutil.unpack_archive(archive, agreed.parent / "opened")
    pack = agreed.parent / "opened" / "pack"
    about = json.loads((pack / "expected.json").read_text(encoding="utf-8"))
    assert (about["release"], about["data"]) == ("REL-001", "permitted")
    estimate = whole_result(project_at(agreed), "EVAL-001").result.outcomes[0].estimate
    held = {one["number"]: one["expected"] for one in about["numbers"]}
    assert held["value"] == pytest.approx(estimate.value, rel=1e-12)
    assert held["std_error"] == pytest.approx(estimate.std_error, rel=1e-12)
    assert "Its numbers are those of the report" in (pack / "README.md").read_text(encoding="utf-8")
    rows = (pack / "data.csv").read_text(encoding="utf-8").splitlines()
    assert rows[0] == "participant,aid,convictions,arrested@12-months"
    with reading(project_at(agreed)) as session:
        own = {f"{number}" for (number,) in run(session, "SELECT participant_id FROM enrolment", ())}
    names = [row.split(",")[0] for row in rows[1:]]
    assert not own & set(names)
    assert names == sorted(names)
    if shutil.which("Rscript"):
        script = subprocess.run(
            ["Rscript", "--vanilla", "R/analysis.R"], cwd=pack, capture_output=True, text=True, check=False
        )
        assert script.returncode == 0, script.stdout + script.stderr


def test_a_pack_with_rows_for_one_recipient_is_encrypted_to_them(program: Program, agreed: Path) -> None:
    identity, recipient = new_identity()
    done = released(program, agreed, "--recipient-key", recipient, "--yes")
    assert done.code == 0, done.said
    assert not (agreed.parent / "pack.zip").exists()
    secret = next(line for line in identity.decode().splitlines() if line.startswith("AGE-SECRET-KEY"))
    plain = unlocked(agreed.parent / "pack.zip.age", secret)
    with zipfile.ZipFile(io.BytesIO(plain)) as archive:
        assert "pack/data.csv" in archive.namelist()


def test_rows_pass_the_gates_of_a_release_or_stay(program: Program, agreed: Path) -> None:
    def said(*words: str, to: str = SETTING) -> tuple[int, str]:
        done = released(program, agreed, *words, to=to)
        return done.code, done.said

    inside = ["--recipient", "University", "--to", SETTING, "--out", "pack", *PLAIN, "--yes"]
    for (left, text), code, exit_code in (
        (said(*PLAIN, "--yes", to="Elsewhere"), "LC960", 4),
        (said("--yes"), "LC961", 4),
        (said(*PLAIN), "LC961", 4),
        (said(*PLAIN, "--dry-run"), "", 0),
    ):
        assert left == exit_code, text
        assert code in text
    lies_inside = program("report", "replication", "EVAL-001", "--data", "permitted", *inside, cwd=agreed)
    assert "LC964" in lies_inside.said
    stray = program("report", "replication", "EVAL-001", "--to", SETTING, "--out", "pack", cwd=agreed)
    assert "LC754" in stray.said
    assert not releases_of(project_at(agreed))
    assert not [*agreed.parent.glob("pack*")]
    assert not (agreed / "pack").exists()


def test_numbers_that_moved_since_the_report_are_not_called_its_numbers(agreed: Path) -> None:
    result = whole_result(project_at(agreed), "EVAL-001").result
    estimate = result.outcomes[0].estimate
    same = tuple(
        Expected(1, "arrested", name, float(getattr(estimate, name)), in_r=True)
        for name in ("value", "std_error")
    )
    assert same_numbers(same, result)
    assert not same_numbers((replace(same[0], value=same[0].value * (1 + 2e-6)), same[1]), result)
    assert not same_numbers(same[:1], result)


def test_a_dry_run_makes_nothing_and_reads_nobody(program: Program, run_once: Path) -> None:
    done = program("--dry-run", "report", "replication", "EVAL-001", "--out", "packs/dry", cwd=run_once)
    assert done.code == 0, done.said
    assert "Would write" in done.said
    assert not (run_once / "packs").exists()


def test_file_mode_takes_the_plan_and_its_table(program: Program, place: Path) -> None:
    text = PLAN.replace('cohort = "leavers"\n', "").replace('wave = "12-months"\n', "")
    (place / "aid.toml").write_text(text, encoding="utf-8")
    rows = [f"{i % 2},{i % 7},{int((i * 7) % 10 < 4)}" for i in range(80)]
    (place / "people.csv").write_text("\n".join(["aid,convictions,arrested", *rows]) + "\n", encoding="utf-8")
    done = program("report", "replication", "aid.toml", "--data", "people.csv", "--out", "pack", cwd=place)
    assert done.code == 0, done.said
    assert "R repeats 1 of 1 outcomes" in done.said
    assert (place / "pack" / "data.csv").is_file()
    assert (place / "pack.zip").is_file()


def test_a_run_outside_a_lock_has_no_plan_to_hand_over(
    run_once: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = project_at(run_once)
    whole = whole_result(project, "EVAL-001")
    loose = replace(whole, result=replace(whole.result, plan=replace(whole.result.plan, state="unlocked")))
    monkeypatch.setattr(project_mode, "whole_result", lambda *_: loose)
    with pytest.raises(GateNotMet) as problem:
        project_mode.pack_of_evaluation(project, "EVAL-001", "synthetic", run_once / "pack")
    assert problem.value.code == "LC751"


def test_data_that_have_no_twin_are_refused(run_once: Path) -> None:
    plan, _, _ = open_plan(project_at(run_once), "locked")
    for other in (
        replace(plan, population=replace(plan.population, areas="boroughs")),
        replace(plan, design=replace(plan.design, time="wave")),
    ):
        with pytest.raises(EvaluationError) as problem:
            project_mode.refuse_data(other)
        assert problem.value.code == "LC757"
