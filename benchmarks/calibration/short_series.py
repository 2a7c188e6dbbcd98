"""How often intervals of short interrupted series miss: the table on the page of that method, made again.

``python -m benchmarks.calibration.short_series``; seconds. The series are those of ``tests/simulation/test_series.py``.
"""

from __future__ import annotations

from tests.simulation.test_series import gaussian

WINDOWS = ((24, 12), (36, 24), (60, 36), (96, 72))
LIKENESS = (0.0, 0.3, 0.6, 0.8)


def row(periods: int, start: int) -> str:
    """A line of the table: misses in per cent for each likeness, corrected, plain and as if independent."""
    cells = []
    for errors, digits in (("newey-west", 1), ("plain", 0), ("model", 0)):
        shares = [100 * gaussian(periods, start, rho, errors=errors) for rho in LIKENESS]
        cells.append(" / ".join(f"{share:.{digits}f}" for share in shares))
    return f"| {periods}, {start} | 0 / 0.3 / 0.6 / 0.8 | {' | '.join(cells)} |"


def main() -> None:
    """Print the table as Markdown."""
    print(
        "| Periods, of them before | Neighbours alike at | corrected | plain Newey–West | as if independent |"
    )
    print("|---|---|---|---|---|")
    for periods, start in WINDOWS:
        print(row(periods, start))


if __name__ == "__main__":
    main()
