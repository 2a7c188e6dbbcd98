"""Charts of success measures: which chart, what is counted, what is read from it, and the picture of it."""

from __future__ import annotations

import math
from dataclasses import replace
from xml.etree import ElementTree

import numpy as np
import numpy.typing as npt
import pytest

from tests.theory_of_change.tracked import figure
from theory_of_change.errors import TheoryError
from theory_of_change.tracking.chart import (
    AS_BEFORE,
    CHANGED,
    FALSE_ALARMS,
    FALSE_ALARMS_WITH_SEASONS,
    NOT_READ,
    NOT_TOLD,
    Chart,
    chart_of,
    charts_of,
)
from theory_of_change.tracking.chart_picture import chart_png, chart_svg
from theory_of_change.tracking.chart_words import HEADINGS, chart_payload, rows_of, sentences
from theory_of_change.tracking.control import usual_range
from theory_of_change.tracking.model import Break, FigureRow, Tracked
from theory_of_change.tracking.moves import Series
from theory_of_change.tracking.runs import runs_of
from theory_of_change.tracking.seasons import season_factors, season_of

COUNT = Tracked("M", "Admissions", "reduce")
YEARS = [100, 104, 96, 101, 99, 103, 97, 100, 105, 95, 100, 102, 98, 101]


def years(values: list[float], first: int = 1990) -> list[FigureRow]:
    return [figure(str(first + place), value) for place, value in enumerate(values)]


def months(values: list[float], first: int = 2010) -> list[FigureRow]:
    return [
        figure(f"{first + place // 12}-{place % 12 + 1:02d}", value) for place, value in enumerate(values)
    ]


def drawn(rows: list[FigureRow], measure: Tracked = COUNT) -> Chart:
    return chart_of(measure, Series(rows))


def test_too_few_figures_are_refused_and_a_few_more_make_a_run_chart() -> None:
    with pytest.raises(TheoryError, match="M has 3 figures of one length") as error:
        drawn(years([1.0, 2, 3]))
    assert error.value.code == "LC324"
    assert "at least 4" in str(charts_of(COUNT, Series(years([1.0, 2, 3])))[""])
    few = drawn(years([float(n) for n in YEARS[:6]]))
    assert (few.kind, few.reading) == ("run", NOT_TOLD)
    assert "6 figures are counted; from 12 on" in " ".join(sentences(few))
    assert all(point.low is None and point.middle is not None for point in few.points)


def test_a_quiet_series_is_as_before_and_says_how_often_chance_would_cry_out() -> None:
    quiet = drawn(years([float(n) for n in YEARS]))
    assert (quiet.kind, quiet.reading) == ("c", AS_BEFORE)
    middle = sum(YEARS) / len(YEARS)
    assert quiet.points[0].high == pytest.approx(middle + 3 * math.sqrt(middle))
    said = " ".join(sentences(quiet))
    assert said.startswith("As before, in the newest 12 figures.")
    assert f"at most about {FALSE_ALARMS} of 100" in said
    assert not any(word in said.lower() for word in ("trend", "significant"))


def test_a_figure_outside_and_a_long_run_are_signs_and_early_ones_do_not_decide() -> None:
    late = drawn(years([float(n) for n in (*YEARS, 150)]))
    assert late.reading == CHANGED
    assert "2004 lies outside the usual range." in sentences(late)
    early = drawn(years([150.0, *(float(n) for n in YEARS)], first=1970))
    assert early.reading == AS_BEFORE
    assert "Before them there were signs too" in " ".join(sentences(early))
    lower = drawn(years([float(n) for n in (*YEARS, *(n - 12 for n in YEARS[:9]))], first=1980))
    assert lower.reading == CHANGED
    assert "9 figures running lie below the middle, from 1994 to 2002." in sentences(lower)


