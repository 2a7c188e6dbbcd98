"""The drawing keeps its promises: no label cut, no line across a box, nothing outside, signs on tested links."""

from __future__ import annotations

import itertools
import json
import random
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.theory_of_change.theories import example, random_theory
from theory_of_change.drawing.columns import arrange, crossings
from theory_of_change.drawing.letters import clean, width, wrapped
from theory_of_change.drawing.parts import of_priority
from theory_of_change.drawing.picture import Drawing, draw_theory
from theory_of_change.drawing.png import png_bytes
from theory_of_change.drawing.scene import Disc, Group, Item, Line, Point, Rect, Shape, Words, points_on
from theory_of_change.drawing.signs import ANSWERS, PAPER, STATES
from theory_of_change.drawing.svg import svg_text
from theory_of_change.drawing.verdict_file import FINDINGS, join_verdicts, read_verdicts
from theory_of_change.errors import TheoryError
from theory_of_change.model import Box, Link, Theory

ANCHOR = {"start": 0.0, "middle": 0.5, "end": 1.0}


def verdicts_for(theory: Theory, seed: int) -> dict[str, str]:
    chance = random.Random(seed)
    return {link.id: chance.choice(ANSWERS) for link in theory.links if chance.random() < 0.4}


def span(words: Words) -> tuple[float, float]:
    wide = width(words.text, words.size, words.bold)
    left = words.x - ANCHOR[words.anchor] * wide
    return left, left + wide


def corners(item: Item) -> Iterator[Point]:
    if isinstance(item, Rect):
        yield from ((item.x, item.y), (item.right, item.bottom))
    elif isinstance(item, Line):
        yield from points_on(item)
    elif isinstance(item, Shape):
        yield from item.points
    elif isinstance(item, Disc):
        yield from (
            (item.x - item.radius, item.y - item.radius),
            (item.x + item.radius, item.y + item.radius),
        )
    else:
        left, right = span(item)
        yield from ((left, item.y - item.size), (right, item.y + 0.25 * item.size))


def holds_its_promises(theory: Theory, drawing: Drawing) -> None:
    places, scene = drawing.places, drawing.scene
    boxes = {id_: places.rects[id_] for id_ in places.cards}
    for one, other in itertools.combinations(places.rects.values(), 2):
        apart = one.right <= other.x or other.right <= one.x or one.bottom <= other.y or other.bottom <= one.y
        assert apart, "two boxes or lanes stand on one another"
    for group in (part for part in scene.parts if isinstance(part, Group)):
        frames = [item for item in group.items if isinstance(item, Rect)]
        for words in (item for item in group.items if isinstance(item, Words) and frames):
            left, right = span(words)
            assert frames[0].x <= left <= right <= frames[0].right, "a label is cut"
            assert (
                frames[0].y <= words.y - 0.8 * words.size <= words.y + 0.25 * words.size <= frames[0].bottom
            )
    for id_, card in places.cards.items():
        said = "".join(card.lines).replace(" ", "")
        assert said == clean(card.box.text).replace(" ", ""), f"the words of {id_} are not all there"
    for route in drawing.routes:
        for x, y in points_on(Line(route.start, route.pieces, "", 1.0), 12):
            for id_, rect in boxes.items():
                assert not (
                    rect.x + 0.01 < x < rect.right - 0.01 and rect.y + 0.01 < y < rect.bottom - 0.01
                ), f"{route.link.id} crosses {id_}"
        assert on_edge(route.start, boxes[route.link.from_box])
        assert on_edge(route.tip, boxes[route.link.to_box])
    for item in scene.items():
        for x, y in corners(item):
            assert 0 <= x <= scene.width, "something is outside"
            assert 0 <= y <= scene.height, "something is outside"
    assert {route.link.id for route in drawing.routes} == {link.id for link in theory.links}


def on_edge(point: Point, rect: Rect) -> bool:
    return point[0] in (rect.x, rect.right) and rect.y <= point[1] <= rect.bottom


