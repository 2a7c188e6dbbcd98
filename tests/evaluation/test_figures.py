"""Figures of a method: drawn is what was found, lines are told apart, the table has the same numbers."""

from __future__ import annotations

import math
import re
from dataclasses import replace
from itertools import pairwise
from typing import get_args
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evaluation.figures import FactTable, Figure, Line, LineKind
from evaluation.reporting.axes import period_ticks, round_ticks, text_width
from evaluation.reporting.fact_tables import fact_table, for_analysts
from evaluation.reporting.figure_words import described, figure_tables, how_to_read, is_sideways
from evaluation.reporting.figures import FULL, SMALL, Size, draw_figure
from evaluation.reporting.strokes import FEW_POINTS, strands
from tests.evaluation.figure_samples import FIGURES, GROUP_TIME, MONTHS, WEIGHTS
from tests.evaluation.panel_samples import PANEL_SAMPLES
from tests.evaluation.report_reader import Element, by_class, render, table

SVG = "{http://www.w3.org/2000/svg}"
ODD = "<script>alert('x')</script> & \"quoted\" \x07"


def parsed(figure: Figure, size: Size = FULL) -> ElementTree.Element:
    drawing = draw_figure(figure, title=figure.title, prefix="f", size=size)
    return ElementTree.fromstring(drawing.svg)


def texts(root: ElementTree.Element) -> list[str]:
    return [element.text or "" for element in root.iter(f"{SVG}text")]


def places(root: ElementTree.Element) -> list[float]:
    """Every number of every attribute that places something."""
    named = ("x", "y", "x1", "x2", "y1", "y2", "cx", "cy", "d")
    numbers = [re.findall(r"-?\d*\.?\d+", e.get(name, "")) for e in root.iter() for name in named]
    return [float(number) for found in numbers for number in found]


def line(
    y: list[float | None], *, kind: LineKind = "observed", name: str = "seen", wide: float = 0.0
) -> Line:
    x = tuple(map(float, range(len(y))))
    low = tuple(None if v is None else v - wide for v in y) if wide else ()
    return Line(
        name, kind, x, tuple(y), low, tuple(None if v is None else v + wide for v in y) if wide else ()
    )


def figure(*lines: Line, marks: tuple[tuple[float, str], ...] = (), labels: tuple[str, ...] = ()) -> Figure:
    return Figure("f", "A title", "Year", "Offences", lines, marks, labels)


@pytest.mark.parametrize("name", FIGURES)
@pytest.mark.parametrize("size", [FULL, SMALL], ids=["full", "small"])
def test_every_figure_is_well_formed_titled_described_and_always_the_same(name: str, size: Size) -> None:
    made = FIGURES[name]()
    root = parsed(made, size)
    title, desc = root.find(f"{SVG}title"), root.find(f"{SVG}desc")
    assert title is not None
    assert desc is not None
    assert (root.get("role"), root.get("aria-labelledby"), root.get("aria-describedby")) == (
        "img", title.get("id"), desc.get("id"),
    )  # fmt: skip
    assert title.text == made.title
    assert made.y_name in (desc.text or "")
    assert not [e for e in root.iter() if {"class", "style", "href"} & set(e.attrib)]
    again = [draw_figure(made, title="t", prefix="p", size=size) for _ in range(2)]
    assert again[0] == again[1]


@pytest.mark.parametrize("name", FIGURES)
def test_everything_stands_on_the_page(name: str) -> None:
    root = parsed(FIGURES[name]())
    _, _, wide, tall = map(float, root.get("viewBox", "").split())
    for element in root.iter(f"{SVG}text"):
        x, y, width = float(element.get("x", "")), float(element.get("y", "")), text_width(element.text or "")
        start = {"start": x, "middle": x - width / 2, "end": x - width}[element.get("text-anchor", "")]
        assert start >= -8, element.text
        assert start + width <= wide + 8, element.text
        assert 0 < y < tall


