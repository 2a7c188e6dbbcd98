"""Drawings of a page painted as pictures."""

from __future__ import annotations

import math
import re
import struct
import zlib

import pytest

from evaluation.word.painting import DOTS_PER_INCH, paint, words_of
from evaluation.word.svg_paths import CLOSE, CURVE, LINE, MOVE, outline
from tests.evaluation.word_reader import MADE, page_of

DRAWING = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 20 10"><title>A title</title>{}</svg>'


def pixels(png: bytes) -> list[list[tuple[int, int, int]]]:
    """The rows of an RGBA picture as matplotlib writes it (filters 0 to 4)."""
    across, down = struct.unpack(">II", png[16:24])
    packed, place = b"", 8
    while place < len(png):
        size = struct.unpack(">I", png[place : place + 4])[0]
        if png[place + 4 : place + 8] == b"IDAT":
            packed += png[place + 8 : place + 8 + size]
        place += size + 12
    raw, width = zlib.decompress(packed), across * 4
    rows: list[list[int]] = []
    for y in range(down):
        kind, line = raw[y * (width + 1)], list(raw[y * (width + 1) + 1 : (y + 1) * (width + 1)])
        above = rows[-1] if rows else [0] * width
        for i in range(width):
            left, up, corner = (line[i - 4] if i > 3 else 0), above[i], (above[i - 4] if i > 3 else 0)
            line[i] = (line[i] + _guess(kind, left, up, corner)) % 256
        rows.append(line)
    return [[(row[i], row[i + 1], row[i + 2]) for i in range(0, width, 4)] for row in rows]


def _guess(kind: int, left: int, up: int, corner: int) -> int:
    if kind == 4:
        best = left + up - corner
        return min((left, up, corner), key=lambda value: abs(best - value))
    return (0, left, up, (left + up) // 2)[kind]


def test_a_path_is_read_with_its_moves_lines_and_curves() -> None:
    found = outline("M1 2l3-1h2v.5L0 0C1 1 2 2 3 3z")
    assert found.codes == [MOVE, LINE, LINE, LINE, LINE, CURVE, CURVE, CURVE, CLOSE]
    assert found.points == [(1, 2), (4, 1), (6, 1), (6, 1.5), (0, 0), (1, 1), (2, 2), (3, 3), (1, 2)]


@pytest.mark.parametrize(("sweep", "top"), [(1, -2.0), (0, 2.0)])
def test_half_a_circle_bulges_to_the_right_side_and_keeps_its_radius(sweep: int, top: float) -> None:
    found = outline(f"M-2 0a2 2 0 0 {sweep} 4 0")
    ends = [found.points[i] for i in (0, 3, 6)]
    expected = [(-2.0, 0.0), (0.0, top), (2.0, 0.0)]
    for end, wanted in zip(ends, expected, strict=True):
        assert math.dist(end, wanted) < 1e-9
    assert found.codes == [MOVE, *[CURVE] * 6]


def test_a_large_arc_goes_the_long_way_round() -> None:
    found = outline("M1 0A1 1 0 1 1 0 1")  # three quarters: from (1, 0), clockwise on the page or not
    ends = found.points[3::3]
    assert all(abs(math.dist(end, found.points[0]) - 0) > 1e-6 for end in ends)
    assert math.dist(ends[-1], (0, 1)) < 1e-9
    assert len(ends) == 3


@pytest.mark.parametrize("path", ["M0 0Q1 1 2 2", "M0 0S1 1 2 2", "M0 0T1 1"])
def test_a_path_we_do_not_draw_is_refused(path: str) -> None:
    with pytest.raises(ValueError, match="not drawn"):
        outline(path)


def test_colours_stand_where_the_drawing_has_them() -> None:
    inside = '<rect width="10" height="10" fill="#b10e1e"/><circle cx="15" cy="5" r="3" fill="#00703c"/>'
    made = paint(DRAWING.format(inside), 0.5)
    rows = pixels(made.png)
    down, across = len(rows), len(rows[0])
    assert (across, down) == (round(0.5 * DOTS_PER_INCH), round(0.25 * DOTS_PER_INCH))
    assert rows[down // 2][across // 4] == (0xB1, 0x0E, 0x1E)
    assert rows[down // 2][across * 3 // 4] == (0x00, 0x70, 0x3C)
    assert rows[2][across - 3] == (255, 255, 255)


def test_what_is_used_again_stands_where_it_is_put_and_a_clip_cuts() -> None:
    inside = (
        '<defs><path id="m" d="M0 0h2v2h-2z"/></defs><use href="#m" x="12" y="4" fill="#0b0c0c"/>'
        '<clipPath id="c"><rect x="0" y="0" width="4" height="10"/></clipPath>'
        '<g clip-path="url(#c)"><rect x="0" y="0" width="8" height="10" fill="#b10e1e"/></g>'
    )
    rows = pixels(paint(DRAWING.format(inside), 1.0).png)
    unit = len(rows[0]) / 20
    seen = [rows[int(5 * unit)][int(x * unit)] for x in (2, 6, 13, 17)]
    assert seen == [(0xB1, 0x0E, 0x1E), (255, 255, 255), (0x0B, 0x0C, 0x0C), (255, 255, 255)]


@pytest.mark.parametrize("inside", ["<ellipse/>", '<text transform="skewX(3)">a</text>'])
def test_what_cannot_be_painted_is_refused_and_never_left_out(inside: str) -> None:
    with pytest.raises(ValueError, match="not painted"):
        paint(DRAWING.format(inside), 1.0)


def test_every_drawing_of_every_sample_can_be_painted_the_same_twice() -> None:
    drawings = [svg for name in MADE for svg in re.findall(r"<svg.*?</svg>", page_of(name), re.DOTALL)]
    assert len(drawings) > 30
    for svg in drawings[::6]:
        assert paint(svg, 3.0) == paint(svg, 3.0)
        assert words_of(svg)[0]
