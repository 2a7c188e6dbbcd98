"""A load that is killed leaves nothing or everything, and the same command finishes the job."""

from __future__ import annotations

import os
from collections.abc import Callable

import pytest

from tests.commands.program import Program
from tests.faults.site import NOTHING, PEOPLE, Site, everything, moments

LOAD = ("source", "load", "people", "inbox/people.csv")
ALL = everything(PEOPLE)
STEPS = ("participant", "observation", "before-commit")
KILLED = -9
# More moments take minutes each: LIFECOURSE_KILLS=100 python -m pytest tests/faults/test_killed_loads.py -k moments
KILLS = int(os.environ.get("LIFECOURSE_KILLS", "0"))


def assert_mended(program: Program, site: Site) -> None:
    """The same command ends with everything; once more changes nothing."""
    assert program(*LOAD, cwd=site.root).code == 0
    assert site.held() == ALL
    site.assert_sound()
    assert "nothing was changed" in program(*LOAD, cwd=site.root).said
    assert site.held() == ALL


def kill_spread(fresh: Callable[[], Site], program: Program, number: int) -> None:
    duration = fresh().duration(*LOAD)
    killed = 0
    for moment in moments(number, duration):
        site = fresh()
        killed += site.killed_after(moment, *LOAD)
        site.assert_sound()
        assert site.held() in {NOTHING, ALL}, f"half a load after {moment:.3f} s"
        assert_mended(program, site)
    assert killed >= number // 2


@pytest.mark.slow
def test_a_load_into_the_file_killed_at_twelve_moments_is_untouched_or_complete(
    fresh_file: Callable[[], Site], program: Program
) -> None:
    kill_spread(fresh_file, program, KILLS or 12)


@pytest.mark.slow
def test_a_load_into_a_server_killed_at_six_moments_is_untouched_or_complete(
    fresh_server: Callable[[], Site], program: Program
) -> None:
    kill_spread(fresh_server, program, KILLS or 6)


@pytest.mark.slow
@pytest.mark.parametrize("step", STEPS)
def test_a_load_killed_between_two_steps_leaves_nothing(
    step: str, fresh_file: Callable[[], Site], program: Program
) -> None:
    site = fresh_file()
    assert site.disturbed(f"kill:{step}", *LOAD).code == KILLED
    site.assert_sound()
    assert site.held() == NOTHING
    assert_mended(program, site)


@pytest.mark.slow
def test_a_load_into_a_server_killed_before_its_commit_leaves_nothing(
    fresh_server: Callable[[], Site], program: Program
) -> None:
    site = fresh_server()
    assert site.disturbed("kill:before-commit", *LOAD).code == KILLED
    assert site.held() == NOTHING
    assert_mended(program, site)


def test_a_load_killed_with_half_of_it_in_the_file_is_rolled_back(
    fresh_file: Callable[[], Site], program: Program
) -> None:
    site = fresh_file()
    empty = (site.root / "data" / "cohort.sqlite").stat().st_size
    assert site.disturbed("kill:spilled", *LOAD).code == KILLED
    assert (site.root / "data" / "cohort.sqlite").stat().st_size > 2 * empty
    assert (site.root / "data" / "cohort.sqlite-journal").exists()
    assert program("status", cwd=site.root).code == 0
    site.assert_sound()
    assert site.held() == NOTHING
    assert_mended(program, site)


def test_a_load_killed_after_its_commit_is_complete(fresh: Callable[[], Site], program: Program) -> None:
    site = fresh()
    assert site.disturbed("kill:after-commit", *LOAD).code == KILLED
    site.assert_sound()
    assert site.held() == ALL
    assert_mended(program, site)
