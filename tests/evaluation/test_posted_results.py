"""Which results rest on a cohort: named when who is who changes under them."""

from __future__ import annotations

from pathlib import Path

import pytest

from cohorts.store import find_cohort
from evaluation import commands
from evaluation.records import EvaluationRecord, PlanLock
from evaluation.store import add_evaluation
from tests.cohorts.loading import make_project
from workspace import noticeboard
from workspace.database import reading, writing
from workspace.noticeboard import PostedResult, results_of


def test_results_are_found_by_the_lock_or_else_by_the_plan_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LIFECOURSE_KEY_FILE", str(tmp_path / "keys" / "test.key"))
    project = make_project(tmp_path)
    assert commands._results in noticeboard.RESULTS
    for name, cohort in (("open", "leavers"), ("elsewhere", "others")):
        (project.plans / f"{name}.toml").write_text(f'[population]\ncohort = "{cohort}"\n', encoding="utf-8")
    with writing(project) as session:
        locked = {"sha256": "x", "data_state": "", "waiver": "", "locked_at": "", "locked_by": ""}
        canonical = '{"population": {"cohort": "leavers"}}'
        session.add(PlanLock(plan_id="locked", canonical=canonical, **locked))
        for number, plan in enumerate(("locked", "open", "elsewhere", "gone"), start=1):
            add_evaluation(
                session,
                EvaluationRecord(
                    evaluation_id=f"EVAL-00{number}", plan_id=plan, plan_sha256="x", plan_state="unlocked",
                    answer="works", security=1, result_sha256="x", run_at=f"2026-01-0{5 - number}",
                ),
            )  # fmt: skip
    with reading(project) as session:
        cohort_id = find_cohort(session, "leavers").cohort_id
    assert results_of(project, cohort_id) == [
        PostedResult("EVAL-002", "open", "2026-01-03"),
        PostedResult("EVAL-001", "locked", "2026-01-04"),
    ]
