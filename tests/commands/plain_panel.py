"""A plain method of panels for tests: the treated areas' change less that of the others, per area and period."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from evaluation.figures import FactTable, Figure, Line
from evaluation.methods.registry import Method
from evaluation.model import Check, MethodResult
from evaluation.panels.frame import PanelFrame
from evaluation.panels.keys import read_period
from evaluation.panels.nothing import dressed_panel
from evaluation.plan import AnalysisPlan, Design, PlannedOutcome
from workspace.toml_source import Section


@dataclass(frozen=True, slots=True)
class PlainSettings:
    """The first treated period."""

    start: str = ""


def _settings(section: Section | None) -> PlainSettings:
    if section is None:
        return PlainSettings()
    found = PlainSettings(read_period(section, "start", required=True))
    section.finish()
    return found


def _fits(design: Design, section: Section) -> None:
    """Every design fits."""


def _estimate(panel: PanelFrame, plan: AnalysisPlan, outcome: PlannedOutcome) -> MethodResult:
    start = panel.axis.at_or_after(plan.design.settings.start)
    changes = (
        panel.data.group_by("unit", "treated", (pl.col("period") >= start).alias("after"))
        .agg(pl.col("outcome").mean())
        .group_by("unit", "treated")
        .agg(pl.col("outcome").filter("after").first() - pl.col("outcome").filter(~pl.col("after")).first())
    )
    one = changes.filter(pl.col("treated") == 1)["outcome"]
    zero = changes.filter(pl.col("treated") == 0)["outcome"]
    error = float((one.var() / one.len() + zero.var() / zero.len()) ** 0.5)  # type: ignore[operator]
    after = panel.data.filter(pl.col("period") >= start).group_by("treated").agg(pl.col("outcome").mean())
    means = dict(after.iter_rows())
    value = float(one.mean()) - float(zero.mean())  # type: ignore[arg-type]
    estimate = dressed_panel(
        panel,
        plan,
        outcome,
        value=value,
        std_error=error,
        df=float(changes.height - 2),
        means=(means[1.0], means[0.0]),
    )
    check = Check("plain", "info", None, None, "none", "A method for tests.")
    table = FactTable(
        "areas", "Areas", ("unit", "change"), tuple(changes.select("unit", "outcome").sort("unit").rows())
    )
    return MethodResult(estimate, (check,), figures=(_figure(panel),), tables=(table,))


def _figure(panel: PanelFrame) -> Figure:
    by = panel.data.group_by("treated", "period").agg(pl.col("outcome").mean()).sort("period")
    lines = [
        Line(name, kind, tuple(map(float, part["period"])), tuple(part["outcome"]))  # type: ignore[arg-type]
        for name, kind, mark in (("Programme", "observed", 1.0), ("Others", "comparison", 0.0))
        for part in [by.filter(pl.col("treated") == mark)]
    ]
    own = panel.data.filter(pl.col("unit") == panel.data["unit"][0])
    single = Line("One area", "points", tuple(map(float, own["period"])), tuple(own["outcome"]))
    return Figure("series", "Series", "Period", "Mean", (*lines, single), labels=panel.axis.labels)


METHOD = Method(
    name="plain-panel",
    identifies="parallel changes",
    assumes="Without the programme all areas would have changed alike.",
    estimands=("ATT",),
    kinds=("continuous", "count"),
    design_level=4,
    sms_level=3,
    read_settings=_settings,
    check_design=_fits,
    estimate=_estimate,
    describe=lambda settings, design: (("start", settings.start),),
    check_outcome=lambda design, outcome: "",
    reads="panel",
)
