"""Sheets as the bytes of files: one Word file, or a picture for each sheet (pure)."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from theory_of_change.drawing.paper import Paper
from theory_of_change.drawing.sheets import Sheet
from theory_of_change.model import Theory

DOTS_AN_INCH = 220


def sheet_files(theory: Theory, sheets: Sequence[Sheet], to: Path, paper: Paper) -> dict[Path, bytes]:
    """What is to be written, by its path: ``FILE-1.svg``, ``FILE-2.svg`` where there are several sheets."""
    kind = to.suffix.lower()
    if kind == ".docx":
        from theory_of_change.drawing.word import word_bytes

        return {to: word_bytes(theory, sheets, paper)}
    paths = (
        [to] if len(sheets) == 1 else [to.with_name(f"{to.stem}-{each.number}{to.suffix}") for each in sheets]
    )
    return {path: _picture(each, kind, paper) for path, each in zip(paths, sheets, strict=True)}


def _picture(sheet: Sheet, kind: str, paper: Paper) -> bytes:
    scene = sheet.drawing.scene
    if kind == ".svg":
        from theory_of_change.drawing.svg import sheet_svg

        return sheet_svg(scene, paper).encode("utf-8")
    from theory_of_change.drawing.png import png_bytes

    return png_bytes(scene, DOTS_AN_INCH * paper.scale(scene) / 72)
