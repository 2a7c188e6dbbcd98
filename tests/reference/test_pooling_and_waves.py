"""Numbers of R beside ours: Rubin's rules (mice), several waves by REML (nlme), and CR2 around them (clubSandwich)."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from evaluation.clusters.robust import cluster_products, robust_contrast
from evaluation.missing.pooling import pool
from evaluation.missing.wave_model import Structure, contrast_at, fit_waves, whitened

HERE = Path(__file__).parent / "pooling"
EXACT, CLOSE, ROOT = 1e-10, 2e-7, 1e-6  # relative; nlme and lme4 stop their searches near 1e-7

Array = npt.NDArray[np.float64]


def nhanes() -> list[tuple[str, float]]:
    found = json.loads((HERE / "rubin_nhanes.json").read_text(encoding="utf-8"))
    return [(term, found["complete_df"]) for term in found["terms"]]


@pytest.mark.parametrize(("term", "complete_df"), nhanes())
def test_pooling_gives_the_numbers_of_mice(term: str, complete_df: float) -> None:
    known = json.loads((HERE / "rubin_nhanes.json").read_text(encoding="utf-8"))["terms"][term]
    found = pool(known["values"], known["errors"], complete_df)
    ours = (found.value, found.within, found.between, found.total, found.df, found.missing_share)
    names = ("estimate", "within", "between", "total", "df", "fmi")
    assert ours == pytest.approx([known[name] for name in names], rel=EXACT)


def waves() -> tuple[Array, Array, npt.NDArray[np.int64]]:
    """Outcomes (120, 3), design (120, 3) and schools of the made-up trial in pooling/waves.csv."""
    with (HERE / "waves.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    y = np.array([[float(row[name] or "nan") for name in ("y@3m", "y@6m", "y@12m")] for row in rows])
    design = np.array([[1.0, float(row["x"]), float(row["treat"])] for row in rows])
    return y, design, np.unique([row["school"] for row in rows], return_inverse=True)[1].astype(np.int64)


@pytest.mark.parametrize(
    ("structure", "values", "errors", "deviance"),
    [
        # R 4.2.2, nlme 3.1: gls(y ~ 0 + f + f:x + f:treat, corSymm within person, varIdent by wave, REML)
        (
            "unstructured",
            [0.299121523373, 0.573355045298, 0.96694232455],
            [0.194698726256, 0.2266887282, 0.244380523413],
            926.853344446,
        ),
        # lme4 1.1-31: lmer(y ~ 0 + f + f:x + f:treat + (1 | person), REML)
        (
            "random-intercept",
            [0.300107022344, 0.574093220952, 0.973206048498],
            [0.211314547224, 0.218557911807, 0.231954102642],
            929.81973187,
        ),
    ],
)
def test_waves_give_the_numbers_of_nlme_and_lme4(
    structure: Structure, values: list[float], errors: list[float], deviance: float
) -> None:
    y, design, _ = waves()
    fit = fit_waves(y, design, structure)
    found = [contrast_at(fit, wave) for wave in range(3)]
    assert fit.deviance == pytest.approx(deviance, rel=1e-9)
    assert [c.value for c in found] == pytest.approx(values, rel=CLOSE)
    assert [c.std_error for c in found] == pytest.approx(errors, rel=CLOSE)


def test_clusters_around_waves_give_the_numbers_of_clubsandwich() -> None:
    """clubSandwich 0.5.8, CR2 with Satterthwaite's degrees of freedom, on the rows whitened by nlme's covariance.

    On the fit itself clubSandwich takes another root of the same condition; its errors lie within 0.1 % of these.
    """
    y, design, schools = waves()
    outcomes, columns, people = whitened(fit_waves(y, design), y, design)
    products = cluster_products(columns, outcomes, schools[people])
    found = [robust_contrast(products, np.eye(9)[3 * wave + 2]) for wave in range(3)]
    errors, freedom = [c.std_error for c in found], [c.df for c in found]
    assert errors == pytest.approx([0.159189351903, 0.198985965779, 0.181723220412], rel=ROOT)
    assert freedom == pytest.approx([21.7701172048, 21.4935510921, 21.1078614990], rel=ROOT)
    assert errors == pytest.approx([0.1593360970899, 0.1990801326643, 0.1817774066775], rel=1e-3)
    assert freedom == pytest.approx([21.77013082, 21.49356578, 21.10795949], rel=1e-3)