@pytest.mark.parametrize("name", FIGURES)
def test_no_two_words_stand_on_one_another(name: str) -> None:
    boxes = []
    for element in parsed(FIGURES[name]()).iter(f"{SVG}text"):
        x, y, width = (
            float(element.get("x", "")),
            float(element.get("y", "")),
            0.85 * text_width(element.text or ""),
        )
        start = {"start": x, "middle": x - width / 2, "end": x - width}[element.get("text-anchor", "")]
        boxes.append((start, start + width, y - 10, y))
    for i, one in enumerate(boxes):
        for two in boxes[i + 1 :]:
            apart = one[1] <= two[0] or two[1] <= one[0] or one[3] <= two[2] or two[3] <= one[2]
            assert apart, (one, two)


def test_a_line_goes_through_its_points_in_proportion() -> None:
    root = parsed(figure(line([1.0, 2.0, 4.0])))
    drawn = [(float(e.get("cx", "")), float(e.get("cy", ""))) for e in root.iter(f"{SVG}circle")]
    (x0, y0), (x1, y1), (x2, y2) = drawn
    assert x2 - x1 == pytest.approx(x1 - x0, abs=0.11)
    assert (y1 - y2) == pytest.approx(2 * (y0 - y1), abs=0.31)
    path = next(e.get("d", "") for e in root.iter(f"{SVG}path"))
    start, *steps = (
        list(map(float, re.findall(r"-?\d*\.?\d+", part))) for part in re.split("[Ml]", path)[1:]
    )
    assert start == pytest.approx([x0, y0], abs=0.11)
    assert steps[0] == pytest.approx([x1 - x0, y1 - y0, x2 - x1, y2 - y1], abs=0.21)


def test_a_missing_point_breaks_the_line_and_a_lonely_one_is_still_seen() -> None:
    root = parsed(figure(line([1.0, 2.0, None, 3.0, 2.5, None, 2.0], kind="comparison", name="others")))
    path = next(e.get("d", "") for e in root.iter(f"{SVG}path"))
    assert path.count("M") == 2
    assert len(list(root.iter(f"{SVG}circle"))) == 1
    assert "A gap in a line: nothing was seen." in how_to_read(figure(line([1.0, 1.5, None, 2.0])), cut=False)
    assert "gap" not in how_to_read(figure(line([None, 1.0, 2.0])), cut=False)


def test_what_was_expected_of_one_period_alone_is_a_dot_that_the_key_shows_too() -> None:
    lone = Line("expected", "expected", (2.0,), (1.5,), (1.0,), (2.0,))
    drawn = parsed(figure(line([1.0, 2.0, 3.0]), lone))
    dots = [e for e in drawn.iter(f"{SVG}circle") if e.get("fill") == "#1d4f91"]
    assert len(dots) == 2


def test_a_band_is_broken_where_it_has_no_ends() -> None:
    one = Line("e", "expected", (0.0, 1.0, 2.0, 3.0, 4.0), (1.0,) * 5, (0.5, 0.5, None, 0.5, 0.5), (2.0,) * 5)
    filled = [e for e in parsed(figure(one)).iter(f"{SVG}path") if e.get("fill") not in ("none", None)]
    assert len(filled) == 2


def test_an_event_study_has_a_bar_and_a_thinner_one_around_it_at_each_point_that_was_estimated() -> None:
    made = FIGURES["event-study"]()
    bars = [
        e
        for e in parsed(made).iter(f"{SVG}line")
        if e.get("x1") == e.get("x2") and not e.get("stroke-dasharray")
    ]
    thick = {e.get("x1"): e for e in bars if e.get("stroke-width") == "3.2"}
    thin = {e.get("x1"): e for e in bars if e.get("stroke-width") == "1.1"}
    assert len(thick) == len(thin) == 10
    for at, bar in thick.items():
        inner = sorted(float(bar.get(end, "")) for end in ("y1", "y2"))
        outer = sorted(float(thin[at].get(end, "")) for end in ("y1", "y2"))
        assert outer[0] < inner[0] < inner[1] < outer[1]
    assert [strand.outer for strand in strands(made)] == [True, False]


