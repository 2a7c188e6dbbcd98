"""Codes of the reports for the team (LC725 to LC730)."""

from __future__ import annotations

from workspace.errors import declare

CODES = {
    "LC725": (
        "A period that the report cannot be of",
        "A quarterly report is of a quarter, an annual review of a year, a return of a period that can be read.",
        "Write 2026-Q3 for a quarter, 2026 or 2025/26 for a year, 2026-10 for a month.",
    ),
    "LC726": (
        "A day that is still to come",
        "A report says what was known on a day. Nothing is known yet of a day, or a period, that is still to come.",
        "Give a day that is over or is today: --known-on 2026-11-01.",
    ),
    "LC727": (
        "A layout of a return that cannot be read",
        "Layouts of returns come with the program, each with a version. The one that was named is not there, or lacks "
        "a sheet, a column or a heading.",
        "Leave --layout out for the newest.",
    ),
    "LC728": (
        "A figure that the return asks for is missing",
        "No figure is held of a measure and the period. The return says so, with the day on which it was due or was "
        "asked for; a missing figure is never nought.",
        "lifecourse measure due lists what to chase, lifecourse measure log enters it.",
    ),
    "LC729": (
        "A finding that does not say how it differs by deprivation",
        "The plan names no subgroup by deprivation or poverty, so nothing is known of whether the poorest gained or "
        "lost as much as others.",
        "Plan the next one with a [[subgroup]] by deprivation. To look now is exploratory.",
    ),
    "LC730": (
        "No such measure for a table of needs",
        "Tables of needs are made of the context and success measures that measures.toml tracks. Nothing of them has "
        "a figure in the period.",
        "lifecourse measure trend shows what is held.",
    ),
}
declare(CODES)
