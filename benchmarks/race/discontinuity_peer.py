"""Run by the Python of a virtual environment that holds rdrobust and rddensity: black boxes, never read.

A peer of the race, and on its own (``python discontinuity_peer.py OUT.json``) the maker of the numbers of
tests/reference/expected/made_up_discontinuity.json. Imports nothing of the project.
"""

from __future__ import annotations

import datetime as dt
import json
import sys
import warnings
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import Any


def rdrobust(rows: int, folder: Path) -> Callable[[], dict[str, Any]]:
    """rdrobust with its own bandwidths."""
    import numpy as np
    import rdrobust as package  # type: ignore[import-not-found,unused-ignore]

    kept: Any = np.load(folder / "people.npz")
    x, y = kept["x"], kept["y"]

    def fit(upto: int) -> dict[str, Any]:
        found = package.rdrobust(y[:upto], x[:upto])
        numbers = {"value": float(found.coef.iloc[1, 0]), "std_error": float(found.se.iloc[2, 0])}
        return {
            "found": numbers | {"width": float(found.bws.iloc[0, 0])},
            "version": version("rdrobust"),
        }

    fit(2_000)
    return lambda: fit(rows)


def made(seed: int, n: int, step: float) -> tuple[Any, Any, Any, Any]:
    """The people of tests/reference/test_discontinuity_cases.py."""
    import numpy as np

    draw = np.random.default_rng(seed)
    x = draw.beta(2, 4, n) * 2 - 1
    x = np.round(x / step) if step else x
    u = x * (step or 1)
    z = np.column_stack([draw.normal(size=n) + u, draw.binomial(1, 0.4, n)])
    t = (draw.random(n) < np.where(x >= 0, 0.75, 0.2)).astype(float)
    y = 0.5 + 0.9 * u + 1.4 * u**2 - 2 * u**3 + 0.6 * t + 0.7 * z[:, 0] - 0.3 * z[:, 1]
    return x, y + draw.normal(size=n) * (0.8 + 0.3 * np.abs(u)), t, z


def numbers() -> dict[str, Any]:
    """What both libraries give on made-up people."""
    import numpy as np

    cases = []
    for name, seed, n, step in (("smooth", 7, 2000, 0.0), ("units", 7, 2000, 0.01)):
        x, y, t, z = made(seed, n, step)
        case: dict[str, Any] = {"name": name, "seed": seed, "n": n, "step": step, "check": [x.sum(), y.sum()]}
        unit = 1 / step if step else 1.0
        case["given"] = [_given(x, y, label, unit, more) for label, more in _ways(t, z).items()]
        case["chosen"] = [_chosen(x, y, label, more) for label, more in _rules().items()]
        pairs = () if step else ([0.3, 0.4], [0.25, 0.25], [0.5, 0.35])
        case["density"] = [_density(x, h) for h in pairs]
        cases.append(case)
    software = {name: version(name) for name in ("rdrobust", "rddensity")}
    software |= {"numpy": np.__version__, "python": sys.version.split()[0]}
    about = "rdrobust and rddensity run as black boxes by benchmarks/race/discontinuity_peer.py"
    return {
        "about": about,
        "software": software,
        "made": dt.datetime.now(tz=dt.UTC).date().isoformat(),
        "cases": cases,
    }


def _ways(t: Any, z: Any) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {
        "sharp": {}, "fuzzy": {"fuzzy": t}, "covariates": {"covs": z}, "fuzzy-covariates": {"fuzzy": t, "covs": z},
    }  # fmt: skip
    found |= {f"order-{p}": {"p": p} for p in (2, 0)}
    found |= {"uniform": {"kernel": "uni"}, "epanechnikov": {"kernel": "epa"}}
    return found | {kind.upper(): {"vce": kind} for kind in ("hc0", "hc2", "hc3")}


def _rules() -> dict[str, dict[str, Any]]:
    rules = {"mse": "mserd", "cer": "cerrd", "mse-two": "msetwo", "cer-two": "certwo"}
    found: dict[str, dict[str, Any]] = {name: {"bwselect": theirs} for name, theirs in rules.items()}
    found |= {"HC2": {"vce": "hc2"}, "order-2": {"p": 2}, "order-0": {"p": 0}}
    return found | {"uniform": {"kernel": "uni"}, "epanechnikov": {"kernel": "epa"}}


def _given(x: Any, y: Any, label: str, unit: float, more: dict[str, Any]) -> dict[str, Any]:
    import rdrobust

    found = rdrobust.rdrobust(y, x, h=0.3 * unit, b=0.5 * unit, **more)
    return {
        "id": label,
        "h": 0.3 * unit,
        "b": 0.5 * unit,
        "conventional": float(found.coef.iloc[0, 0]),
        "value": float(found.coef.iloc[1, 0]),
        "conventional_error": float(found.se.iloc[0, 0]),
        "std_error": float(found.se.iloc[2, 0]),
    }


def _chosen(x: Any, y: Any, label: str, more: dict[str, Any]) -> dict[str, Any]:
    import rdrobust

    widths = rdrobust.rdbwselect(y, x, **more).bws.to_numpy().ravel()
    return {"id": label, "widths": [float(width) for width in widths]}


def _density(x: Any, h: list[float]) -> dict[str, Any]:
    import rddensity  # type: ignore[import-not-found,unused-ignore]

    found = rddensity.rddensity(x, h=h)
    return {
        "h": h,
        "left": float(found.hat["left"]),
        "right": float(found.hat["right"]),
        "error_left": float(found.sd_jk["left"]),
        "error_right": float(found.sd_jk["right"]),
        "z": float(found.test["t_jk"]),
        "p_value": float(found.test["p_jk"]),
    }


def main() -> None:
    """Write the numbers."""
    warnings.simplefilter("ignore")
    Path(sys.argv[1]).write_text(json.dumps(numbers(), indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