def test_the_chart_follows_the_kind_of_figure_and_what_it_is_of() -> None:
    plain = years([float(n) for n in YEARS])
    with_people = [replace(row, of=5000.0) for row in plain]
    assert drawn(with_people).kind == "u"
    assert drawn(with_people).words == "per 1,000 people"
    assert drawn(with_people, replace(COUNT, at_risk=True)).kind == "p"
    share = replace(COUNT, unit="per cent")
    shares = [replace(row, value=row.value and row.value / 5, of=2000.0) for row in plain]
    assert drawn(shares, share).kind == "p"
    assert drawn(shares, share).points[0].shown == pytest.approx(20.0)
    assert drawn([replace(row, of=None) for row in shares], share).kind == "XmR"
    assert drawn(plain, replace(COUNT, unit="days")).kind == "XmR"
    people = [figure(str(1990 + n), 80_000, "POP") for n in range(len(YEARS))]
    assert drawn([*plain, *people], replace(COUNT, population="POP")).kind == "u"
    assert drawn(plain, replace(COUNT, population="POP")).kind == "c"
    small = drawn(years([3.0, 4, 2, 3, 4, 3, 2, 5, 3, 4, 3, 2, 4]))
    assert (small.kind, small.reading) == ("run", AS_BEFORE)
    assert "Counts are too small for a usual range; only runs are looked for." in sentences(small)


def test_months_need_three_full_years_and_then_the_range_follows_the_seasons() -> None:
    pattern = [round(100 * (1 + 0.4 * math.sin(month * math.pi / 6))) for month in range(12)]
    two = drawn(months([float(n) for n in pattern * 2]))
    assert (two.kind, two.reading) == ("run", NOT_TOLD)
    assert "Compare like months" in " ".join(sentences(two))
    assert all(point.middle is None for point in two.points)
    four = drawn(months([float(n) for n in pattern * 4]))
    assert four.reading == AS_BEFORE
    assert "taken from 4 full years" in " ".join(sentences(four))
    assert [round(p.middle or 0) for p in four.points[:12]] == pattern
    assert f"at most about {FALSE_ALARMS_WITH_SEASONS} of 100" in " ".join(sentences(four))
    fallen = drawn(months([float(n) for n in pattern * 4] + [float(n) * 0.7 for n in pattern]))
    assert fallen.reading == CHANGED


def test_a_break_starts_a_new_baseline_and_part_years_and_the_pandemic_are_not_counted() -> None:
    rows = years([100.0 + n % 5 for n in range(14)], first=2009)  # 2009 to 2022, 2020 is the pandemic's
    rows += [figure("2023-01..2023-09", 75.0)]
    chart = drawn(rows, replace(COUNT, breaks=(Break(rows[3].period.first, "new codes"),)))
    states = {point.period.text: point.state for point in chart.points}
    assert (states["2019"], states["2020"], states["2021"]) == ("counted", "pandemic", "counted")
    assert states["2023-01..2023-09"] == "part"
    assert [(phase.number, phase.counted) for phase in chart.phases] == [(0, 3), (1, 10)]
    said = " ".join(sentences(chart))
    assert "A new baseline from 2012-01-01 on: new codes." in said
    assert "Figures of the pandemic (March 2020 to March 2021)" in said
    assert "Hollow points" in said
    inside = drawn(rows, replace(COUNT, breaks=(Break(rows[3].period.first.replace(month=6), "new codes"),)))
    assert {p.period.text: p.state for p in inside.points}["2012"] == "part"
    quarters = [figure(f"2021-Q{n}", 25.0) for n in range(1, 5)]
    assert len(drawn([*rows, *quarters]).points) == len(rows)


def test_the_picture_is_the_same_bytes_each_time_and_fit_for_a_page() -> None:
    rows = [*years([100.0 + n % 5 for n in range(16)], first=2008), figure("2024-01..2024-06", 7.0)]
    chart = drawn(rows, replace(COUNT, plain_name="Hurt with a knife"))
    svg = chart_svg(chart)
    assert svg == chart_svg(chart)
    root = ElementTree.fromstring(svg)
    tags = [element.tag.rpartition("}")[2] for element in root.iter()]
    assert tags[1:3] == ["title", "desc"]
    assert not {"style", "script", "metadata"} & set(tags)
    assert not any({"style", "class"} & set(element.attrib) for element in root.iter())
    texts = [text for element in root.iter() if (text := (element.text or "").strip())]
    assert {"pandemic", "Hurt with a knife: control chart of counts"} <= set(texts)
    assert any("Hollow: part years or provisional." in text for text in texts)
    assert chart_png(chart).startswith(b"\x89PNG")


