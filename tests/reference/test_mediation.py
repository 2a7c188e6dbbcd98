"""Effects split by a mediator against least squares and a bootstrap in R, on two public trials.

The numbers of ``mediation.json`` were made by ``expected/mediation.R``. Points agree to rounding (rel 1e-9). Ends come
from draws of the coefficients here and from resampled people there: they agree to a tenth of the interval's width.
"""

from __future__ import annotations

import json

import numpy as np
import polars as pl
import pytest

from evaluation.explaining.mediation import RHOS, Split, split_effect
from evaluation.explaining.standardised import standardised_split
from evaluation.regression.linear import Array
from tests.reference.test_reference_cases import DATA

WANT = json.loads((DATA.parent / "expected" / "mediation.json").read_text(encoding="utf-8"))
BINARY = json.loads((DATA.parent / "expected" / "mediation_binary.json").read_text(encoding="utf-8"))
POINTS, ENDS = 1e-9, 0.10
STANDARDISED, ERRORS = (
    1e-6,
    0.15,
)  # of glm's stopping rule; of the error of 300 resampled spreads (4 %), three times


def early() -> Split:
    """Cognitive score at age two by way of that at age one."""
    wide = pl.read_csv(DATA / "early_childhood_growth.csv").pivot("age", index=["id", "trt"], values="cog")
    treated = (wide["trt"] == "Y").cast(pl.Float64).to_numpy()
    m, y = (wide[name].cast(pl.Float64).to_numpy() for name in ("1.0", "2.0"))
    return split_effect(treated, m, y, np.empty((len(y), 0)), seed=1, alpha=0.05)


def pupils() -> tuple[Array, Array, Array, Array]:
    """Small against regular classes: arm, reading, maths; free lunch and girls."""
    frame = pl.read_csv(DATA / "star_kindergarten.csv", null_values="NA").filter(
        pl.col("stark").is_in(["small", "regular"])
        & pl.col("readk").is_not_null()
        & pl.col("mathk").is_not_null()
        & pl.col("lunchk").is_not_null()
    )
    columns = (
        pl.col("stark") == "small",
        "readk",
        "mathk",
        pl.col("lunchk") == "free",
        pl.col("gender") == "female",
    )
    t, m, y, free, girl = (frame.select(c).to_series().cast(pl.Float64).to_numpy() for c in columns)
    return t, m, y, np.column_stack([free, girl])


def star() -> Split:
    """Maths by way of reading in small against regular classes: for the arithmetic, not as a claim."""
    return split_effect(*pupils(), seed=2, alpha=0.05)


@pytest.mark.parametrize("name", ["early", "star"])
def test_parts_and_rho_are_those_of_r(name: str) -> None:
    found, want = {"early": early, "star": star}[name](), WANT[name]
    points = [want["indirect"], want["direct"], want["total"]]
    assert found.values == pytest.approx(points, rel=POINTS)
    assert found.rho_at_zero == pytest.approx(want["rho"], rel=POINTS)
    path = dict(found.rho_path)
    assert set(path) == set(RHOS)
    assert [path[-0.3], path[0.6]] == pytest.approx([want["at_minus"], want["at_plus"]], rel=POINTS)
    for i in range(3):
        width = want["high"][i] - want["low"][i]
        assert found.low[i] == pytest.approx(want["low"][i], abs=ENDS * width)
        assert found.high[i] == pytest.approx(want["high"][i], abs=ENDS * width)


@pytest.mark.parametrize(
    ("name", "binary"),
    [("yes or no mediator", (True, False)), ("yes or no outcome", (False, True)), ("both", (True, True))],
)
def test_standardised_parts_and_their_errors_are_those_of_r(name: str, binary: tuple[bool, bool]) -> None:
    t, reading, maths, covariates = pupils()
    m = (reading > 440).astype(float) if binary[0] else reading
    y = (maths > 500).astype(float) if binary[1] else maths
    found = standardised_split(t, m, y, covariates[:, :1], binary=binary, alpha=0.05)
    assert found.values == pytest.approx(BINARY[name]["values"], rel=STANDARDISED)
    errors = [(high - low) / 2 / 1.959964 for low, high in zip(found.low, found.high, strict=True)]
    assert errors == pytest.approx(BINARY[name]["errors"], rel=ERRORS)
