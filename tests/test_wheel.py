"""The wheel holds the program and its data files, and nothing else."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
HOUSE = ("cohorts", "evaluation", "theory_of_change", "workspace")


def tracked() -> set[str]:
    """Files of the house as git knows them, untracked ones that are not ignored included."""
    done = subprocess.run(
        ["git", "-C", str(ROOT), "ls-files", "--cached", "--others", "--exclude-standard", "cli.py", *HOUSE],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode != 0:
        pytest.skip("not a git checkout")
    return {line for line in done.stdout.splitlines() if (ROOT / line).is_file()}


def test_the_wheel_holds_exactly_the_house(tmp_path: Path) -> None:
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)],
        check=True, capture_output=True, cwd=ROOT,
    )  # fmt: skip
    (wheel,) = tmp_path.glob("lifecourse-*.whl")
    with zipfile.ZipFile(wheel) as archive:
        names = {name for name in archive.namelist() if ".dist-info/" not in name}
        licences = [name for name in archive.namelist() if "licenses/" in name]
        entry = archive.read(next(n for n in archive.namelist() if n.endswith("entry_points.txt"))).decode()
    assert names == tracked()
    assert any(name.endswith("LICENSE") for name in licences)
    assert any(name.endswith("DATA-LICENCES.md") for name in licences)
    assert "lifecourse = cli:main" in entry


def test_the_wheel_carries_the_practice_data_and_the_catalogue() -> None:
    files = tracked()
    for needed in (
        "workspace/demo/inbox/prison-releases.csv",
        "workspace/demo/inbox/health-visits.xlsx",
        "workspace/demo/theory.toml",
        "cohorts/templates/school.toml",
        "theory_of_change/catalogue/reoffending.toml",
        "evaluation/reporting/templates/report.html",
    ):
        assert needed in files
