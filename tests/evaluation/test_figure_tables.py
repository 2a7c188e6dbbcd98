"""Every drawing of a report is followed by a table of the same numbers, and draws them where they belong."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator
from dataclasses import replace

import pytest

from evaluation.evidence.funnel import FEWEST, funnel_plot
from evaluation.evidence.pages import pool_page
from evaluation.evidence.pool import Asked, pool_effects
from evaluation.model import BalanceRow, PathRow, Result
from evaluation.reporting.love import MOST_ROWS, love_plot
from evaluation.reporting.sections import sections
from tests.evaluation import report_builders as made
from tests.evaluation.panel_samples import PANEL_SAMPLES
from tests.evaluation.report_reader import PROFILE, Element, read, render
from tests.evaluation.report_samples import SAMPLES
from tests.evaluation.test_evidence_pool import candidates

NUMBER = re.compile(r"−?\d+(?:,\d{3})*(?:\.\d+)?")
BELOW = "The numbers are in the table below."
CHARTS = ("forest", "chart")


def curved() -> Result:
    """A time to an event with its curves; nobody in it is real."""
    path = tuple(
        PathRow(f"{arm}, by {time}", share, 0.02, share - 0.04, share + 0.04)
        for arm, shares in (("with", (0.12, 0.19, 0.31)), ("without", (0.14, 0.28, 0.4)))
        for time, share in zip((13, 26, 52), shares, strict=True)
    )
    estimate = made.binary_estimate(
        effect="hazard-ratio", value=0.72, conf_low=0.55, conf_high=0.94, narrow_low=0.57, narrow_high=0.9
    )
    return made.result(
        made.outcome(
            kind="time-to-event",
            unit="weeks",
            estimate=estimate,
            path=path,
            minimum_important_difference=0.85,
        )
    )


MADE = {**SAMPLES, **PANEL_SAMPLES, "curves": curved}


@functools.cache
def page_of(name: str) -> Element:
    return render(MADE[name]())


def in_order(element: Element) -> Iterator[Element]:
    for child in element.children:
        if isinstance(child, Element):
            yield child
            yield from in_order(child)


def numbers_of(figure: Element) -> set[str]:
    """The numbers a drawing says it shows; of page one's pictures those of their headings.

    A figure over time says first, last, lowest and highest of each line; the rest of its words name axes and places.
    """
    if not figure.all("desc"):
        return set(NUMBER.findall(figure.all("strong")[0].text()))
    said = figure.all("desc")[0].text()
    if not said.endswith(BELOW):
        return set(NUMBER.findall(said))
    pairs = re.findall(f"from ({NUMBER.pattern}) to ({NUMBER.pattern})", said)
    return {n for pair in pairs for n in pair} | set(re.findall(f"({NUMBER.pattern}) at ", said))


@pytest.mark.parametrize("name", MADE)
def test_every_figure_of_a_report_is_followed_by_a_table_that_holds_its_numbers(name: str) -> None:
    page = page_of(name)
    order = list(in_order(page))
    figures = [(i, e) for i, e in enumerate(order) if e.tag == "figure" and e.all("svg")]
    for i, figure in figures:
        later = [e for e in order[i:] if e.tag == "table"]
        look = figure.attributes.get("class", "")
        if "drawn" in look:
            later = figure.all("table") or later
        elif look in CHARTS:
            later = later[:1]
        assert later, "a drawing without a table"
        held = {number for table in later for number in NUMBER.findall(table.text())}
        assert numbers_of(figure) <= held, (figure.all("figcaption")[0].text(), numbers_of(figure) - held)
    if name not in ("withheld-figures", "small-counts", "not-assessable"):
        assert figures


def test_what_did_not_work_and_harms_are_numbered_and_never_empty() -> None:
    for name in MADE:
        page = page_of(name)
        for number, title in ((2, "What did not work"), (3, "Harms")):
            found = next(
                s for s in page.all("section") if s.attributes["aria-labelledby"] == f"section-{number}"
            )
            heading = found.all("h2")[0].text()
            assert heading == f"{number}. {title}"
            said = found.text().removeprefix(heading).strip()
            assert "ooked for" in said or found.all("li"), (name, title)


def drawn_at(svg: str) -> tuple[list[float], list[tuple[float, float]]]:
    """The numbers under a drawing's axis, and the places of all that is drawn as a mark."""
    tree = read(svg)
    marks = [(float(u.attributes["x"]), float(u.attributes["y"])) for u in tree.all("use")]
    ticks = []
    for text in tree.all("text"):
        words = text.text().replace("−", "-")
        place = re.match(r"translate\(([\d.]+) ([\d.]+)\)", text.attributes.get("transform", ""))
        at = (float(text.attributes["x"]), float(text.attributes["y"])) if "x" in text.attributes else None
        at = (float(place[1]), float(place[2])) if place else at
        if at and re.fullmatch(r"-?\d+(\.\d+)?", words):
            ticks.append((at[1], float(words)))
    lowest = max(y for y, _ in ticks)
    return sorted({value for y, value in ticks if y == lowest}), marks


