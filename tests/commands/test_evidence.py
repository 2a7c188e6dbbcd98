"""Outside evidence by command: kept whole, compared, pooled with our own findings; claims never pooled."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.commands.conftest import Made, isolate
from tests.commands.program import Program, snapshot
from tests.evaluation.test_evidence_records import CHECKPOINT, HOTSPOTS, STUDY

TRIALS = "\n".join(
    f"""[[study]]
id = "trial-{i}"
citation = "Trial {i}"
outcome = "arrested"
better = "lower"
design = "randomised"
activity = "A1"
place = "{"Hull" if i % 2 else "Leeds"}"
moderators = {{ dose = {i}, setting = "{"prison" if i < 3 else "street"}" }}
[[study.version]]
date = 2020-01-0{i}
source = "an article"
scale = "risk-difference"
effect = {effect}
std_error = 0.03
"""
    for i, effect in enumerate((-0.10, -0.08, -0.05, -0.12), start=1)
)
CLAIM = ("--claim", HOTSPOTS, "--id", "hotspots", "--said-by", "Home Office", "--outcome", "arrested")


def put(root: Path, text: str, name: str = "studies.toml") -> Path:
    (root / name).write_text(text, encoding="utf-8")
    return root / name


@pytest.fixture(scope="module")
def shelf_once(small_once: Made, tmp_path_factory: pytest.TempPathFactory) -> Made:
    """The small project with its finding, four trials of others and a claim."""
    base = tmp_path_factory.mktemp("shelf")
    root, config = base / "project", base / "config"
    shutil.copytree(small_once.root, root)
    shutil.copytree(small_once.config, config)
    with pytest.MonkeyPatch.context() as patch:
        isolate(patch, config, base / "temporary")
        program = Program(patch)
        program.well("evaluate", "run", "locked", cwd=root)
        program.well("evidence", "add", put(root, TRIALS), cwd=root)
        program.well("evidence", "add", *CLAIM, cwd=root)
    return Made(root, config, base / "temporary", small_once.outcome)


@pytest.fixture
def shelf(copy_of: Callable[[Made, str], Path], shelf_once: Made) -> Path:
    """A copy of it."""
    return copy_of(shelf_once, "project")


def pooled(program: Program, root: Path, *words: str) -> dict[str, Any]:
    found: dict[str, Any] = program.well("evidence", "pool", "arrested", *words, "--json", cwd=root).payload
    return found


def test_a_pool_holds_our_own_finding_and_never_a_claim(shelf: Path, program: Program) -> None:
    found = pooled(program, shelf, "--margin", "0.05")
    assert [row["origin"] for row in found["forest"]] == ["outside"] * 4 + ["own"]
    assert sum(row["weight"] for row in found["forest"]) == pytest.approx(1)
    assert found["left_out"] == [{"label": "hotspots", "reason": "a claim, not a study"}]
    assert found["verdict"]["answer"] == "works"
    said = program.well("evidence", "pool", "arrested", "--margin", "0.05", cwd=shelf).out
    assert "EVAL-001 (own)" in said
    assert "In a new place the effect would lie at" in said
    assert "5 of 5 studies were randomised." in said


def test_the_margin_is_the_plans_own_where_there_is_one_and_none_otherwise(
    shelf: Path, program: Program
) -> None:
    found = pooled(program, shelf)
    assert (found["minimum_important_difference"], found["margin_source"]) == (
        0.4,
        "the one the studies were planned with",
    )


def test_a_dispute_takes_nothing_out_unless_asked(shelf: Path, program: Program) -> None:
    program.well("finding", "dispute", "EVAL-001", "--reason", "too small", "--by", "Bo", cwd=shelf)
    kept = pooled(program, shelf)
    assert [row["disputed"] for row in kept["forest"]] == [False] * 4 + [True]
    assert "without what is disputed" in [one["name"] for one in kept["otherwise"]]
    without = pooled(program, shelf, "--without-disputed")
    assert without["studies"] == 4
    assert {"label": "EVAL-001", "reason": "disputed, and left out on request"} in without["left_out"]


def test_a_finding_whose_file_was_rewritten_is_not_pooled(shelf: Path, program: Program) -> None:
    path = shelf / "evidence" / "EVAL-001.json"
    path.write_text(path.read_text(encoding="utf-8").replace("0.4", "0.5"), encoding="utf-8")
    found = pooled(program, shelf)
    assert found["studies"] == 4
    assert any("its file is changed" in one["reason"] for one in found["left_out"])


def test_moderators_are_numbers_or_levels(shelf: Path, program: Program) -> None:
    dose = pooled(program, shelf, "--moderator", "dose")
    assert [m["name"] for m in dose["moderators"]] == ["dose"]
    assert {"label": "EVAL-001", "reason": "has no 'dose'"} in dose["left_out"]
    setting = program.well("evidence", "pool", "arrested", "--moderator", "setting", cwd=shelf).out
    assert "setting: street against prison" in setting
    same = program("evidence", "pool", "arrested", "--moderator", "design", cwd=shelf)
    assert (same.code, "LC557" in same.err) == (12, True)


def test_what_a_pool_refuses(shelf: Path, program: Program) -> None:
    def said(*words: str) -> str:
        done = program("evidence", "pool", *words, cwd=shelf)
        assert done.code == 12, done.said
        return done.err

    assert "LC555" in said("weather")
    assert "LC557" in said("arrested", "--scale", "hazard-ratio")
    ratio = TRIALS.split("[[study]]")[1].replace("trial-1", "odd").replace("risk-difference", "odds-ratio")
    program.well(
        "evidence",
        "add",
        put(shelf, "[[study]]" + ratio.replace("= -0.1\n", "= 0.8\n"), "odd.toml"),
        cwd=shelf,
    )
    assert "LC556" in said("arrested")
    left = pooled(program, shelf, "--scale", "risk-difference")["left_out"]
    assert {"label": "odd", "reason": "cannot be brought to the scale 'risk-difference'"} in left
    other = TRIALS.split("[[study]]")[2].replace("trial-2", "turned").replace('"lower"', '"higher"')
    program.well("evidence", "add", put(shelf, "[[study]]" + other, "turned.toml"), cwd=shelf)
    assert "LC546" in said("arrested", "--scale", "risk-difference")


def test_a_study_keeps_every_version_and_its_facts(shelf: Path, program: Program) -> None:
    newer = STUDY.replace("2020-05-01", "2021-05-01").replace("-0.08", "-0.02")
    program.well("evidence", "add", put(shelf, STUDY), cwd=shelf)
    assert "version added" in program.well("evidence", "add", put(shelf, newer), cwd=shelf).out
    assert "there already" in program.well("evidence", "add", put(shelf, STUDY), cwd=shelf).out
    shown = program.well("evidence", "show", "a-trial", "--json", cwd=shelf).payload
    assert [v["newest"] for v in shown["version"]] == [False, True]
    assert "the article, table 2" in program.well("evidence", "show", "a-trial", cwd=shelf).out
    changed = program("evidence", "add", put(shelf, STUDY.replace("Smith", "Jones")), cwd=shelf)
    assert (changed.code, "LC554" in changed.err, "citation" in changed.err) == (12, True, True)


def test_a_dry_run_keeps_nothing_and_a_faulty_file_keeps_none_of_it(shelf: Path, program: Program) -> None:
    before = snapshot(shelf / "evidence")
    assert "would be added" in program.well("evidence", "add", put(shelf, STUDY), "--dry-run", cwd=shelf).out
    bad = program("evidence", "add", put(shelf, STUDY + CHECKPOINT.replace('"unclear"', '"?"')), cwd=shelf)
    assert (bad.code, "studies.toml:" in bad.err) == (12, True)
    assert snapshot(shelf / "evidence") == before


def test_conflicts_come_side_by_side_with_exit_1(shelf: Path, program: Program) -> None:
    assert "No two versions" in program.well("evidence", "conflicts", cwd=shelf).out
    program.well("evidence", "add", put(shelf, CHECKPOINT), cwd=shelf)
    done = program("evidence", "conflicts", cwd=shelf)
    assert done.code == 1
    assert "checkpoint: scale, number of people, population differ" in done.out
    assert "Which population is each about" in done.out
    assert len(program("evidence", "conflicts", "--json", cwd=shelf).payload["conflicts"]) == 3
    assert "3 pairs of versions differ" in program.well("evidence", "list", cwd=shelf).out
    every = program("evidence", "pool", "reoffending", "--every-version", cwd=shelf)
    assert "it takes two studies" in every.err


def test_a_claim_stays_a_claim_until_a_finding_tests_it(shelf: Path, program: Program) -> None:
    listed = program.well("evidence", "list", cwd=shelf).out
    assert "cannot tell yet: worst areas chosen, no comparison named" in listed
    shown = program.well("evidence", "show", "hotspots", cwd=shelf).out
    assert "a claim, not tested" in shown
    assert "difference-in-differences" in shown
    unknown = program("evidence", "add", *CLAIM, "--on", "2025-01-01", "--tested-by", "EVAL-009", cwd=shelf)
    assert (unknown.code, "LC547" in unknown.err) == (12, True)
    record = json.loads((shelf / "evidence" / "outside" / "hotspots.json").read_text(encoding="utf-8"))
    day = record["claim"][0]["date"]
    program.well("evidence", "add", *CLAIM, "--on", day, "--tested-by", "EVAL-001", cwd=shelf)
    assert "tested by EVAL-001: no worthwhile difference" in program.well("evidence", "list", cwd=shelf).out


def test_a_record_that_is_gone_is_named_and_one_that_is_spoilt_stops(shelf: Path, program: Program) -> None:
    folder = shelf / "evidence" / "outside"
    (folder / "trial-1.json").unlink()
    text = (folder / "trial-2.json").read_text(encoding="utf-8")
    (folder / "trial-2.json").write_text(text.replace("-0.08", "-0.8"), encoding="utf-8")
    listed = program.well("evidence", "list", "--json", cwd=shelf).payload
    assert [(one["record_id"], one["state"]) for one in listed["missing"]] == [
        ("trial-1", "missing"),
        ("trial-2", "changed"),
    ]
    assert "evidence/outside/trial-1.json is missing" in program.well("evidence", "list", cwd=shelf).out
    (folder / "trial-2.json").write_text("{", encoding="utf-8")
    (folder / "trial-3.json").rename(folder / "other.json")
    (folder / "two.json").write_text("{}", encoding="utf-8")
    spoilt = program("evidence", "list", cwd=shelf)
    assert spoilt.code == 12
    assert "LC558 evidence/outside/trial-2.json:1:" in spoilt.err
    assert "the record's id is 'trial-3'" in spoilt.err
    assert "LC551 evidence/outside/two.json:1:" in spoilt.err


@pytest.mark.parametrize(
    ("words", "code"),
    [(("show", "nobody"), "LC559"), (("add",), "LC551"), (("add", "nowhere.toml"), "LC107"),
     (("map", "--across", "colour"), "LC552"), (("pool", "arrested", "--scale", "log"), "LC552")],
)  # fmt: skip
def test_wrong_words_are_refused(words: tuple[str, ...], code: str, small: Path, program: Program) -> None:
    done = program("evidence", *words, cwd=small)
    assert (done.code, code in done.err) == (12, True), done.err


def test_a_json_that_is_no_result_of_this_version_is_refused(small: Path, program: Program) -> None:
    bad = put(small, '{"plan": {}, "outcomes": [{}], "method": "", "provenance": {}}', "result.json")
    done = program("evidence", "add", bad, cwd=small)
    assert (done.code, "LC558" in done.err) == (12, True)


def test_the_map_shows_gaps_and_a_claim_fills_none(shelf: Path, program: Program) -> None:
    found = program.well("evidence", "map", "--json", cwd=shelf).payload
    cells = {(cell["outcome"], cell["column"]): cell for cell in found["cells"]}
    assert cells["O1", "A1"]["gap"], "an outcome of the theory that nobody has studied"
    trials = cells["arrested", "A1"]
    assert (trials["studies"], trials["at_most"], trials["gap"]) == (4, 5, False)
    assert cells["arrested", "not placed"]["claims"] == 1
    places = program.well("evidence", "map", "--across", "place", "--json", cwd=shelf).payload
    assert {column["id"] for column in places["columns"]} >= {"Hull", "Leeds"}
    assert "cells are gaps." in program.well("evidence", "map", cwd=shelf).out


def test_pools_and_maps_are_written_as_pages_that_stand_alone(shelf: Path, program: Program) -> None:
    program.well("evidence", "pool", "arrested", "--margin", "0.05", "--out", "pool.html", cwd=shelf)
    program.well("evidence", "map", "--out", "map.html", cwd=shelf)
    program.well("evidence", "map", "--out", "dry.html", "--dry-run", cwd=shelf)
    pool, chart = ((shelf / name).read_text(encoding="utf-8") for name in ("pool.html", "map.html"))
    assert not (shelf / "dry.html").exists()
    assert "<svg" in pool
    assert "On average over 5 studies" in pool
    assert "gap" in chart
    for page in (pool, chart):
        assert "<script" not in page
        assert "src=" not in page
