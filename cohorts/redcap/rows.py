"""The rows of a REDCap export made ready for the intake: one row a record and event, and the blanks explained (pure).

An export has a row for each record, event and repeat. Identifiers and the index date stand on one of them, fields
of a form only at the events it belongs to, fields of a repeating instrument only on its own rows.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from pathlib import Path

import polars as pl

from cohorts import intake
from cohorts.errors import CohortError
from cohorts.intake import Intake
from cohorts.partner_files.aside import Aside
from cohorts.partner_files.cleaning import codes_of, trimmed, without_missing
from cohorts.partner_files.extracts import RawTable, open_extract, read_extract
from cohorts.partner_files.mapping import SourceMapping, VariableColumn
from cohorts.partner_files.observations import missing_counts
from cohorts.pseudonyms import PseudonymKey
from cohorts.redcap.branching import asked, checkbox_column
from cohorts.redcap.keys import ALL, FIRST, LAST, LAYOUT, LEFT_OUT
from workspace.errors import Fault

INSTRUMENT, INSTANCE = "redcap_repeat_instrument", "redcap_repeat_instance"
NOT_ASKED = "\ue000not asked"  # a private code: no partner can have typed it
_CHECKBOX = re.compile(r"[a-z][a-z0-9_]*?___[a-z0-9_]+")


def open_mapped(file: Path, mapping: SourceMapping) -> RawTable:
    """A file as its mapping says it is written, in parts where that can be; a REDCap export is read whole."""
    reader = read_extract if mapping.layout == LAYOUT else open_extract
    return reader(file, encoding=mapping.encoding, sheet=mapping.sheet)


def take_in(
    raw: RawTable, mapping: SourceMapping, key: PseudonymKey, project_id: str, aside: Aside | None = None
) -> Intake:
    """The intake of any file; a REDCap export goes through :func:`settle` first.

    Raises
    ------
    CohortError
        ``LC809``: the mapping does not fit how the export repeats; else as :func:`cohorts.intake.take_in`.
    """
    if mapping.layout != LAYOUT:
        return intake.take_in(raw, mapping, key, project_id, aside=aside)
    table, renewed = settle(raw, mapping)
    return _only_asked(intake.take_in(table, renewed, key, project_id), mapping)


ITS_OWN = "Its form repeats: read it with a source of its own (lifecourse source add … --redcap)."


def settle(raw: RawTable, mapping: SourceMapping) -> tuple[RawTable, SourceMapping]:
    """Rows and mapping as the intake reads them; a table that lacks columns is left for the intake to refuse.

    Identifiers and the index date are carried from the row that has them to the record's other rows, the wanted
    instance of each repeat is picked, events that are left out are dropped, and blank cells of fields that were
    not asked (wrong event, or hidden by branching logic) are marked as such.
    """
    if any(heading not in raw.frame.columns for heading in mapping.columns):
        return raw, mapping
    export = _Export(raw, mapping)
    export.fill_down()
    shown = export.branching()
    export.refuse_values_elsewhere()
    export.explain_blanks(shown)
    chosen = export.chosen()
    places = pl.Series(range(raw.frame.height), dtype=pl.UInt32).filter(chosen)
    table = replace(raw, frame=export.frame.filter(chosen).drop(*export.made), places=places)
    codes = {**mapping.missing, NOT_ASKED: "not asked"}
    return table, replace(mapping, missing=codes)


def says(cells: pl.Series) -> pl.Series:
    """Which cells say something. An option nobody ticked is 0 even where the form was never open."""
    text = trimmed(cells)
    spoken = text.is_not_null()
    return spoken & (text != "0").fill_null(value=True) if _CHECKBOX.fullmatch(cells.name) else spoken


@dataclass
class _Export:
    raw: RawTable
    mapping: SourceMapping
    frame: pl.DataFrame = field(init=False)
    made: tuple[str, ...] = field(
        init=False, default=("\x00record", "\x00event", "\x00repeats", "\x00instance")
    )
    known: dict[tuple[str, ...], pl.Series] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        frame = self.raw.frame
        record = next(item.column for item in self.mapping.identifiers if item.kind == "local-id")
        blank = pl.lit(None, dtype=pl.String)
        wave = self.mapping.wave_column
        here = set(frame.columns)
        names = (record, wave, INSTRUMENT, INSTANCE)
        found = [pl.col(name) if name and name in here else blank for name in names]
        self.frame = frame.with_columns(
            cell.str.strip_chars().alias(made) for cell, made in zip(found, self.made, strict=True)
        )
        text = self.frame["\x00instance"]
        if text.is_not_null().any() and text.cast(pl.Int64, strict=False).is_null().ne(text.is_null()).any():
            raise _refused(self.raw, f"column '{INSTANCE}' holds something other than whole numbers")
        self.frame = self.frame.with_columns(pl.col("\x00instance").cast(pl.Int64))

    @property
    def repeats(self) -> pl.Series:
        """Rows of any repeating instrument."""
        return self.frame["\x00repeats"].is_not_null()

    def fill_down(self) -> None:
        """Give every row of a record its identifiers and index date, where the record says them in one way only."""
        mapping = self.mapping
        columns = [item.column for item in mapping.identifiers if item.kind != "local-id"]
        columns += [mapping.index_date] if mapping.index_date else []
        for column in dict.fromkeys(columns):
            said = without_missing(trimmed(self.frame[column]), mapping.missing)
            least, most = pl.col(column).min().over("\x00record"), pl.col(column).max().over("\x00record")
            one = pl.when(least == most).then(least)
            known = self.frame.with_columns(said.alias(column)).select(
                pl.when(pl.col("\x00record").is_not_null())
                .then(pl.coalesce(pl.col(column), one))
                .otherwise(pl.col(column))
                .alias(column)
            )
            self.frame = self.frame.with_columns(known)

    def branching(self) -> dict[str, pl.Series]:
        """For each variable with decidable branching logic, whether it was shown: true, false, or null.

        On the rows of a repeating instrument, fields of other forms are those of the record at that event.
        """
        found: dict[str, pl.Series] = {}
        for variable in self.mapping.variables:
            logic = asked(variable.asked_when) if variable.asked_when else None
            if logic is None or any(name not in self.frame.columns for name in logic.columns):
                continue
            whole = self.frame.with_columns(self._of_the_event(name) for name in logic.columns)
            found[variable.column] = whole.select(logic.shown.alias("shown")).to_series()
        return found

    def _of_the_event(self, name: str) -> pl.Expr:
        text = pl.col(name).str.strip_chars()
        said = pl.when(text != "").then(text)
        if not self.mapping.repeat_instrument:
            return said.alias(name)
        base = said.filter(pl.col("\x00repeats").is_null()).first().over("\x00record", "\x00event")
        repeats = pl.col("\x00repeats").is_not_null()
        return pl.when(repeats).then(pl.coalesce(said, base)).otherwise(said).alias(name)

    def wanted(self) -> pl.Series:
        """Rows of the instrument this mapping reads: the repeating one it names, or those that belong to none."""
        name = self.mapping.repeat_instrument
        if not name:
            return ~self.repeats
        rows = (self.frame["\x00repeats"] == name).fill_null(value=False)
        if not rows.any():
            raise _refused(
                self.raw,
                f"there are no rows of the repeating instrument '{name}'",
                "Nothing was read in its place. Load the source once the instrument has rows, or correct its name.",
            )
        return rows

    def refuse_values_elsewhere(self) -> None:
        """Values that this mapping would pass over in silence are faults."""
        wanted, counted = self.wanted(), ~self._left_out()
        passed, read = ~wanted & counted, wanted & counted
        faults = []
        for variable in self.mapping.variables:
            if variable.column in (self.mapping.wave_column, INSTRUMENT, INSTANCE, self.mapping.index_date):
                continue
            cells = self.frame[variable.column]
            if says(cells.filter(passed)).any():
                said = "has values on rows that this source does not read"
                faults.append(self._fault(variable, said, "repeat_instrument"))
            if variable.events and says(cells.filter(read & self._elsewhere(variable.events))).any():
                faults.append(self._fault(variable, "has values at an event it does not name", "events"))
        faults += [
            Fault(
                "LC809",
                self.raw.name,
                f"column '{column}' has values on rows that this source does not read",
                ITS_OWN,
            )
            for column in self.mapping.life.columns
            if says(self.frame[column].filter(passed)).any()
        ]
        if faults:
            raise CohortError.gather(faults)

    def _elsewhere(self, events: tuple[str, ...]) -> pl.Series:
        """Rows of other events than these; rows without an event are nowhere else."""
        if events not in self.known:
            here = codes_of(self.frame["\x00event"]).is_in(list(events))
            self.known[events] = (~here).fill_null(value=False)
        return self.known[events]

    def _fault(self, variable: VariableColumn, said: str, key: str) -> Fault:
        hint = f"Add the event to events = […] of '{variable.name}', or have the values corrected."
        if key == "repeat_instrument":
            hint = (
                "A form that repeats at some events only cannot be read."
                if self.mapping.repeat_instrument
                else ITS_OWN
            )
        return Fault("LC809", self.raw.name, f"column '{variable.column}' {said}", hint)

    def explain_blanks(self, shown: dict[str, pl.Series]) -> None:
        """Write the private code into blank cells of fields that were not asked."""
        renewed: dict[str, pl.Series] = {}
        for variable in self.mapping.variables:
            hidden = shown.get(variable.column)
            if not (variable.events or hidden is not None or _CHECKBOX.fullmatch(variable.column)):
                continue
            cells = self.frame[variable.column]
            unasked = (
                self._elsewhere(variable.events)
                if variable.events
                else pl.repeat(False, cells.len(), eager=True)
            )
            if hidden is not None:
                unasked = unasked | (~hidden).fill_null(value=False)
            blank = ~says(cells)
            frame = pl.DataFrame(
                {"cells": self._with_checkbox_codes(variable, cells), "unasked": unasked & blank}
            )
            marked = pl.when(pl.col("unasked")).then(pl.lit(NOT_ASKED)).otherwise(pl.col("cells"))
            renewed[variable.column] = frame.select(marked).to_series().rename(variable.column)
        self.frame = self.frame.with_columns(**renewed)

    def _with_checkbox_codes(self, variable: VariableColumn, cells: pl.Series) -> pl.Series:
        """A missing code of a checkbox field is a column of its own: carry it into the blank options."""
        if not _CHECKBOX.fullmatch(variable.column):
            return cells
        name = variable.column.partition("___")[0]
        frame = self.frame.select(pl.lit(cells).alias("cells"), pl.all().exclude("cells"))
        for code in {**self.mapping.missing, **variable.missing}:
            column = checkbox_column(name, code)
            if column in self.frame.columns:
                ticked = (pl.col(column).str.strip_chars() == "1") & pl.col("cells").is_null()
                frame = frame.with_columns(
                    pl.when(ticked).then(pl.lit(code)).otherwise("cells").alias("cells")
                )
        return frame["cells"]

    def _left_out(self) -> pl.Series:
        out = [event for event, wave in self.mapping.waves.items() if wave == LEFT_OUT]
        return codes_of(self.frame["\x00event"]).is_in(out).fill_null(value=False)

    def chosen(self) -> pl.Series:
        """The rows that are read: of the wanted instrument, at events that count, and of each repeat one instance."""
        kept = self.wanted() & ~self._left_out()
        instance = pl.col("\x00instance")
        key = ("\x00record", "\x00event")
        rows = self.frame.with_columns(kept.alias("\x00kept"))
        several = rows.filter(pl.col("\x00kept") & instance.is_not_null()).select(*key).is_duplicated().any()
        rule = self.mapping.repeat
        if rule == ALL:
            return kept
        if not rule and several:
            raise _refused(
                self.raw,
                "an event repeats, and the source does not say which instance is read",
                f'Add repeat = "{FIRST}", "{LAST}" or a number to [source].',
            )
        if not rule:
            return kept
        ours = instance.filter(pl.col("\x00kept"))
        picked = (
            instance == (ours.min() if rule == FIRST else ours.max()).over(*key)
            if rule in (FIRST, LAST)
            else instance == int(rule)
        )
        right = rows.select((instance.is_null() | picked).fill_null(value=False)).to_series()
        return kept & right


def _refused(
    raw: RawTable, said: str, hint: str = "Ask for the export again, raw data, as CSV."
) -> CohortError:
    return CohortError("LC809", said, hint, where=raw.name)


def _only_asked(found: Intake, mapping: SourceMapping) -> Intake:
    """Leave out variables at waves to which no event of theirs belongs: nobody is missing what nobody was asked."""
    pairs = {
        (variable.name, mapping.waves[event])
        for variable in mapping.variables
        for event in variable.events
        if not variable.wave
    }
    limited = {variable.name for variable in mapping.variables if variable.events and not variable.wave}
    free = {variable.name for variable in mapping.variables if not variable.events or variable.wave}
    only = limited - free
    if not only:
        return found
    kept = tuple(
        block for block in found.blocks if block.variable not in only or (block.variable, block.wave) in pairs
    )
    return replace(found, blocks=kept, report=replace(found.report, missing=missing_counts(kept)))