def test_withheld_figures_leave_a_gap_a_name_and_no_reading() -> None:
    rows = years([float(n) for n in (*YEARS, 150)])
    hidden = {rows[2].slot, rows[-1].slot}
    chart = chart_of(COUNT, Series(rows), "", hidden)
    assert [period.text for period in chart.withheld] == ["1992", "2004"]
    assert not {"1992", "2004"} & {point.period.text for point in chart.points}
    assert (chart.kind, chart.reading) == ("run", NOT_READ)
    assert all(point.middle is None and point.low is None for point in chart.points)
    assert "2 figures are withheld: few people stand behind." in " ".join(sentences(chart))
    assert [row[-1] for row in rows_of(chart) if row[0] in ("1992", "2004")] == ["withheld", "withheld"]
    assert "Withheld: 1992, 2004." in chart_svg(chart)
    with pytest.raises(TheoryError, match=r"3 figures of one length, 12 more are withheld"):
        chart_of(COUNT, Series(rows), "", {row.slot for row in rows[:12]})


def test_figures_withheld_before_a_break_do_not_hinder_the_reading_after_it_and_those_after_all_do() -> None:
    rows = years([float(n) for n in (*YEARS, *YEARS)], first=1990)
    broken = replace(COUNT, breaks=(Break(rows[14].period.first, "new codes"),))
    early = chart_of(broken, Series(rows), "", {rows[0].slot})
    assert (early.reading, early.phases[0].withheld, early.phases[1].withheld) == (AS_BEFORE, 1, 0)
    assert "1 figure is withheld" in " ".join(sentences(early))
    late = replace(broken, breaks=(*broken.breaks, Break(rows[-1].period.first, "newer codes")))
    assert chart_of(late, Series(rows), "", {rows[-1].slot}).reading == NOT_READ


def test_the_table_and_the_json_hold_the_numbers_that_are_drawn() -> None:
    chart = drawn(years([float(n) for n in (*YEARS, 150)]))
    found = chart_payload(chart)
    assert [point["shown"] for point in found["points"]] == [point.shown for point in chart.points]
    rows = rows_of(chart)
    assert all(len(row) == len(HEADINGS) for row in rows)
    assert rows[-1][0] == "2004"
    assert rows[-1][-1] == "outside"
    assert found["baselines"][0]["outside"] == ["2004"]


@pytest.mark.simulation
@pytest.mark.parametrize(("figures", "most"), [(12, FALSE_ALARMS), (24, FALSE_ALARMS), (60, FALSE_ALARMS)])
def test_where_nothing_changed_signs_are_no_more_frequent_than_is_said(figures: int, most: int) -> None:
    draw, draws, signs = np.random.default_rng(20261122), 800, 0
    for _ in range(draws):
        values = draw.poisson(40, figures).astype(float).tolist()
        signs += alarm(values, [1.0] * figures)
    assert signs / draws <= most / 100 + 3 * math.sqrt(most / 100 * (1 - most / 100) / draws)


@pytest.mark.simulation
def test_with_seasons_too_and_a_fall_by_a_quarter_in_the_newest_year_is_mostly_seen() -> None:
    """Quiet charts of counts that vary more than Poisson counts do; a fall among counts that do not.

    Among those that vary more (a fifth about their mean) the same fall is seen in about half the charts only.
    """
    draw, draws = np.random.default_rng(7), 250
    wave = 50 * np.tile(1 + 0.3 * np.sin(np.arange(12) * np.pi / 6), 5)
    fallen = wave * np.where(np.arange(60) >= 48, 0.75, 1.0)
    quiet = sum(
        seasonal_alarm(draw.poisson(wave * draw.gamma(20, 1 / 20, 60)).astype(float)) for _ in range(draws)
    )
    seen = sum(seasonal_alarm(draw.poisson(fallen).astype(float)) for _ in range(draws))
    assert quiet / draws <= FALSE_ALARMS_WITH_SEASONS / 100 + 0.05
    assert seen / draws >= 0.8


def seasonal_alarm(counts: npt.NDArray[np.float64]) -> bool:
    """The same of months, with their seasons worked out from them."""
    periods = [row.period for row in months([0.0] * len(counts))]
    factors = season_factors(periods, counts.tolist(), [1.0] * len(counts))
    assert factors is not None
    return alarm(counts.tolist(), [factors[season_of(period)] for period in periods])


def alarm(values: list[float], seasons: list[float]) -> bool:
    """Whether a chart would be read as changed: a sign among its newest twelve figures."""
    n = len(values)
    found = usual_range("c", values, [1.0] * n, seasons, [True] * n)
    if found is None:
        return False
    edges = list(zip(values, found.low, found.high, strict=True))[-12:]
    runs = [run for run in runs_of(values, found.middle) if run[1] >= n - 12]
    return any(value < low or value > high for value, low, high in edges) or bool(runs)
