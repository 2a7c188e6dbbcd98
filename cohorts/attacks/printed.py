"""How the counts hang together that reading commands print, as puzzles to be solved (pure)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from cohorts.areas.totals import total_puzzle
from cohorts.attacks.margins import MOST, Puzzle
from workspace.settings import DisclosureProfile

PARTS_OF_ENROLLED = ("withdrawn or restricted", "eligible", "not eligible", "eligibility unknown")
STANDING = ("due", "seen", "overdue", "not_yet_due")


def flow_puzzle(payload: Mapping[str, Any], profile: DisclosureProfile) -> Puzzle:
    """``cohort flow``: the enrolled are the eligible, the others and the unknown; the observed are enrolled.

    People of a delivery, in the cohort or not, are at most its accepted rows. At each wave the due are the seen and
    the lost, and with those not due yet they are everybody.
    """
    puzzle = Puzzle(f"cohort flow {payload.get('cohort', '')}", profile)
    steps = {step["step"]: puzzle.take(step, "n") for step in payload.get("steps", [])}
    parts = [steps[name] for name in PARTS_OF_ENROLLED if name in steps]
    if "enrolled" in steps and "eligible" in steps:
        puzzle.total(steps["enrolled"], *parts)
    arms = [puzzle.take(row, "n") for row in payload.get("allocated", [])]
    if arms and "enrolled" in steps and "withdrawn or restricted" not in steps:
        puzzle.total(steps["enrolled"], *arms)
    for row in payload.get("observed", []):
        seen = puzzle.take(row, "n")
        if "enrolled" in steps:
            puzzle.total(steps["enrolled"], seen, puzzle.unknown())
    for row in payload.get("deliveries", []):
        rows, accepted = puzzle.take(row, "rows"), puzzle.take(row, "accepted")
        puzzle.total(rows, accepted, puzzle.unknown())
        if "people" in row:
            puzzle.total(
                accepted, puzzle.take(row, "people"), puzzle.take(row, "not_in_cohort"), puzzle.unknown()
            )
    waves = []
    for row in payload.get("followed", []):
        due, early = puzzle.take(row, "due"), puzzle.take(row, "not_yet_due")
        puzzle.total(due, puzzle.take(row, "seen"), *(puzzle.take(item, "n") for item in row["lost"]))
        waves.append((due, early, puzzle.take(row, "window_open")))
    _everybody(puzzle, waves)
    return puzzle


def follow_up_puzzle(payload: Mapping[str, Any], profile: DisclosureProfile) -> Puzzle:
    """``cohort follow-up``: the due are the seen, the missing and the overdue; arms add up to all, each and together.

    Whoever is due at one wave is due or not yet due at every other, so all rows have the same people.
    """
    puzzle = Puzzle(f"cohort follow-up {payload.get('cohort', '')}", profile)
    groups: dict[str, list[tuple[int, ...]]] = {}
    for row in payload.get("follow_up", []):
        whole, reasons = _standing(puzzle, row)
        groups.setdefault("", []).append((whole["due"], whole["not_yet_due"]))
        arms = [
            (arm.get("arm", str(n)), *_standing(puzzle, arm)) for n, arm in enumerate(row.get("arms", []))
        ]
        for name, cells, _ in arms:
            groups.setdefault(name, []).append((cells["due"], cells["not_yet_due"]))
        for key in STANDING if arms else ():
            puzzle.total(whole[key], *(cells[key] for _, cells, _ in arms))
        for reason, cell in reasons.items() if arms else ():
            puzzle.total(cell, *(held[reason] for _, _, held in arms if reason in held))
    for pairs in groups.values():
        _everybody(puzzle, pairs)
    waves = payload.get("last_seen", {}).get("waves", [])
    if waves and "" in groups:
        puzzle.total(_size(puzzle, groups[""]), *(puzzle.take(row, "n") for row in waves))
    return puzzle


def _standing(puzzle: Puzzle, row: dict[str, Any]) -> tuple[dict[str, int], dict[str, int]]:
    cells = {key: puzzle.take(row, key) for key in STANDING}
    reasons = {item.get("reason", str(n)): puzzle.take(item, "n") for n, item in enumerate(row["missing"])}
    puzzle.total(cells["due"], cells["seen"], cells["overdue"], *reasons.values())
    return cells, reasons


def _everybody(puzzle: Puzzle, rows: Sequence[tuple[int, ...]]) -> None:
    """The same people stand in every row: as many as the most telling row says."""
    for cells in rows if len(rows) > 1 else ():
        puzzle.total(_size(puzzle, rows), *cells)


def _size(puzzle: Puzzle, rows: Iterable[tuple[int, ...]]) -> int:
    """A count as wide as all rows together leave it; their sums stay apart, so that each is solved quickly."""
    extents = [
        (sum(puzzle.cells[c].low for c in cells), sum(puzzle.cells[c].high for c in cells)) for cells in rows
    ]
    low, high = max(low for low, _ in extents), min(high for _, high in extents)
    return puzzle.exact(low, high) if low <= high else puzzle.exact(0, MOST)


def quality_puzzle(payload: Mapping[str, Any], profile: DisclosureProfile) -> Puzzle:
    """``cohort quality``: people are those with a value and those without by reason, whose share tells their number."""
    puzzle = Puzzle(f"cohort quality {payload.get('cohort', '')}", profile)
    for row in payload.get("variables", []):
        people = puzzle.take(row, "people")
        missing = [puzzle.take(item, "n") for item in row["missing"]]
        without = puzzle.unknown()
        share = row.get("missing_share")
        if share and row["people"]:
            base = profile.rounding
            without = puzzle.add(base * round(share * row["people"] / base))
            puzzle.places[without] = (row, "missing_share")
        puzzle.total(without, *missing)
        puzzle.total(people, puzzle.unknown(), without)
    for row in payload.get("waves", []):
        puzzle.total(puzzle.take(row, "enrolled"), puzzle.take(row, "unobserved"), puzzle.unknown())
    return puzzle


def link_puzzle(payload: Mapping[str, Any], profile: DisclosureProfile) -> Puzzle:
    """``link quality``: groups add up to everybody; where a rate is withheld the linked or the others are few."""
    puzzle = Puzzle(f"link quality {payload.get('cohort', '')}", profile)
    tables: dict[tuple[str, str], list[dict[str, int]]] = {}
    for row in payload.get("groups", []):
        enrolled = puzzle.take(row, "enrolled")
        linked = puzzle.unknown() if row["enrolled"] is None else puzzle.take(row, "linked")
        few = bool(row["enrolled"]) and bool(row["linked"]) and row["match_rate"] is None
        puzzle.total(enrolled, linked, puzzle.add(None) if few else puzzle.unknown())
        tables.setdefault((row["source"], row["by"] or ""), []).append(
            {"enrolled": enrolled, "linked": linked}
        )
    for (source, by), rows in tables.items():
        whole = tables.get((source, ""))
        for key in ("enrolled", "linked") if by and whole else ():
            puzzle.total(whole[0][key], *(cells[key] for cells in rows))  # type: ignore[index]
    return puzzle


PUZZLES: Mapping[str, Callable[[Any, DisclosureProfile], Puzzle]] = {
    "cohort flow": flow_puzzle,
    "cohort follow-up": follow_up_puzzle,
    "cohort quality": quality_puzzle,
    "link quality": link_puzzle,
    "areas show": total_puzzle,
}
