"""The environments of the Python peers: one folder, a virtual environment each, pinned versions.

    python -m benchmarks.race peers PATH

R peers come from Debian: ``apt install r-cran-lme4 r-cran-survival r-cran-matchit r-cran-matching``.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

PINS: dict[str, tuple[str, ...]] = {
    "baseline": ("pandas==3.1.1", "statsmodels==0.15.0", "scikit-learn==1.9.1"),
    "panels": (
        "diff-diff==3.13.0", "csdid==0.4.3", "pyfixest==0.60.0", "linearmodels==7.1",
    ),
    "people": ("lifelines==0.30.3", "doubleml==0.11.4"),
    "cutoffs": ("rdrobust==2.1.1", "rddensity==3.0"),
    "mixed": ("mixedlm==1.3.0", "pandas==3.1.1"),
}  # fmt: skip


def python_of(peers: Path, name: str) -> Path | None:
    """The Python of an environment, where it has been made."""
    found = peers / name / "bin" / "python"
    return found if found.exists() else None


def make_environments(peers: Path) -> None:
    """Make what is not there yet; says what could not be had and goes on."""
    for name, pins in PINS.items():
        if (peers / name / "made.txt").exists():
            continue
        print(f"{name}: {', '.join(pins)}", flush=True)
        subprocess.run([sys.executable, "-m", "venv", str(peers / name)], check=True)
        words = [str(peers / name / "bin" / "python"), "-m", "pip", "install", "-q", *pins]
        done = subprocess.run(words, check=False, capture_output=True, text=True)
        if done.returncode:
            print(f"  cannot be had: {done.stderr.strip().splitlines()[-1]}")
        else:
            (peers / name / "made.txt").write_text("\n".join(pins) + "\n", encoding="utf-8")
