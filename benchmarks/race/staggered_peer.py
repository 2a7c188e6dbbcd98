"""Peers of the race of staggered starts, in an environment of their own, and the panel that all of them get."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

PERIODS = 10
STARTS = np.array([4, 6, 7, 9, 0])
Work = Callable[[], dict[str, Any]]


def panel(units: int, seed: int = 1) -> tuple[Any, Any, Any, Any]:
    """Unit, period (from 1), first treated period (0 = never) and outcome, sorted by unit and period."""
    draw = np.random.default_rng(seed)
    first = STARTS[draw.integers(0, 5, units)]
    y = draw.normal(size=(units, PERIODS))
    y += draw.normal(size=(units, 1))
    when = np.arange(1, PERIODS + 1)
    y += 0.3 * when + 0.5 * ((first[:, None] > 0) & (when >= first[:, None]))
    return np.repeat(np.arange(units), PERIODS), np.tile(when, units), np.repeat(first, PERIODS), y.ravel()


def _framed(columns: Any) -> Any:
    import pandas as pd  # type: ignore[import-untyped,unused-ignore]

    return pd.DataFrame(dict(zip(("unit", "period", "first", "y"), columns, strict=True)))


def _prepared(fit: Callable[[Any], dict[str, Any]], folder: Path) -> Work:
    fit(_framed(panel(500)))  # libraries loaded, code compiled
    kept = np.load(folder / "panel.npz")
    frame = _framed([kept[name] for name in ("unit", "period", "first", "y")])
    return lambda: fit(frame)


def diff_diff(rows: int, folder: Path) -> Work:
    """diff-diff: never treated controls, no covariates, all aggregates, analytic errors."""

    def fit(frame: Any) -> dict[str, Any]:
        import diff_diff as package  # type: ignore[import-not-found,unused-ignore]

        model = package.CallawaySantAnna(control_group="never_treated", n_bootstrap=0)
        fitted = model.fit(
            frame, outcome="y", unit="unit", time="period", first_treat="first", aggregate="all"
        )
        found = {"simple": float(fitted.overall_att), "simple_error": float(fitted.overall_se)}
        return {"found": found, "version": package.__version__}

    return _prepared(fit, folder)


def csdid(rows: int, folder: Path) -> Work:
    """csdid: the same by the port of R's did, four aggregates."""

    def fit(frame: Any) -> dict[str, Any]:
        from importlib.metadata import version

        from csdid.att_gt import ATTgt  # type: ignore[import-not-found,unused-ignore]

        columns = {"yname": "y", "gname": "first", "idname": "unit", "tname": "period"}
        fitted = ATTgt(data=frame, control_group=["nevertreated"], **columns).fit(
            est_method="reg", bstrap=False
        )
        found = {}
        for kind in ("simple", "dynamic", "group", "calendar"):
            whole = fitted.aggte(typec=kind, bstrap=False, cband=False).atte
            found[kind] = float(np.ravel(whole["overall_att"])[0])
            found[f"{kind}_error"] = float(np.ravel(whole["overall_se"])[0])
        return {"found": found, "version": version("csdid")}

    return _prepared(fit, folder)
