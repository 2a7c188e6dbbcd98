"""The demonstration's own machinery: what it types, and that a step that fails leaves nothing behind."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from workspace import console, practice
from workspace.errors import GateNotMet, WorkspaceError
from workspace.practice import STEPS, run_practice

VERDICT = {"answer": "works", "detail": "", "security": 1, "fragile": False, "sentence": "s"}
PAYLOADS: dict[str, dict[str, Any]] = {
    "source load": {"rows": 1, "accepted": 1, "warnings": []},
    "plan lock": {"sha256": "0" * 64, "data_state": "baseline seen", "waiver": ""},
    "evaluate run": {
        "evaluation": "EVAL-001",
        "plan": {"id": "p", "title": "t"},
        "outcomes": [{"role": "primary", "verdict": VERDICT}],
        "files": {"report": "reports/EVAL-001.html"},
    },
}


class Typist:
    """Takes the place of the program: remembers what was typed, and fails at one step."""

    def __init__(self, key: Path, fails_at: str = "", with_error: BaseException | int = 1) -> None:
        self.key, self.fails_at, self.with_error = key, fails_at, with_error
        self.typed: list[tuple[str, ...]] = []

    def __call__(self, words: Sequence[str]) -> object:
        self.typed.append(tuple(words))
        verb = " ".join(words[:2])
        if verb == self.fails_at:
            if isinstance(self.with_error, int):
                return self.with_error
            raise self.with_error
        if verb == "key create":
            self.key.write_text("key")
        console.present(PAYLOADS.get(verb, {"file": self.key.as_posix()}), lambda: None)
        return 0


def test_every_step_is_typed_in_order_inside_the_project(tmp_path: Path) -> None:
    here = Path.cwd()
    typist = Typist(tmp_path / "a.key")
    found = run_practice(tmp_path / "practice", typist)
    assert typist.typed == [step.words for step in STEPS]
    assert len(found["findings"]) == 4
    assert found["findings"][0]["report"] == f"{(tmp_path / 'practice').as_posix()}/reports/EVAL-001.html"
    assert Path.cwd() == here
    assert typist.key.exists()


@pytest.mark.parametrize("existed", [True, False])
@pytest.mark.parametrize(
    ("fails_at", "with_error", "expected"),
    [
        ("key create", GateNotMet("LC840", "no"), GateNotMet),
        ("source load", 11, WorkspaceError),
        ("plan lock", GateNotMet("LC423", "no"), GateNotMet),
        ("evaluate run", ZeroDivisionError(), ZeroDivisionError),
        ("evaluate run", KeyboardInterrupt(), KeyboardInterrupt),
    ],
)
def test_a_step_that_fails_leaves_nothing_behind(
    existed: bool,
    fails_at: str,
    with_error: BaseException | int,
    expected: type[BaseException],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    target = tmp_path / "practice"
    if existed:
        target.mkdir()
    monkeypatch.setenv("LIFECOURSE_KEY_FILE", "/real/people.key")
    before, here = sorted(tmp_path.rglob("*")), Path.cwd()
    with pytest.raises(expected):
        run_practice(target, Typist(tmp_path / "a.key", fails_at, with_error))
    assert sorted(tmp_path.rglob("*")) == before, "not even the key is left"
    assert Path.cwd() == here
    assert os.environ["LIFECOURSE_KEY_FILE"] == "/real/people.key"
    assert console.current() == console.RunSettings()


def test_it_never_uses_the_key_that_guards_real_people(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LIFECOURSE_KEY_FILE", "/real/people.key")
    seen: list[str | None] = []

    class Looking(Typist):
        def __call__(self, words: Sequence[str]) -> object:
            seen.append(os.environ.get("LIFECOURSE_KEY_FILE"))
            return super().__call__(words)

    run_practice(tmp_path / "p", Looking(tmp_path / "a.key"))
    assert set(seen) == {None}


def test_a_folder_in_use_is_refused_before_anything_is_typed(tmp_path: Path) -> None:
    (tmp_path / "p").mkdir()
    (tmp_path / "p" / "x").write_text("mine")
    typist = Typist(tmp_path / "a.key")
    with pytest.raises(WorkspaceError) as error:
        run_practice(tmp_path / "p", typist)
    assert (error.value.code, typist.typed) == ("LC102", [])
    assert (tmp_path / "p" / "x").read_text() == "mine"


def test_outcomes_are_loaded_sealed_and_plans_are_locked_before_any_run() -> None:
    verbs = [" ".join(step.words[:2]) for step in STEPS]
    assert max(i for i, verb in enumerate(verbs) if verb == "plan lock") < verbs.index("evaluate run")
    sealed = [step.words[2] for step in STEPS if "--sealed" in step.words]
    assert sealed == ["police-arrests", "school-tests", "assessments"]
    assert practice.WAIVER
