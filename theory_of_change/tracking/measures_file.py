"""measures.toml: the success measures a partnership tracks, one ``[[measure]]`` table each (pure)."""

from __future__ import annotations

from theory_of_change.errors import MEASURE_KEYS, TheoryError
from theory_of_change.measure_file import relocate
from theory_of_change.tracking.model import AIMS, HORIZONS, KINDS, Break, Tracked, Wording
from theory_of_change.tracking.periods import YEARS
from workspace.errors import Fault, did_you_mean
from workspace.toml_source import Section, TomlSource, toml_text, top

TEXTS = (
    "plain_name",
    "owner",
    "obligation",
    "source",
    "definition",
    "part_of",
    "population",
    "stands_for",
    "cannot_isolate",
    "box",
)


def read_tracked(source: TomlSource) -> dict[str, Tracked]:
    """Every tracked measure by id, in the order of the file."""
    faults: list[Fault] = []
    file = top(source, faults, MEASURE_KEYS)
    found: dict[str, Tracked] = {}
    for section in file.tables("measure"):
        measure = _one(section)
        if measure is None:
            continue
        if measure.id in found:
            section.fault("LC205", "id", f"the id '{measure.id}' stands twice", "Give one of them a new id.")
        found[measure.id] = measure
    file.finish()
    faults += _pointers(found, source)
    if faults:
        raise TheoryError.gather(faults)
    return found


def _one(section: Section) -> Tracked | None:
    values: dict[str, object] = {key: section.text(key) for key in TEXTS}
    values["id"] = section.text("id", required=True)
    values["name"] = section.text("name", required=True)
    values["aim"] = section.text("aim", AIMS[0], required=True, one_of=AIMS)
    values["unit"] = section.text("unit", "count")
    values["kind"] = section.text("kind", KINDS[0], one_of=KINDS)
    values["horizon"] = section.text("horizon", one_of=("", *HORIZONS))
    values["year"] = section.text("year", "calendar", one_of=tuple(YEARS))
    values["due_months"] = section.integer("due_months", low=0)
    values["uncoded"], values["at_risk"] = section.boolean("uncoded"), section.boolean("at_risk")
    values["target"] = section.number("target", low=0)
    values["target_by"], values["target_from"] = section.date("target_by"), section.date("target_from")
    values["breaks"], values["wordings"] = _breaks(section), _wordings(section)
    section.finish()
    values["line"] = section.source.line((*section.path,))
    if not values["id"] or not values["name"]:
        return None
    try:
        return Tracked(**values)  # type: ignore[arg-type]
    except TheoryError as error:
        relocate(section, error)
        return None


def _breaks(section: Section) -> tuple[Break, ...]:
    found = []
    for table in section.tables("break"):
        starts = table.date("starts", required=True)
        why = table.text("why", required=True)
        table.finish()
        if starts:
            found.append(Break(starts, why))
    return tuple(found)


def _wordings(section: Section) -> tuple[Wording, ...]:
    found = []
    for table in section.tables("wording"):
        where, text = table.text("where", required=True), table.text("text", required=True)
        table.finish()
        found.append(Wording(where, text))
    return tuple(found)


def _pointers(found: dict[str, Tracked], source: TomlSource) -> list[Fault]:
    """Wholes and populations that are not there. A population may also be said in words, with a space in it."""
    faults = []
    for measure in found.values():
        for key in ("part_of", "population"):
            target = str(getattr(measure, key))
            if target and target not in found and not (key == "population" and " " in target):
                near = did_you_mean(target, found)
                where = f"{source.name}:{measure.line}"
                faults.append(
                    Fault(
                        "LC304", where, f"{measure.id}: '{key}' names '{target}', which is not tracked.{near}"
                    )
                )
        if measure.part_of == measure.id:
            faults.append(Fault("LC304", f"{source.name}:{measure.line}", f"{measure.id} is part of itself"))
    return faults


def tracked_text(measure: Tracked) -> str:
    """One measure as it is written into measures.toml."""
    plain = Tracked(id="x", name="x", aim="reduce")
    lines = ["[[measure]]", f"id = {toml_text(measure.id)}", f"name = {toml_text(measure.name)}"]
    lines.append(f"aim = {toml_text(measure.aim)}")
    for key in ("unit", "kind", "horizon", "year", *TEXTS):
        value = str(getattr(measure, key))
        if value != getattr(plain, key):
            lines.append(f"{key} = {toml_text(value)}")
    if measure.due_months is not None:
        lines.append(f"due_months = {measure.due_months}")
    lines += [f"{key} = true" for key in ("uncoded", "at_risk") if getattr(measure, key)]
    if measure.target is not None:
        lines.append(f"target = {measure.target:.12g}")
    lines += [f"{key} = {day}" for key in ("target_by", "target_from") if (day := getattr(measure, key))]
    for wording in measure.wordings:
        lines += [
            "[[measure.wording]]",
            f"where = {toml_text(wording.where)}",
            f"text = {toml_text(wording.text)}",
        ]
    for each in measure.breaks:
        lines += ["[[measure.break]]", f"starts = {each.starts}", f"why = {toml_text(each.why)}"]
    return "\n".join(lines) + "\n"