def test_the_wider_of_two_intervals_is_the_outer_one_whichever_comes_first() -> None:
    made = FIGURES["event-study"]()
    turned = replace(made, lines=made.lines[::-1])
    inner = [next(s for s in strands(f) if not s.outer) for f in (made, turned)]
    assert inner[0].name == inner[1].name == "effect (95 % interval)"
    assert inner[0].style == inner[1].style
    assert (inner[0].style.marker, inner[0].style.dash) == ("circle", "")


def test_a_fitted_line_among_points_carries_no_dots_of_its_own() -> None:
    cloud = line([1.0, 2.0, 3.0], kind="points", name="bins")
    in_key = 1
    assert len(list(parsed(figure(cloud, line([1.1, 1.9, 3.1]))).iter(f"{SVG}circle"))) == 3 + in_key
    assert len(list(parsed(figure(line([1.1, 1.9, 3.1]))).iter(f"{SVG}circle"))) == 3


@pytest.mark.parametrize(("y_name", "nought"), [("Rate ratio", 1.0), ("Difference", 0.0)])
def test_the_line_of_no_difference_is_drawn_dark(y_name: str, nought: float) -> None:
    made = replace(figure(line([0.8, 1.4, 1.1], kind="effect", wide=0.3)), y_name=y_name)
    root = parsed(made)
    dark = [
        e for e in root.iter(f"{SVG}line") if e.get("stroke-width") == "1.2" and e.get("y1") == e.get("y2")
    ]
    words = {
        float(e.get("y", "")) - 5: e.text for e in root.iter(f"{SVG}text") if e.get("text-anchor") == "end"
    }
    near = min(words, key=lambda y: abs(y - float(dark[0].get("y1", ""))))
    assert float(words[near] or "") == nought


def test_the_start_is_marked_where_it_belongs_and_in_words() -> None:
    made = FIGURES["gaps"]()
    root = parsed(made)
    mark = next(e for e in root.iter(f"{SVG}line") if e.get("stroke-dasharray") == "5 3")
    year = next(e for e in root.iter(f"{SVG}text") if e.text == "2006")
    assert float(mark.get("x1", "")) == pytest.approx(float(year.get("x", "")), abs=0.11)
    assert "start" in texts(root)


def test_marks_that_stand_close_have_their_words_on_rows_of_their_own() -> None:
    marks = (
        (1.0, "programme starts"),
        (1.2, "washout ends"),
        (1.4, "a rather long word about the second wave of it"),
    )
    root = parsed(figure(line([1.0, 2.0, 3.0]), marks=marks))
    rows = {e.text: e.get("y") for e in root.iter(f"{SVG}text") if e.get("font-weight") == "bold"}
    assert len(rows) == 4
    assert len(set(rows.values())) == 4


def test_lines_are_told_apart_without_colour() -> None:
    several = [line([1.0 + i, 2.0 + i], kind="comparison", name=f"series {i}") for i in range(3)]
    mixed = (
        *several,
        line([1.5, 2.5]),
        line([1.6, 2.4], kind="effect", name="model"),
        line([3.0, 1.0], kind="expected", name="expected"),
    )
    found = strands(figure(*mixed))
    assert len({(s.style.dash, s.style.colour) for s in found}) == len(found)
    assert len({s.style.dash for s in found if s.kind == "comparison"}) == 3
    assert len({s.style.dash for s in found if s.name in ("seen", "model")}) == 2


def test_placebos_are_one_name_and_a_wild_one_does_not_flatten_the_rest() -> None:
    made = FIGURES["gaps"]()
    drawing = draw_figure(made, title="t", prefix="p")
    assert drawing.cut
    assert "placebos (24)" in texts(parsed(made))
    assert "Something goes on beyond the drawing" in how_to_read(made, cut=drawing.cut)
    assert "Grey: what the method finds where, or when, there was no programme." in how_to_read(
        made, cut=False
    )


