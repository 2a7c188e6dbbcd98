"""What the codes of returns, and of what follows projects, mean: LC357 to LC361."""

from __future__ import annotations

from workspace.errors import declare

CODES = {
    "LC357": (
        "Not a workbook of a return",
        "The file is not an Excel workbook, or lacks the sheets that lifecourse project template writes. Nothing was "
        "saved.",
        "Start from a fresh template: lifecourse project template --to FILE.xlsx.",
    ),
    "LC358": (
        "A cell of a return that was not understood",
        "A cell holds no number or day, a word that is not on its list, an id that names nothing, or is empty where "
        "something is needed. Nothing of the workbook was saved.",
        "Correct the cells that are named, and import it again.",
    ),
    "LC359": (
        "Another return is held",
        "Of this project or partner and quarter something else was returned before.",
        "A correction is loaded with --replace; the earlier return stays in the history.",
    ),
    "LC360": (
        "Not a quarter",
        "A quarter is written with its year: 2026-Q3 is July to September 2026.",
        "Write it like 2026-Q3.",
    ),
    "LC361": (
        "A voice that cannot be coded",
        "A code is a word or two in small letters, such as waiting-room; a voice takes one code once.",
        "Write codes with small letters, digits and hyphens.",
    ),
}
declare(CODES)
