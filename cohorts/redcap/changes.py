"""What a newer data dictionary changes for a source that reads its project (pure)."""

from __future__ import annotations

from cohorts.errors import CohortError
from cohorts.partner_files.mapping import SourceMapping, VariableColumn, plain_code
from cohorts.quality import LayoutChange
from cohorts.redcap.dictionary import Dictionary, Field
from cohorts.redcap.fields import Passed, kept_as
from cohorts.redcap.missing import reason_of


def dictionary_change(dictionary: Dictionary, mapping: SourceMapping) -> LayoutChange:
    """Columns the dictionary adds or no longer has, and columns whose choices, kind or bounds are others now."""
    columns = {column: item for item in dictionary.fields for column in item.columns}
    own = {mapping.wave_column}
    known = {*mapping.columns, *mapping.ignore}
    if not known & set(columns):
        raise CohortError(
            "LC806",
            "none of the source's columns is in it",
            "Is it the right project?",
            where=dictionary.name,
        )
    return LayoutChange(
        added=tuple(column for column in columns if column not in known),
        removed=tuple(column for column in mapping.columns if column not in columns and column not in own),
        changed=tuple(
            variable.column
            for variable in mapping.variables
            if variable.column in columns and _changed(variable, columns[variable.column])
        ),
    )


def _changed(variable: VariableColumn, item: Field) -> bool:
    if item.type in ("radio", "dropdown"):
        return _recoded(variable, item)
    found = kept_as(item, variable.name)
    if isinstance(found, Passed):  # somebody decided to read it all the same
        return False
    kinds = {line.split('"')[1] for one in found for line in one.lines if line.startswith("kind")}
    return variable.kind not in kinds or _bounds_differ(variable, item)


def _recoded(variable: VariableColumn, item: Field) -> bool:
    """Compare codes, and the label each stands for, with what the mapping says."""
    said = {plain_code(c.code): reason_of(c.label) or plain_code(c.label) for c in item.choices}
    if not variable.recode and variable.kind == "binary":
        return {code for code, label in said.items() if label in ("yes", "no")} != {"0", "1"}
    held = {code: plain_code(str(value)) for code, value in {**variable.recode, **variable.missing}.items()}
    if variable.kind == "binary":
        held |= {
            code: "yes" if value == 1 else "no" for code, value in variable.recode.items() if value in (0, 1)
        }
    return {c: held.get(c, "").removesuffix(f" ({c})") for c in said} != said or bool(set(held) - set(said))


def _bounds_differ(variable: VariableColumn, item: Field) -> bool:
    if variable.kind != "number" or item.type != "text":
        return False
    pairs = ((variable.minimum, item.minimum), (variable.maximum, item.maximum))
    return any((f"{held:g}" if held is not None else "") != _plain(text) for held, text in pairs)


def _plain(text: str) -> str:
    try:
        return f"{float(text):g}" if text else ""
    except ValueError:
        return ""