def test_an_end_without_limit_is_drawn_to_the_edge_and_said_in_the_table() -> None:
    one = Line("e", "effect", (0.0, 1.0), (1.0, 2.0), (-math.inf, 1.0), (2.0, math.inf))
    drawing = draw_figure(figure(one), title="t", prefix="p")
    assert drawing.cut
    assert all(map(math.isfinite, places(ElementTree.fromstring(drawing.svg))))
    assert [row[2] for row in figure_tables(figure(one))[0].rows] == ["no limit to 2", "1 to no limit"]


def test_words_are_escaped_and_what_cannot_be_printed_is_left_out() -> None:
    odd = Figure(
        ODD,
        ODD,
        ODD,
        ODD,
        (replace(line([1.0, 2.0]), name=ODD),),
        marks=((0.5, ODD),),
        labels=(f"1{ODD}", f"2{ODD}"),
    )
    for made in (odd, replace(odd, labels=()), replace(odd, lines=(replace(odd.lines[0], kind="points"),))):
        svg = draw_figure(made, title=ODD, prefix="p").svg
        assert "<script" not in svg
        assert "\x07" not in svg
        assert "<script>alert('x')</script> & \"quoted\"" in "".join(ElementTree.fromstring(svg).itertext())


def test_a_figure_without_a_number_is_not_drawn() -> None:
    assert draw_figure(figure(line([None, None])), title="t", prefix="p").svg == ""
    assert draw_figure(figure(), title="t", prefix="p").svg == ""


def test_sixty_lines_of_four_hundred_points_make_no_huge_drawing() -> None:
    many = tuple(
        line([math.sin(i * u / 7) * (1 + u / 9) for i in range(400)], kind="placebo", name=f"u{u}")
        for u in range(59)
    )
    made = figure(*many, line([math.cos(i / 9) for i in range(400)], kind="effect", name="own"))
    assert len(draw_figure(made, title="t", prefix="p").svg) < 200_000


def test_a_very_long_line_is_thinned_but_keeps_its_highest_and_lowest_points() -> None:
    values: list[float | None] = [math.sin(i / 300) for i in range(9_000)]
    values[4_321], values[7_000] = 5.0, -5.0
    root = parsed(figure(line(values)))
    path = max((e.get("d", "") for e in root.iter(f"{SVG}path")), key=len)
    assert len(path) < 40_000
    numbers = list(map(float, re.findall(r"-?\d*\.?\d+", path)))
    heights = [numbers[1]]
    for step in numbers[3::2]:
        heights.append(heights[-1] + step)
    assert max(heights) - min(heights) == pytest.approx(300 * 10 / 11, rel=0.1)


def test_names_that_are_no_periods_lie_on_their_side() -> None:
    made = FIGURES["areas"]()
    assert is_sideways(made)
    assert not any(is_sideways(FIGURES[name]()) for name in FIGURES if name != "areas")
    words = texts(parsed(made))
    assert "Speke & <Garston>" in words
    assert "−4.20 (−6.90 to −1.50)" in words
    assert "−2.60 (no limit to 1.00)" in words


