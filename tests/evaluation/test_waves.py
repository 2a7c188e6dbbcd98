"""An outcome followed over several waves: the model, the plan's keys, the rows of the path."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from evaluation.errors import EvaluationError
from evaluation.missing.wave_model import contrast_at, fit_waves
from evaluation.model import OutcomeResult
from evaluation.plan import AnalysisPlan, canonical
from evaluation.regression.linear import NotIdentified
from evaluation.reporting.missing_tables import wave_table
from tests.evaluation.studies import make_plan, number, plan_text, primary, read
from workspace.settings import DisclosureProfile

WAVES = 'wave = "24m"\nwaves = ["6m", "12m", "24m"]'


def followed(
    n: int = 150, seed: int = 1, *, lost: float = 0.25, effect: float = 0.8, apart: float = 0.3
) -> pl.DataFrame:
    """A trial of n people an arm over three waves; who did badly at a wave is lost more often at the next."""
    draw = np.random.default_rng(seed)
    treat, x = np.repeat([1.0, 0.0], n), draw.normal(size=2 * n)
    school = np.concatenate([draw.integers(0, 12, n), 12 + draw.integers(0, 12, n)])
    shared = draw.normal(size=24) * apart
    noise = draw.multivariate_normal(np.zeros(3), [[1, 0.6, 0.5], [0.6, 1, 0.7], [0.5, 0.7, 1]], size=2 * n)
    y = (
        noise
        + 0.5 * x[:, None]
        + shared[school][:, None]
        + treat[:, None] * np.array([0.2, 0.5, 1.0]) * effect
    )
    gone = np.zeros(2 * n, dtype=bool)
    columns: dict[str, list[float | None]] = {}
    for wave, name in enumerate(("6m", "12m", "24m")):
        if wave:
            pull = 1.5 * (y[:, wave - 1] - y[:, wave - 1].mean()) * (1 - 2 * treat)
            gone |= draw.random(2 * n) < lost * 2 / (1 + np.exp(-pull))
        columns[f"y@{name}"] = [None if out else float(v) for out, v in zip(gone, y[:, wave], strict=True)]
    return pl.DataFrame(
        {
            "unit": [f"P{i:04d}" for i in range(2 * n)],
            "treat": treat,
            "x": x,
            "school": [f"S{s:02d}" for s in school],
            **columns,
        },
        schema_overrides=dict.fromkeys(columns, pl.Float64),
    )


def plan_of(
    method: str = "randomised", *, outcome: str = WAVES, design: str = "", **parts: object
) -> AnalysisPlan:
    lines = f'unit = "unit"\n{design}'
    return make_plan(
        method, covariates=parts.pop("covariates", ["x"]), design=lines, outcome=outcome, **parts
    )


def codes(text: str) -> list[str]:
    with pytest.raises(EvaluationError) as error:
        read(text)
    return [fault.code for fault in error.value.faults]


def row(found: OutcomeResult, wave: str) -> tuple[float, float]:
    found_row = next(r for r in found.path if r.term == f"wave: {wave}")
    return number(found_row.value), number(found_row.std_error)


def test_complete_waves_without_covariates_give_each_wave_its_difference_of_means() -> None:
    frame = followed(lost=0.0)
    found = primary(frame, plan_of(covariates=[]))
    for wave in ("6m", "12m", "24m"):
        means = [frame.filter(pl.col("treat") == arm)[f"y@{wave}"].mean() for arm in (1, 0)]
        assert row(found, wave)[0] == pytest.approx(means[0] - means[1])  # type: ignore[operator]
    assert found.estimate.value == pytest.approx(row(found, "24m")[0])
    assert number(found.estimate.df) == pytest.approx(298, rel=0.001)  # one variance a wave, n - 2


def test_people_lost_later_still_count_and_take_the_bias_with_them() -> None:
    errors = []
    for seed in range(6):
        found = primary(followed(400, seed, lost=0.35), plan_of(covariates=[]))
        alone = found.sensitivity[0]
        assert alone.name == "only the wave itself"
        assert found.estimate.n > alone.estimate.n
        errors.append((number(found.estimate.value) - 0.8, number(alone.estimate.value) - 0.8))
    model, single = np.mean(errors, axis=0)
    assert abs(model) < 0.12
    assert abs(single) > 2 * abs(model)


def test_the_path_holds_a_row_a_wave_and_the_report_a_table() -> None:
    found = primary(followed(), plan_of())
    assert [r.term for r in found.path] == ["wave: 6m", "wave: 12m", "wave: 24m"]
    table = wave_table(found, DisclosureProfile())
    assert table is not None
    assert [cells[0] for cells in table.rows] == ["6m", "12m", "24m"]
    assert found.missing is not None
    assert found.missing.rule == "all waves"


def test_a_wave_at_which_few_were_seen_shows_no_number() -> None:
    frame = followed().with_columns(
        pl.when(pl.int_range(pl.len()) % 8 == 0).then(pl.col("y@12m")).alias("y@12m")
    )
    found = primary(frame, plan_of())
    assert next(r for r in found.path if r.term == "wave: 12m").value is None
    assert found.estimate.value is not None


def test_clusters_are_allowed_for_around_the_waves() -> None:
    design = 'cluster = "school"'
    frame = followed(apart=0.8)
    found = primary(frame, plan_of("cluster-randomised", design=design))
    assert found.estimate.n_clusters == 24
    assert number(found.estimate.df) < 24
    plain = primary(frame, plan_of())
    assert found.estimate.value == pytest.approx(number(plain.estimate.value))
    assert number(found.estimate.std_error) > number(plain.estimate.std_error)


def test_the_order_of_rows_changes_nothing() -> None:
    frame = followed()
    again = primary(frame.sample(fraction=1, shuffle=True, seed=2), plan_of())
    assert again.estimate == primary(frame, plan_of()).estimate


def test_waves_that_nobody_shares_are_not_assessable() -> None:
    apart = pl.int_range(pl.len()) % 3
    frame = followed(lost=0.0).with_columns(
        *(
            pl.when(apart == place).then(pl.col(f"y@{w}")).alias(f"y@{w}")
            for place, w in enumerate(("6m", "12m", "24m"))
        )
    )
    found = primary(frame, plan_of())
    assert found.verdict.answer == "not-assessable"
    assert any(check.name == "waves" and check.consequence == "block" for check in found.checks)


def test_a_wave_without_spread_cannot_be_fitted() -> None:
    y = np.column_stack([np.ones(50), np.random.default_rng(1).normal(size=50)])
    with pytest.raises(NotIdentified):
        fit_waves(y, np.ones((50, 1)))


def test_a_scale_a_thousand_times_larger_gives_the_same_answer_a_thousand_times_larger() -> None:
    frame = followed()
    y = frame.select(pl.col(f"y@{w}").fill_null(float("nan")) for w in ("6m", "12m", "24m")).to_numpy()
    design = np.column_stack([np.ones(len(y)), frame["treat"].to_numpy()])
    one, large = contrast_at(fit_waves(y, design), 2), contrast_at(fit_waves(1000 * y + 5e4, design), 2)
    assert large.value == pytest.approx(1000 * one.value, rel=1e-5)
    assert large.std_error == pytest.approx(1000 * one.std_error, rel=1e-5)


@pytest.mark.parametrize(
    ("parts", "code"),
    [
        ({"outcome": 'waves = ["6m", "12m"]'}, "LC402"),
        ({"outcome": 'wave = "6m"\nwaves = ["6m"]'}, "LC403"),
        ({"outcome": 'wave = "6m"\nwaves = ["6m", "6m"]'}, "LC403"),
        ({"outcome": WAVES, "kind": "binary"}, "LC406"),
        ({"outcome": WAVES, "measure": "y@24m"}, "LC403"),
        ({"outcome": WAVES, "settings": 'adjust = "lin"'}, "LC406"),
        ({"outcome": WAVES, "more": '[analysis]\nmissing = "multiple-imputation"'}, "LC406"),
        ({"outcome": WAVES, "method": "matching", "covariates": ["x"]}, "LC406"),
        ({"more": '[analysis]\nmissing = "inverse-probability"', "method": "matching", "covariates": ["x"]}, "LC406"),
        ({"more": '[analysis]\nmissing = "inverse-probability"\nimputations = 5'}, "LC406"),
        ({"more": "[analysis]\ntruncate = 0.95"}, "LC406"),
        ({"more": "[analysis]\nimputations = 500"}, "LC403"),
        ({"more": "[analysis]\nimputations = 1"}, "LC403"),
        ({"more": '[analysis]\nauxiliary = ["treat"]'}, "LC403"),
        (
            {
                "method": "doubly-robust", "covariates": ["x"], "settings": 'estimator = "tmle"',
                "more": '[analysis]\nmissing = "inverse-probability"',
            },
            "LC406",
        ),
        (
            {
                "kind": "time-to-event", "outcome": 'duration = "days"',
                "more": '[analysis]\nmissing = "multiple-imputation"',
            },
            "LC406",
        ),
    ],
)  # fmt: skip
def test_what_does_not_go_together_is_refused_with_its_line(parts: dict[str, object], code: str) -> None:
    text = plan_text(**parts)  # type: ignore[arg-type]
    assert code in codes(text)


def test_plans_of_before_keep_their_fingerprint() -> None:
    told = canonical(make_plan("randomised"))
    assert not [key for key in ("waves", "auxiliary", "imputations", "truncate") if f'"{key}"' in told]
