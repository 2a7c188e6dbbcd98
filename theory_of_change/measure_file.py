"""``[[measure]]`` tables, in theory.toml and in the built-in catalogue, to measures."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from theory_of_change.errors import MEASURE_KEYS, TheoryError
from theory_of_change.model import DIRECTIONS, EFFECTS, MEASURE_KINDS, Measure
from theory_of_change.scales import Band, BandSet, Break, Cutoff, Scale, Scoring
from workspace.errors import Fault, did_you_mean
from workspace.toml_source import Section

TEXTS = ("unit", "informant", "variable", "definition", "missing")
CHECKED = ("kind", "better", "unit", "minimum", "maximum", "definition", "follow_up_months", "waiting_months")
PROVENANCE = ("source", "licence", "version")


def read_measures(file: Section, catalogue: Mapping[str, Measure]) -> list[Measure]:
    """The project's own measures. With ``based_on``, what is not said comes from the catalogue."""
    found = []
    for table in file.tables("measure"):
        section = replace(table, codes=MEASURE_KEYS)
        base = _base(section, catalogue)
        values = _plain_values(section, base)
        section.finish()
        measure = _make(section, values, base)
        if measure and _is_free(section, measure, catalogue):
            found.append(measure)
    return found


def read_catalogue_measures(file: Section) -> list[Measure]:
    """The measures of one catalogue file, with scoring, bands and breaks."""
    found = []
    for table in file.tables("measure"):
        section = replace(table, codes=MEASURE_KEYS)
        values = _plain_values(section, None)
        for key in PROVENANCE:
            values[key] = section.text(key, required=True)
        values["verified"] = section.boolean("verified")
        values["catalogue"] = True
        values["norm_mean"], values["norm_sd"] = (
            section.number("norm_mean"),
            section.number("norm_sd", above=0),
        )
        values["breaks"] = _breaks(section)
        values["scoring"] = _scoring(section)
        values["bands"] = _bands(section)
        values["cutoffs"] = _cutoffs(section)
        section.finish()
        measure = _make(section, values, None)
        if measure:
            found.append(measure)
    return found


def relocate(section: Section, error: TheoryError) -> None:
    """Add a value's own faults to the section's, each at the line of its key."""
    placed = [
        Fault(fault.code, section.where(fault.where), fault.problem, fault.hint) for fault in error.faults
    ]
    taken = {fault.where for fault in section.faults}
    section.faults.extend(
        fault for fault in placed if fault.where not in taken or fault.where == section.where()
    )


def _base(section: Section, catalogue: Mapping[str, Measure]) -> Measure | None:
    name = section.text("based_on")
    if not name:
        return None
    if name not in catalogue:
        near = did_you_mean(name, catalogue)
        section.fault(
            "LC330", "based_on", f"'{name}' is not in the measure catalogue.{near}", "lifecourse measure list"
        )
        return None
    return catalogue[name]


def _is_free(section: Section, measure: Measure, catalogue: Mapping[str, Measure]) -> bool:
    """A catalogue id may only be taken by a measure that says it is based on it."""
    if measure.id not in catalogue or measure.based_on == measure.id:
        return True
    section.fault(
        "LC205",
        "id",
        f"measure '{measure.id}' is already in the built-in catalogue",
        f'Choose another id, or add based_on = "{measure.id}" to change it.',
    )
    return False


def _plain_values(section: Section, base: Measure | None) -> dict[str, Any]:
    """Read the keys both kinds of file share; a key not given keeps the base's value."""
    own = base is None and not section.has("based_on")

    def text(key: str, *, required: bool = False, one_of: tuple[str, ...] | None = None) -> str:
        default = getattr(base, key) if base else ""
        return section.text(key, default, required=required and own, one_of=one_of)

    values: dict[str, Any] = {
        "id": section.text("id", required=True),
        "name": text("name", required=True),
        "kind": text("kind", required=True, one_of=MEASURE_KINDS),
        "better": text("better", required=True, one_of=DIRECTIONS),
        **{key: text(key) for key in TEXTS},
    }
    for key in ("minimum", "maximum"):
        values[key] = section.number(key, getattr(base, key) if base else None)
    values["reliability"] = section.number("reliability", base.reliability if base else None, low=0, high=1)
    for key in ("follow_up_months", "waiting_months"):
        values[key] = section.integer(key, getattr(base, key) if base else None, low=0)
    values.update(_mid_values(section, base))
    return values