@pytest.mark.parametrize("name", FIGURES)
def test_the_tables_hold_the_numbers_of_the_figure(name: str) -> None:
    made = FIGURES[name]()
    seen: dict[str, list[str]] = {}
    for grid in figure_tables(made):
        for i, head in enumerate(grid.head[1:], 1):
            seen[head] = [str(row[i]) for row in grid.rows if row[i] != "none"]
    for one in made.lines:
        known = [y for y in one.y if y is not None]
        read_back = [float(cell.replace("−", "-").replace(",", "")) for cell in seen[one.name]]
        assert read_back == pytest.approx(known, abs=max(abs(y) for y in known) * 5.1e-4)
        if one.low:
            ends = [(a, b) for a, b in zip(one.low, one.high, strict=True) if a is not None and b is not None]
            cells = seen[f"{one.name}: interval"]
            for (low, high), cell in zip(ends, cells, strict=True):
                a, b = (part.replace("−", "-").replace(",", "") for part in cell.split(" to "))
                size = max(abs(v) for pair in ends for v in pair if math.isfinite(v)) * 5.1e-4
                assert a == "no limit" if math.isinf(low) else float(a) == pytest.approx(low, abs=size)
                assert b == "no limit" if math.isinf(high) else float(b) == pytest.approx(high, abs=size)


def test_every_place_on_the_axis_has_a_row_and_a_point_not_seen_says_so() -> None:
    grid = figure_tables(FIGURES["what-if"]())[0]
    assert [row[0] for row in grid.rows] == list(MONTHS)
    assert grid.rows[20][1] == "none"
    assert grid.rows[0][3] == "none"


def test_a_figure_without_labels_has_a_table_for_each_set_of_places() -> None:
    tables = figure_tables(FIGURES["cut-off"]())
    assert [len(grid.rows) for grid in tables] == [20, 21, 21]
    assert len({grid.caption for grid in tables}) == 3


def test_many_placebos_have_a_table_of_their_own() -> None:
    main, single = figure_tables(FIGURES["gaps"]())
    assert (len(main.head), len(single.head)) == (2, 25)
    assert single.caption.endswith("placebos, one by one")


@pytest.mark.parametrize(
    ("labels", "room"),
    [
        (MONTHS, 520.0),
        (MONTHS[:14], 520.0),
        (MONTHS, 120.0),
        (tuple(map(str, range(1900, 2020))), 500.0),
        (tuple(f"{y}-Q{q}" for y in range(1990, 2020) for q in (1, 2, 3, 4)), 500.0),
        (tuple(f"2014-{m:02d}-{d:02d}" for m in range(1, 13) for d in range(1, 29)), 500.0),
        (tuple(f"2014-{m:02d}-01" for m in range(1, 13)), 400.0),
        (tuple(f"{y}.25" for y in range(1990, 2020)), 300.0),
    ],
)
def test_names_of_periods_are_thinned_until_they_do_not_touch(labels: tuple[str, ...], room: float) -> None:
    ticks = period_ticks(labels, 0, len(labels) - 1, room)
    assert len(ticks) >= 2
    step = room / (len(labels) - 1)
    for one, two in pairwise(ticks):
        assert (two.at - one.at) * step >= (text_width(one.words) + text_width(two.words)) / 2


def test_months_that_begin_a_year_stand_as_that_year() -> None:
    assert [tick.words for tick in period_ticks(MONTHS, 0, 59, 400)] == [
        "2014",
        "2015",
        "2016",
        "2017",
        "2018",
    ]
    assert next(tick.words for tick in period_ticks(MONTHS[2:8], 0, 5, 500)) == "Mar 2014"
    assert period_ticks((), 0, 3, 100) == ()


@settings(max_examples=80, deadline=None)
@given(st.floats(-1e8, 1e8), st.floats(1e-6, 1e8))
def test_ticks_are_round_few_and_inside(low: float, length: float) -> None:
    high = low + length
    ticks = round_ticks(low, high)
    assert len(ticks) <= 8
    slack = 1e-6 * (abs(low) + length)
    assert all(low - slack <= tick.at <= high + slack for tick in ticks)


numbers = st.one_of(st.none(), st.floats(-1e9, 1e9), st.just(math.nan), st.just(math.inf))
kinds: st.SearchStrategy[LineKind] = st.sampled_from(get_args(LineKind))