def is_at(svg: str, values: list[float]) -> bool:
    """Whether each value has a mark where the axis puts it."""
    named, marks = drawn_at(svg)
    bottom = max(y for _, y in marks)
    axis = sorted(x for x, y in marks if y == bottom)
    assert len(axis) == len(named), (axis, named)
    slope = (axis[-1] - axis[0]) / (named[-1] - named[0])
    inside = [x for x, y in marks if y < bottom]
    return all(any(abs(axis[0] + slope * (v - named[0]) - x) < 0.6 for x in inside) for v in values)


def test_the_love_plot_draws_each_covariate_where_the_table_says() -> None:
    outcome = made.outcome()
    chart = love_plot(outcome, PROFILE, stamp="", prefix="love")
    assert chart is not None
    values = [v for row in outcome.balance for v in (row.smd_before, row.smd_after) if v is not None]
    assert is_at(chart.svg, values)
    assert chart.svg == (love_plot(outcome, PROFILE, stamp="", prefix="love") or chart).svg, (
        "always the same bytes"
    )
    assert "class=" not in chart.svg
    assert "style=" not in chart.svg


def test_a_love_plot_of_very_many_covariates_shows_those_furthest_apart_and_says_so() -> None:
    rows = tuple(BalanceRow(f"x{i}", i / 100, i / 200, 1.0) for i in range(1, 51))
    chart = love_plot(made.outcome(balance=rows), PROFILE, stamp="", prefix="love")
    assert chart is not None
    assert f"The {MOST_ROWS} that lie furthest out of 50; the table has all." in chart.reading
    assert ">x50</" in chart.svg
    assert ">x20</" not in chart.svg


def test_nothing_of_too_few_people_is_drawn() -> None:
    few = made.outcome(estimate=made.binary_estimate(n_treated=4))
    assert love_plot(few, PROFILE, stamp="", prefix="love") is None
    curves = curved()
    withheld = replace(curves.primary, estimate=replace(curves.primary.estimate, n_treated=4))
    assert sections(made.result(withheld), PROFILE).doubts[0].charts == ()


def test_the_funnel_draws_each_study_where_its_table_says_and_warns_of_few() -> None:
    pool = pool_effects(candidates(), (), Asked("x"))
    found = funnel_plot(pool)
    assert found is not None
    assert "fewer than 10 studies" in found.reading
    assert [row[1] for row in found.rows[:5]] == ["−0.300", "−0.280", "−0.330", "−0.290", "−0.310"]
    assert [row[2] for row in found.rows[:2]] == ["0.100", "0.141"]
    assert is_at(found.svg, [-0.3, -0.28, -0.33, -0.29, -0.31])
    many = pool_effects(candidates((-0.3,) * 12, (0.01, 0.02) * 6), (), Asked("x"))
    assert "missing, or small ones that truly differ" in (funnel_plot(many) or found).reading
    two = pool_effects(candidates((-0.3, -0.2), (0.01, 0.02)), (), Asked("x"))
    assert funnel_plot(two) is None
    assert FEWEST == 3


def test_every_drawing_of_a_pool_is_followed_by_its_numbers() -> None:
    page = read(
        pool_page(pool_effects(candidates(), (), Asked("x", margin=0.1))).replace("<!doctype html>", "")
    )
    order = list(in_order(page))
    figures = [(i, e) for i, e in enumerate(order) if e.tag == "figure"]
    assert len(figures) == 2
    for i, figure in figures:
        table = next(e for e in order[i:] if e.tag == "table")
        assert numbers_of(figure) <= set(NUMBER.findall(table.text()))
    assert "On average" in page.text()
