"""Sheets of paper on their sides, and how large letters come out on them (pure)."""

from __future__ import annotations

from dataclasses import dataclass

from theory_of_change.drawing.scene import Scene, Words

POINTS_A_MM = 72 / 25.4
LEAST_LETTERS = 8.0  # points: smaller print cannot be read without glasses
LARGEST = 1.25  # times its natural size
NATURAL = 0.72  # points in one unit of a drawing


@dataclass(frozen=True, slots=True)
class Paper:
    """A sheet on its side: width and height in millimetres, the margin round it, and what a page keeps above."""

    name: str
    width_mm: float
    height_mm: float
    margin_mm: float = 12.0
    above_points: float = 0.0

    @property
    def room(self) -> tuple[float, float]:
        """Width and height a drawing may take, in points."""
        wide = (self.width_mm - 2 * self.margin_mm) * POINTS_A_MM
        high = (self.height_mm - 2 * self.margin_mm) * POINTS_A_MM
        return wide, high - self.above_points

    def scale(self, scene: Scene) -> float:
        """Points for one unit of a drawing: as large as the sheet takes, never above its natural size by a quarter."""
        wide, high = self.room
        return min(wide / scene.width, high / scene.height, LARGEST * NATURAL)

    def letters(self, scene: Scene) -> float:
        """The smallest letters of a drawing on this sheet, in points."""
        return self.scale(scene) * min(item.size for item in scene.items() if isinstance(item, Words))

    @property
    def free_width(self) -> float:
        """How wide a drawing may be, in its units, before its width costs anything."""
        return round(self.room[0] / (LARGEST * NATURAL), 2)

    def holds(self, scene: Scene) -> bool:
        """Say whether everything can be read on it."""
        return self.letters(scene) >= LEAST_LETTERS


PAPERS = {"a4": Paper("A4", 297, 210), "a3": Paper("A3", 420, 297)}
WORD_PAGE = Paper("A4", 297, 210, 12.0, 42.0)  # a heading stands above each picture