@st.composite
def any_line(draw: st.DrawFn) -> Line:
    size = draw(st.integers(1, FEW_POINTS + 5))
    values = draw(st.lists(numbers, min_size=size, max_size=size))
    banded = draw(st.booleans())
    low = tuple(draw(st.lists(numbers, min_size=size, max_size=size))) if banded else ()
    high = tuple(draw(st.lists(numbers, min_size=size, max_size=size))) if banded else ()
    return Line(
        draw(st.text(max_size=40)), draw(kinds), tuple(map(float, range(size))), tuple(values), low, high
    )


@settings(max_examples=120, deadline=None)
@given(
    st.lists(any_line(), min_size=1, max_size=5),
    st.sampled_from(["none", "months", "names"]),
    st.text(max_size=60),
)
def test_whatever_a_method_draws_can_be_read_and_stays_within_bounds(
    lines: list[Line], labelled: str, word: str
) -> None:
    labels = {"none": (), "months": MONTHS, "names": tuple(f"area {i}" for i in range(60))}[labelled]
    made = Figure("f", word, word, word, tuple(lines), ((1.0, word),), labels)
    drawing = draw_figure(made, title=word, prefix="p")
    assert described(made)
    for grid in figure_tables(made):
        assert all(len(row) == len(grid.head) for row in grid.rows)
    if drawing.svg:
        root = ElementTree.fromstring(drawing.svg)
        assert all(map(math.isfinite, places(root)))
        for bar in root.iter(f"{SVG}line"):
            assert all(abs(float(bar.get(end, ""))) < 5_000 for end in ("x1", "x2", "y1", "y2"))


def test_a_column_of_a_methods_table_is_printed_alike() -> None:
    assert fact_table(WEIGHTS).rows[0] == ("Westmark", "0.412", "1995")
    assert fact_table(WEIGHTS, "offences").caption == "Areas that make up synthetic Northshire: offences"
    assert fact_table(WEIGHTS).rows[2] == ("all others", "0.238", "none")
    assert [row[:3] for row in fact_table(GROUP_TIME).rows] == [
        ("2004", "2004", "−0.0105"), ("2004", "2005", "−0.0704"), ("2006", "2006", "0.0065"),
    ]  # fmt: skip
    mixed = FactTable(
        "t", "T", ("what", "value"), (("ratio", 0.8534), ("per cent", -14.66), ("events", 5244.8))
    )
    assert [row[1] for row in fact_table(mixed).rows] == ["0.853", "−14.7", "5,245"]
    apart = replace(mixed, rows=(*mixed.rows, ("slope", 1.0041), ("level", 0.78)))
    assert [row[1] for row in fact_table(apart).rows] == ["0.853", "−14.7", "5,245", "1.00", "0.780"]
    odd = FactTable("t", "T", ("a", "b"), ((math.nan, math.inf), (12_345.0, 1.0), ("", -0.0)))
    assert fact_table(odd).rows == (("none", "no limit"), ("12,345", "1"), ("none", "0"))
    chances = FactTable("t", "T", ("chance",), ((0.81,), (0.64,), (3e-9,), (0.0,)))
    assert [row[0] for row in fact_table(chances).rows] == ["0.810", "0.640", "nearly 0", "0.000"]


@pytest.mark.parametrize(
    ("column", "theirs"),
    [("p", True), ("p-value", True), ("P value", True), ("Effect", False), ("Gap", False)],
)
def test_a_table_with_p_values_is_for_analysts(column: str, theirs: bool) -> None:
    assert for_analysts(FactTable("t", "T", ("area", column), ())) is theirs


def figures_of(page: Element) -> list[Element]:
    return [e for e in page.all("figure") if "drawn" in e.attributes.get("class", "")]


