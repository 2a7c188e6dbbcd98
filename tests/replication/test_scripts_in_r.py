"""Every generated R script run with Rscript: its numbers are those of the program to six significant digits."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

import pytest

from evaluation.replication.actions import pack_of_file
from evaluation.replication.reproduced import METHODS_IN_R, SEARCHED_ENDS
from evaluation.synthetic import placebos
from tests.replication.made_up import written
from tests.replication.plans import CASES, Case

RSCRIPT = shutil.which("Rscript")
pytestmark = pytest.mark.skipif(RSCRIPT is None, reason="R is not installed")
# One R for several packs: each script is run as it stands, with its own folder, and ends without ending R.
RUNNER = """
for (path in commandArgs(TRUE)) {
  place <- new.env()
  place$commandArgs <- function(...) paste0("--file=", path)
  place$quit <- function(status) stop("status ", status)
  cat("=== a pack\\n")
  tryCatch(source(path, local = place, encoding = "UTF-8"),
           error = function(problem) cat("Error:", conditionMessage(problem), "\\n"))
}
"""
ALL_SAME = "Every number above is the same as that of Lifecourse."
LINE = re.compile(r"^  ([a-z_]+) +expected +(\S+) +found in R +(\S+) +(\S+)$", re.MULTILINE)


def _has(package: str) -> bool:
    words = [
        str(RSCRIPT),
        "--vanilla",
        "-e",
        f'quit(status = !requireNamespace("{package}", quietly = TRUE))',
    ]
    return subprocess.run(words, capture_output=True, check=False).returncode == 0


@pytest.fixture(scope="module")
def tables(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    public = Path(__file__).parents[1] / "reference" / "data" / "lalonde_psm.csv"
    return written(tmp_path_factory.mktemp("tables")) | {"lalonde": public}


@pytest.fixture(scope="module")
def packages() -> set[str]:
    return {name for name in ("survival", "lme4") if _has(name)}


def packed(case: Case, tables: dict[str, Path], folder: Path) -> Path:
    """The pack of a case."""
    plan = folder / "plan.toml"
    plan.write_text(case.text(), encoding="utf-8")
    pack_of_file(plan, tables[case.table], folder / "a pack")
    return folder / "a pack"


def run_r(pack: Path) -> subprocess.CompletedProcess[str]:
    """Run the script as whoever has the pack does, from another folder."""
    return _rscript([str(pack / "R" / "analysis.R")], pack.parent)


def run_all(packs: Sequence[Path], place: Path) -> list[str]:
    """What the scripts of several packs say, one after the other in one R."""
    runner = place / "runner.R"
    runner.write_text(RUNNER, encoding="utf-8")
    done = _rscript([str(runner), *(str(pack / "R" / "analysis.R") for pack in packs)], place)
    assert done.returncode == 0, done.stderr[-2000:]
    said = done.stdout.split("=== a pack\n")[1:]
    assert len(said) == len(packs), done.stderr[-2000:]
    return said


def _rscript(words: list[str], place: Path) -> subprocess.CompletedProcess[str]:
    """Rscript in a locale that knows no letter beyond ASCII."""
    return subprocess.run(
        [str(RSCRIPT), "--vanilla", *words], capture_output=True, text=True, encoding="utf-8", check=False, cwd=place,
        env={"PATH": "/usr/bin:/bin:/usr/local/bin", "LC_ALL": "C", "OMP_NUM_THREADS": "1"},
    )  # fmt: skip


def altered(pack: Path, name: str, share: float, of: str = "") -> Path:
    """A copy of a pack that expects another number: off by a share of itself, or of its first number called ``of``."""
    other = pack.with_name(f"{pack.name} with another {name}")
    shutil.copytree(pack, other)
    expected = other / "expected.json"
    text = expected.read_text(encoding="utf-8")
    numbers = {one["number"]: one["expected"] for one in reversed(json.loads(text)["numbers"])}
    moved = numbers[name] + share * numbers[of or name]
    at = f'"number": "{name}", "expected": '
    expected.write_text(text.replace(f"{at}{numbers[name]!r}", f"{at}{moved!r}", 1), encoding="utf-8")
    return other


def check_same(said: str, pack: Path, case: Case) -> None:
    """Every number is there and the same to six significant digits: measured here, not taken from the script."""
    assert ALL_SAME in said, f"{case}: {said[-3000:]}"
    found = LINE.findall(said)
    numbers = json.loads((pack / "expected.json").read_text(encoding="utf-8"))["numbers"]
    assert all(one["in_r"] for one in numbers), "every outcome of these plans is repeated in R"
    assert [name for name, *_ in found] == [one["number"] for one in numbers]
    assert {"value", "std_error", "conf_low", "p_value"} <= {one["number"] for one in numbers}
    by_lot = case.settings.get("allocation") == "random"
    errors = {one["outcome"]: one["expected"] for one in numbers if one["number"] == "std_error"}
    for (name, expected, own, word), one in zip(found, numbers, strict=True):
        looser = SEARCHED_ENDS if by_lot and name in ("conf_low", "conf_high") else 1e-9
        assert word == "same"
        assert abs(float(expected) - one["expected"]) <= 1e-13 * abs(one["expected"])
        assert (
            abs(float(own) - one["expected"]) <= 5e-7 * abs(one["expected"]) + looser * errors[one["outcome"]]
        )


@pytest.mark.parametrize("method", METHODS_IN_R)
def test_r_finds_the_numbers_of_the_program_and_says_of_another_one_that_it_differs(
    method: str, tables: dict[str, Path], packages: set[str], tmp_path: Path
) -> None:
    packs, cases = [], [case for case in CASES if case.method == method]
    assert cases, "every method in R has a case"
    for place, case in enumerate(cases):
        (tmp_path / str(place)).mkdir()
        packs.append(packed(case, tables, tmp_path / str(place)))
    scripts = "".join((pack / "R" / "analysis.R").read_text(encoding="utf-8") for pack in packs)
    missing = {name for name in ("survival", "lme4") if f"library({name})" in scripts} - packages
    if missing:
        pytest.skip(f"R has no {' and no '.join(sorted(missing))}")
    # A number off by two units of the sixth digit is found out in every method.
    wrong = altered(packs[0], "value", 2e-6)
    *said, of_wrong = run_all([*packs, wrong], tmp_path)
    for text, pack, case in zip(said, packs, cases, strict=True):
        check_same(text, pack, case)
    assert of_wrong.count("DIFFERENT") == 1
    assert "1 numbers DIFFER" in of_wrong
    assert "status 1" in of_wrong
    assert ALL_SAME not in of_wrong


def test_a_number_that_differs_fails_the_script(tables: dict[str, Path], tmp_path: Path) -> None:
    pack = packed(next(case for case in CASES if case.name == "by day"), tables, tmp_path)
    assert run_r(pack).returncode == 0
    done = run_r(altered(pack, "value", 2e-6))
    assert done.returncode == 1
    assert done.stdout.count("DIFFERENT") == 1
    assert "1 numbers DIFFER" in done.stdout


def test_sets_that_were_drawn_are_carried_and_a_prior_without_a_peak_is_taken_and_said(
    tables: dict[str, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(placebos, "MOST_SETS", 40)  # of the 78 pairs of donors
    pairs = next(case for case in CASES if case.name == "two areas, every pair of donors")
    alike = next(case for case in CASES if case.name == "places that differ by chance alone")
    packs = [packed(case, tables, folder(tmp_path, case.table)) for case in (pairs, alike)]
    of_pairs, of_alike = run_all(packs, tmp_path)
    check_same(of_pairs, packs[0], pairs)
    assert (packs[0] / "placebo-sets-1.csv").read_text(encoding="utf-8").count("\n") <= 41
    assert "placebo-sets-1.csv" in (packs[0] / "README.md").read_text(encoding="utf-8")
    assert "has no clear peak" in of_alike
    assert "no peak" in (packs[1] / "README.md").read_text(encoding="utf-8")
    # A prior that is no such place is refused.
    places = packs[1] / "R" / "analysis.R"
    script = places.read_text(encoding="utf-8")
    places.write_text(
        re.sub(r"given <- list\(at = c\(([^,]+),", r"given <- list(at = c(1 + \1,", script), encoding="utf-8"
    )
    [of_wrong] = run_all([packs[1]], tmp_path)
    assert "Lifecourse's prior is not where the likelihood is highest" in of_wrong


def folder(place: Path, name: str) -> Path:
    """A new folder."""
    (place / name).mkdir()
    return place / name


def test_an_end_that_was_searched_for_is_held_to_a_part_of_its_error(
    tables: dict[str, Path], tmp_path: Path
) -> None:
    pack = packed(next(case for case in CASES if "all places together" in case.name), tables, tmp_path)
    near, far = (
        altered(pack, name, off, "std_error") for name, off in (("conf_low", 5e-6), ("conf_high", 5e-5))
    )
    of_near, of_far = run_all([near, far], tmp_path)
    assert ALL_SAME in of_near
    assert of_far.count("DIFFERENT") == 1
    readme = (pack / "README.md").read_text(encoding="utf-8")
    assert "both ends of the interval to 0.00001 of the standard error" in readme
