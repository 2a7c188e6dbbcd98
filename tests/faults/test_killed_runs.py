"""A run that is killed leaves register and evidence in step, or files that the next run writes over."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from cohorts.keys import load_key
from tests.commands.program import Program
from tests.faults.site import Site, doctor_results, moments

RUN = ("evaluate", "run", "locked")
KILLED = -9


def assert_unharmed(program: Program, site: Site) -> None:
    """Nothing in the register lacks its evidence, doctor finds no fault, and the next run puts all in step."""
    site.assert_sound()
    assert site.registered().items() <= site.evidence().items()
    assert "fail" not in doctor_results(program, site).values()
    before = len(site.registered())
    assert program(*RUN, cwd=site.root).code == 0
    assert len(site.registered()) == before + 1
    assert site.registered() == site.evidence()
    assert {file.stem for file in (site.root / "reports").glob("EVAL-*.html")} == set(site.registered())
    site.assert_sound()


@pytest.mark.slow
def test_a_run_killed_at_four_moments_is_registered_with_its_evidence_or_not_at_all(
    fresh_small: Callable[[], Site], program: Program
) -> None:
    duration = fresh_small().duration(*RUN)
    killed = 0
    for moment in moments(4, duration):
        site = fresh_small()
        killed += site.killed_after(moment, *RUN)
        assert_unharmed(program, site)
    assert killed >= 2


@pytest.mark.slow
@pytest.mark.parametrize("step", ["half-filed", "before-commit"])
def test_files_of_a_killed_run_without_an_entry_are_written_over_by_the_next(
    step: str, fresh_small: Callable[[], Site], program: Program
) -> None:
    site = fresh_small()
    assert site.disturbed(f"kill:{step}", *RUN).code == KILLED
    assert site.registered() == {}
    assert list(site.evidence()) == ["EVAL-001"]
    assert_unharmed(program, site)


def test_a_half_written_file_is_no_evidence_and_doctor_names_it(
    fresh_small: Callable[[], Site], program: Program
) -> None:
    site = fresh_small()
    assert site.disturbed("kill:renaming", *RUN).code == KILLED
    (left,) = (site.root / "evidence").iterdir()
    assert left.name.startswith(".EVAL-001.json.")
    assert site.evidence() == {}
    said = program("doctor", cwd=site.root).said
    assert f"evidence/{left.name}" in "".join(said.split())
    assert doctor_results(program, site)["Interrupted writes"] == "warn"
    assert_unharmed(program, site)
    left.unlink()
    assert "Interrupted writes" not in doctor_results(program, site)


def test_a_key_is_whole_or_absent_whenever_its_making_is_killed(
    fresh_file: Callable[[], Site], program: Program
) -> None:
    site = fresh_file()
    site.key.unlink()
    for moment in moments(4, site.duration("key", "create")):
        site.key.unlink(missing_ok=True)
        site.killed_after(moment, "key", "create")
        if site.key.exists():
            load_key(site.project)
        else:
            assert program("key", "create", cwd=site.root).code == 0


def test_a_key_that_was_never_finished_is_not_taken_for_one(
    fresh_file: Callable[[], Site], program: Program
) -> None:
    site = fresh_file()
    site.key.unlink()
    assert site.disturbed("kill:renaming", "key", "create").code == KILLED
    assert not site.key.exists()
    assert doctor_results(program, site)["rest of a key"] == "warn"
    assert program("key", "create", cwd=site.root).code == 0
    assert load_key(site.project).key_id