@pytest.mark.parametrize("name", PANEL_SAMPLES)
def test_a_report_draws_each_figure_once_with_its_numbers_below_it(name: str) -> None:
    made = PANEL_SAMPLES[name]()
    page = render(made)
    shown = figures_of(page)
    wanted = [f for o in made.outcomes for f in o.figures] if name != "withheld-figures" else []
    assert sorted(e.all("svg")[0].all("title")[0].text() for e in shown) == sorted(f.title for f in wanted)
    for i, one in enumerate(shown, 1):
        assert one.all("figcaption")[0].text().startswith(f"Figure {i}. ")
        region = by_class(one, "scroll")
        assert region.attributes["aria-label"].startswith(f"Figure {i}: ")
        assert one.all("details")[0].all("summary")[0].text() == f"The numbers of figure {i}"
        assert len(one.all("table")) == len(
            figure_tables(wanted[[f.title for f in wanted].index(one.all("svg")[0].all("title")[0].text())])
        )


def test_the_main_figure_stands_small_on_page_one_and_large_in_section_one() -> None:
    page = render(PANEL_SAMPLES["synthetic-control"]())
    small = [e.all("title")[0].text() for e in by_class(page, "page-one").all("svg")]
    assert small[1:] == ["Northshire and its synthetic control"]
    assert table(page, "Areas that make up synthetic Northshire")[1] == ["Westmark", "0.412", "1995"]


def test_nothing_of_few_people_is_drawn_or_listed() -> None:
    page = render(PANEL_SAMPLES["withheld-figures"]())
    assert figures_of(page) == []
    assert "Effect by group and year" not in page.text()


def test_a_table_with_p_values_stands_with_the_statistics() -> None:
    made = PANEL_SAMPLES["staggered-adoption"]()
    tests = FactTable("tests", "Tests of the cells", ("Cell", "p-value"), (("one", 0.04),))
    main = replace(made.primary, tables=(*made.primary.tables, tests))
    page = render(replace(made, outcomes=(main,)))
    sections = {s.attributes["aria-labelledby"]: s.text() for s in page.all("section")}
    assert "Tests of the cells" in sections["section-9"]
    assert not any("Tests of the cells" in text for key, text in sections.items() if key != "section-9")


def test_numbers_too_many_for_a_page_are_left_to_the_json_and_said_to_be() -> None:
    days = tuple(f"{2000 + i // 336}-{1 + i // 28 % 12:02d}-{1 + i % 28:02d}" for i in range(4_000))
    long = replace(
        figure(line([float(i % 7) for i in range(4_000)]), line([3.0] * 4_000, kind="expected")), labels=days
    )
    made = PANEL_SAMPLES["interrupted-time-series"]()
    page = render(replace(made, outcomes=(replace(made.primary, figures=(long,)),)))
    shown = figures_of(page)[0]
    assert shown.all("table") == []
    assert "they stand in the result as JSON" in shown.text()


def test_a_long_table_is_not_printed_and_the_paper_says_where_it_is() -> None:
    shown = figures_of(render(PANEL_SAMPLES["interrupted-time-series"]()))[0]
    assert "unprinted" in shown.all("details")[0].attributes["class"]
    assert "too long for paper" in by_class(shown, "on-paper").text()
    short = figures_of(render(PANEL_SAMPLES["difference-in-differences"]()))[0]
    assert "unprinted" not in short.all("details")[0].attributes["class"]


def test_an_exploratory_figure_is_stamped() -> None:
    made = PANEL_SAMPLES["difference-in-differences"]()
    page = render(replace(made, plan=replace(made.plan, state="unlocked")))
    assert figures_of(page)[0].all("figcaption")[0].text().startswith("Figure 1. Exploratory. ")


def test_a_chance_of_nought_beside_tiny_ones_is_no_row_of_noughts() -> None:
    rows = (("planned", 0.0), ("allocated", 2.1e-05), ("analysed", 4e-07))
    table = fact_table(FactTable("power", "What could be detected", ("As", "Chance"), rows, ""))
    assert [row[1] for row in table.rows] == ["0", "0.000021", "nearly 0"]
    usual = FactTable("power", "What could be detected", ("As", "Chance"), (("a", 0.95), ("b", 0.0)), "")
    assert [row[1] for row in fact_table(usual).rows] == ["0.950", "0.000"]