def _mid_values(section: Section, base: Measure | None) -> dict[str, Any]:
    """Read the minimum important difference; a new one never borrows the old one's source."""
    new = section.has("minimum_important_difference")
    kept = None if new else base
    return {
        "minimum_important_difference": section.number(
            "minimum_important_difference", kept.minimum_important_difference if kept else None
        ),
        "mid_effect": section.text("mid_effect", base.mid_effect if base else "", one_of=EFFECTS),
        "mid_source": section.text("mid_source", kept.mid_source if kept else ""),
        "mid_verified": section.boolean("mid_verified", kept.mid_verified if kept else False),
    }


def _make(section: Section, values: dict[str, Any], base: Measure | None) -> Measure | None:
    """Build the measure; its own faults go to the section. Half-read measures are not built."""
    if not (values["id"] and values["name"] and values["kind"] and values["better"]):
        return None
    values["line"] = section.source.line(section.path)
    try:
        if base is None:
            return Measure(**values)
        kept = all(getattr(base, key) == values[key] for key in CHECKED)
        verified = base.verified and kept
        return replace(base, **values, based_on=base.id, catalogue=False, verified=verified)
    except TheoryError as error:
        relocate(section, error)
        return None


def _breaks(section: Section) -> tuple[Break, ...]:
    found = []
    for table in section.tables("break"):
        found.append(Break(table.text("at", required=True), table.text("note", required=True)))
        table.finish()
    return tuple(found)


def _numbers(section: Section, key: str) -> tuple[int, ...]:
    """A list of whole numbers, such as item numbers."""
    items = section.values[key] if section.has(key) else []
    if not isinstance(items, list) or not all(type(item) is int for item in items):
        section.fault("LC303", key, f"'{key}' must be a list of whole numbers")
        return ()
    return tuple(items)


def _scoring(section: Section) -> Scoring | None:
    table = section.table("scoring")
    if table is None:
        return None
    low = table.integer("item_minimum", 0, required=True) or 0
    high = table.integer("item_maximum", 0, required=True) or 0
    answered = table.integer("minimum_answered", 1, required=True, low=1) or 1
    scales = []
    for part in table.tables("scale"):
        name = part.text("name", required=True)
        items, reverse = _numbers(part, "items"), _numbers(part, "reverse")
        in_total = part.boolean("in_total", default=True)
        part.finish()
        try:
            scales.append(Scale(name, items, reverse, in_total))
        except TheoryError as error:
            relocate(part, error)
    whole, conversion = table.boolean("whole"), _decimals(table, "conversion")
    table.finish()
    try:
        return Scoring(low, high, answered, tuple(scales), whole, conversion)
    except TheoryError as error:
        relocate(section, error)
        return None


def _decimals(section: Section, key: str) -> tuple[float, ...]:
    """A list of numbers, such as the metric scores of a conversion table."""
    items = section.values[key] if section.has(key) else []
    if not isinstance(items, list) or not all(type(item) in (int, float) for item in items):
        section.fault("LC303", key, f"'{key}' must be a list of numbers")
        return ()
    return tuple(float(item) for item in items)


def _cutoffs(section: Section) -> tuple[Cutoff, ...]:
    found = []
    for table in section.tables("cutoffs"):
        age, source = table.text("age", required=True), table.text("source", required=True)
        verified, scales = table.boolean("verified"), table.mapping("scales")
        table.finish()
        for scale, below in scales.items():
            if type(below) not in (int, float):
                table.fault("LC303", "scales", f"the cut-off of '{scale}' must be a number")
                continue
            found.append(Cutoff(scale, age, float(below), source, verified))
    return tuple(found)


def _bands(section: Section) -> tuple[BandSet, ...]:
    found: list[BandSet] = []
    for table in section.tables("bands"):
        informant, ages = table.text("informant", required=True), table.text("ages", required=True)
        version, source = table.text("version", required=True), table.text("source", required=True)
        names, verified = table.texts("names", required=True), table.boolean("verified")
        scales = table.mapping("scales")
        table.finish()
        for scale, edges in scales.items():
            bands = _band_row(table, scale, names, edges)
            try:
                found.append(BandSet(informant, ages, scale, version, source, verified, bands))
            except TheoryError as error:
                relocate(table, error)
    return tuple(found)


def _band_row(table: Section, scale: str, names: tuple[str, ...], edges: Any) -> tuple[Band, ...]:
    """Pair names with ``[low, high]`` stretches, one for each name."""
    pairs = edges if isinstance(edges, list) and len(edges) == len(names) else []
    whole = all(
        isinstance(pair, list) and len(pair) == 2 and all(type(edge) is int for edge in pair)
        for pair in pairs
    )
    if not pairs or not whole:
        table.fault("LC336", "scales", f"the bands of '{scale}' need one [low, high] for each name")
        return ()
    return tuple(Band(name, low, high) for name, (low, high) in zip(names, pairs, strict=True))
