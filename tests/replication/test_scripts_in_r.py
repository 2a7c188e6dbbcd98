"""Every generated R script run with Rscript: its numbers are those of the program to six significant digits."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from evaluation.replication.actions import pack_of_file
from evaluation.replication.reproduced import METHODS_IN_R
from tests.replication.made_up import written
from tests.replication.plans import CASES, Case

RSCRIPT = shutil.which("Rscript")
pytestmark = pytest.mark.skipif(RSCRIPT is None, reason="R is not installed")
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
    """Run the script from another folder, in a locale that knows no letter beyond ASCII."""
    words = [str(RSCRIPT), "--vanilla", str(pack / "R" / "analysis.R")]
    return subprocess.run(
        words, capture_output=True, text=True, encoding="utf-8", check=False, cwd=pack.parent,
        env={"PATH": "/usr/bin:/bin:/usr/local/bin", "LC_ALL": "C", "OMP_NUM_THREADS": "1"},
    )  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=repr)
def test_r_finds_the_numbers_of_the_program(
    case: Case, tables: dict[str, Path], packages: set[str], tmp_path: Path
) -> None:
    pack = packed(case, tables, tmp_path)
    script = (pack / "R" / "analysis.R").read_text(encoding="utf-8")
    missing = {name for name in ("survival", "lme4") if f"library({name})" in script} - packages
    if missing:
        pytest.skip(f"R has no {' and no '.join(sorted(missing))}")
    done = run_r(pack)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-2000:]
    found = LINE.findall(done.stdout)
    numbers = json.loads((pack / "expected.json").read_text(encoding="utf-8"))["numbers"]
    asked = [one for one in numbers if one["in_r"]]
    assert len(asked) == len(numbers), "every outcome of these plans is repeated in R"
    assert [name for name, *_ in found] == [one["number"] for one in asked]
    assert {"value", "std_error", "conf_low", "p_value"} <= {one["number"] for one in asked}
    for (_, expected, own, said), one in zip(found, asked, strict=True):
        # Six significant digits, measured here and not taken from what the script says of itself.
        error = next(
            o["expected"] for o in asked if (o["outcome"], o["number"]) == (one["outcome"], "std_error")
        )
        assert said == "same"
        assert abs(float(expected) - one["expected"]) <= 1e-13 * abs(one["expected"])
        assert abs(float(own) - one["expected"]) <= 5e-7 * abs(one["expected"]) + 1e-9 * error


def test_every_method_in_r_has_a_case() -> None:
    assert {case.method for case in CASES} == set(METHODS_IN_R)


def test_a_number_that_differs_is_shown_and_fails_the_script(tables: dict[str, Path], tmp_path: Path) -> None:
    pack = packed(CASES[2], tables, tmp_path)
    expected = pack / "expected.json"
    text = expected.read_text(encoding="utf-8")
    value = json.loads(text)["numbers"][0]["expected"]
    expected.write_text(text.replace(repr(value), repr(value * (1 + 2e-6)), 1), encoding="utf-8")
    done = run_r(pack)
    assert done.returncode == 1
    assert done.stdout.count("DIFFERENT") == 1
    assert "1 numbers DIFFER" in done.stdout