@settings(max_examples=200, deadline=None)
@given(st.integers(0, 10**9))
def test_any_theory_is_drawn_without_cut_labels_or_lines_across_boxes(seed: int) -> None:
    theory = random_theory(seed)
    holds_its_promises(theory, draw_theory(theory, verdicts_for(theory, seed), "Priority: W & <x>"))


def test_the_example_is_drawn_without_cut_labels_or_lines_across_boxes() -> None:
    theory = example()
    drawing = draw_theory(theory, verdicts_for(theory, 7))
    holds_its_promises(theory, drawing)
    columns = drawing.places.columns
    assert [len([node for node in column if "|" not in node]) for column in columns.nodes] == [
        12,
        7,
        9,
        6,
        5,
        1,
    ]
    assert crossings(columns.nodes, columns.edges()) <= 16  # 67 in the order of the file


def test_ordering_a_column_takes_crossings_away() -> None:
    boxes = [Box(f"A{i}", "activity", "x", tier="primary") for i in range(1, 6)]
    boxes += [Box(f"P{i}", "output", "x") for i in range(1, 6)]
    links = tuple(Link(f"A{i}", f"P{6 - i}") for i in range(1, 6))  # drawn in file order, all ten pairs cross
    columns = arrange(Theory("Crossed", boxes=tuple(boxes), links=links))
    assert crossings(columns.nodes, columns.edges()) == 0


def test_the_measured_widths_are_those_of_the_font_the_picture_is_drawn_in() -> None:
    from matplotlib import get_data_path
    from matplotlib.ft2font import FT2Font, LoadFlags

    for file, bold in (("DejaVuSans.ttf", False), ("DejaVuSans-Bold.ttf", True)):
        font = FT2Font(str(Path(get_data_path()) / "fonts/ttf" / file))
        for letter in "aWi9ÄŁ–’…":
            glyph = font.load_char(ord(letter), flags=LoadFlags.NO_SCALE)
            assert width(letter, 2048, bold) == pytest.approx(glyph.horiAdvance, abs=0.5)


def test_a_word_too_long_for_a_line_is_broken_and_nothing_is_lost() -> None:
    lines = wrapped("a " + "W" * 50 + " b", 100, 12)
    assert max(width(line, 12) for line in lines) <= 100
    assert "".join(lines).replace(" ", "") == "a" + "W" * 50 + "b"


def test_every_tested_link_carries_its_sign_and_its_dash_pattern() -> None:
    theory = example()
    answers = dict(zip((link.id for link in theory.links), ANSWERS, strict=False))
    scene = draw_theory(theory, answers).scene
    groups = [part for part in scene.parts if isinstance(part, Group)]
    for id_, answer in answers.items():
        state = STATES[answer]
        lines = [i for g in groups if g.title.startswith(f"{id_}: ") for i in g.items if isinstance(i, Line)]
        assert any((line.stroke, line.dash) == (state.colour, state.dash) for line in lines)
        badge = next(g for g in groups if g.title == f"{id_}: {state.words}")
        signs = [i.text for i in badge.items if isinstance(i, Words)]
        assert signs == ([] if state.sign == "✓" else [state.sign])
    told = " ".join(item.text for item in scene.items() if isinstance(item, Words))
    assert all(f"{STATES[answer].words} (1)" in told for answer in answers.values())


def test_answers_that_share_a_sign_or_colour_still_differ_in_dash_or_words() -> None:
    looks = {(state.sign, state.dash, state.line) for state in STATES.values()}
    assert len(looks) == len(STATES) - 1  # the two ways to be too small are one sign, and two words
    assert len({state.words for state in STATES.values()}) == len(STATES)


