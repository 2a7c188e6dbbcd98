"""The commands that hold saved results side by side, on results of file mode."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.commands.program import Program
from tests.evaluation.studies import plan_text, trial


@pytest.fixture
def saved(tmp_path: Path, program: Program) -> Path:
    """Two results of file mode on the same people, one of them without adjustment."""
    trial(150, effect=0.4).write_csv(tmp_path / "people.csv")
    margin = 'minimum_important_difference = 0.35\nmid_source = "x"'
    for name, settings in (("one", ""), ("other", 'adjust = "none"')):
        text = plan_text(covariates=["x"], outcome=margin, settings=settings)
        (tmp_path / f"{name}.toml").write_text(text.replace("a-plan", name), encoding="utf-8")
        words = (
            "evaluate",
            "run",
            tmp_path / f"{name}.toml",
            "--data",
            tmp_path / "people.csv",
            "--out",
            tmp_path,
        )
        assert program(*words).code == 0
    return tmp_path


def test_the_commands_read_what_was_saved(saved: Path, program: Program) -> None:
    one, other = saved / "one.json", saved / "other.json"
    shown = program("evaluate", "compare", one, other, "--json").payload
    estimates = [json.loads(path.read_text())["outcomes"][0]["estimate"]["value"] for path in (one, other)]
    assert [r["estimate"]["value"] for r in shown["results"]] == estimates
    assert shown["comparator_sensitive"] is False
    told = program("evaluate", "compare", one, other)
    assert "two results side by side" in told.out
    assert shown["sentence"].split(":")[0] in told.out.replace("\n", " ")
    ways = program("evaluate", "sensitivity", one, "--json").payload["outcomes"][0]
    kept = json.loads(one.read_text())["outcomes"][0]["sensitivity"]
    turning = [(way["name"], way["turns_the_verdict"]) for way in ways["ways"]]
    assert turning == [(way["name"], way["flips_verdict"]) for way in kept]
    assert len(kept) >= 1
    said = program("evaluate", "sensitivity", one).out
    assert all(way["name"].split(",")[0] in said for way in kept)
    assert ("Fragile" in said) is ways["fragile"]


def test_a_file_that_is_no_result_is_refused_kindly(saved: Path, program: Program) -> None:
    for text in ("[]", "{}", "no json", '{"outcomes": [], "plan": {}, "method": "x"}'):
        (saved / "bad.json").write_text(text, encoding="utf-8")
        for words in (
            ("compare", saved / "bad.json", saved / "one.json"),
            ("sensitivity", saved / "bad.json"),
        ):
            said = program("evaluate", *words, "--json")
            assert said.code == 12
            assert said.payload["error"]["faults"][0]["code"] == "LC427"
