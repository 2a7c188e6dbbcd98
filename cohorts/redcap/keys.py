"""The keys of a source file that belong to a REDCap export, and what may not stand in them (pure)."""

from __future__ import annotations

from cohorts.partner_files.mapping import SourceMapping, VariableColumn
from cohorts.redcap.branching import asked

LAYOUT = "redcap"
LEFT_OUT = "left-out"
FIRST, LAST, ALL = "first", "last", "all"


def redcap_faults(mapping: SourceMapping) -> list[tuple[str, str]]:
    """Faults of ``[source]``, as key and words."""
    if mapping.layout != LAYOUT:
        return [
            (key, f"'{key}' goes with layout = \"{LAYOUT}\" only")
            for key in ("repeat_instrument", "repeat")
            if getattr(mapping, key)
        ]
    faults = []
    if not any(item.kind == "local-id" and item.required for item in mapping.identifiers):
        faults.append(
            ("layout", 'a REDCap export needs its record id as an [[identifier]], kind = "local-id"')
        )
    if mapping.repeat == ALL and mapping.variables:
        faults.append(("repeat", "'repeat' is \"all\", but of a variable one instance a wave is kept"))
    if mapping.life and mapping.repeat not in ("", ALL):
        faults.append(("repeat", "of spells, events and the like every instance counts: 'repeat' is \"all\""))
    if mapping.repeat not in ("", FIRST, LAST, ALL) and not (
        mapping.repeat.isascii() and mapping.repeat.isdigit()
    ):
        faults.append(("repeat", f'\'repeat\' is "{FIRST}", "{LAST}" or the number of an instance'))
    if mapping.repeat_instrument and not mapping.repeat:
        faults.append(("repeat_instrument", "'repeat_instrument' needs 'repeat': which instance is read"))
    return faults


def variable_faults(variable: VariableColumn, mapping: SourceMapping) -> list[tuple[str, str]]:
    """Faults of a ``[[variable]]``, as key and words."""
    given = [key for key in ("events", "asked_when") if getattr(variable, key)]
    if mapping.layout != LAYOUT:
        return [(key, f"'{key}' goes with layout = \"{LAYOUT}\" only") for key in given]
    faults = []
    if set(variable.events) - set(mapping.waves):
        faults.append(("events", "'events' names an event that is not in 'waves'"))
    if variable.asked_when and asked(variable.asked_when) is None:
        faults.append(("asked_when", "this branching logic cannot be decided from a row: remove it"))
    return faults