def luminance(colour: str) -> float:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("key", STATES)
def test_lines_stand_out_from_the_paper(key: str) -> None:
    ratio = (luminance(PAPER) + 0.05) / (luminance(STATES[key].colour) + 0.05)
    assert ratio >= (4.5 if STATES[key].sign else 3.0)  # WCAG 2.2: text, and other marks


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_svg_is_well_formed_and_carries_no_style_sheet(seed: int) -> None:
    theory = random_theory(seed)
    text = svg_text(draw_theory(theory).scene)
    root = ElementTree.fromstring(text)
    space = "{http://www.w3.org/2000/svg}"
    names = {element.tag.removeprefix(space) for element in root.iter()}
    assert names <= {"svg", "title", "desc", "g", "rect", "path", "polygon", "circle", "text"}
    assert not {"class", "style"} & {key for element in root.iter() for key in element.attrib}
    ids = [element.attrib["id"] for element in root.iter() if "id" in element.attrib]
    assert root.attrib["aria-labelledby"].split() == ids
    assert root[0].text == clean(theory.title)
    assert all(box.id in str(root[1].text) for box in theory.boxes)
    assert all(f"{link.from_box} to {link.to_box}" in str(root[1].text) for link in theory.links)


def test_the_same_theory_gives_the_same_bytes() -> None:
    assert svg_text(draw_theory(example()).scene) == svg_text(draw_theory(example()).scene)
    small = random_theory(5, most=5)
    first = png_bytes(draw_theory(small).scene, scale=1)
    assert first == png_bytes(draw_theory(small).scene, scale=1)
    assert first[:8] == b"\x89PNG\r\n\x1a\n"


def test_a_part_of_one_priority_keeps_what_lies_on_the_way() -> None:
    whole = example()
    part = of_priority(whole, "reducing-reoffending")  # its name before 2022
    ids = {box.id for box in part.boxes}
    assert {"A9", "A10", "A11", "P6", "S7", "S8", "M5"} <= ids
    assert "L3" in ids  # of no priority, and reached from S8
    assert "A1" not in ids
    with pytest.raises(TheoryError) as error:
        of_priority(whole, "educatoin")
    assert error.value.code == "LC231"
    assert "Did you mean 'education'?" in str(error.value)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{", "not valid JSON"),
        ("[]", "no list 'links'"),
        ('{"links": [3]}', "needs 'link' and 'answer'"),
        ('{"links": [{"link": "P3>S9", "answer": "works"}]}', "is not a link"),
        ('{"links": [{"link": "P3>S2", "answer": "work"}]}', "Did you mean 'works'?"),
        (
            '{"links": [{"link": "P3>S2", "answer": "works"}, {"link": "P3 > S2", "answer": "harms"}]}',
            "already",
        ),
    ],
)
def test_a_file_of_verdicts_that_does_not_fit_is_refused(text: str, said: str) -> None:
    with pytest.raises(TheoryError) as error:
        read_verdicts(text, example(), "verdicts.json")
    assert error.value.code == "LC232"
    assert said in " ".join(str(fault) for fault in error.value.faults)


def test_the_result_of_an_evaluation_is_a_file_of_verdicts_too() -> None:
    found = ("held", "held, weakly", "did not hold", "went the other way", "not known", "not tested")
    theory = example()
    links = [
        {"link": link.id, "finding": f, "seen": "…"} for link, f in zip(theory.links, found, strict=False)
    ]
    answers = read_verdicts(json.dumps({"links": links, "outcomes": []}), theory, "result.json")
    assert list(answers.values()) == list(FINDINGS.values())[:-1]
    assert join_verdicts({"one": answers, "two": answers}) == answers
    with pytest.raises(TheoryError) as error:
        join_verdicts({"one": answers, "two": {"F1>P1": "harms"}})
    assert str(error.value) == "two: LC232 link F1>P1 has another verdict in one"


def test_every_answer_can_be_drawn_from_a_file() -> None:
    theory = example()
    entries = [{"link": link.id, "answer": a} for link, a in zip(theory.links, ANSWERS, strict=False)]
    assert list(read_verdicts(json.dumps({"links": entries}), theory, "v.json").values()) == list(ANSWERS)
