"""What the codes of obligations mean: LC353 to LC356."""

from __future__ import annotations

from workspace.errors import declare

CODES = {
    "LC353": (
        "An unknown key in obligations.toml",
        "The file holds a key the program does not know.",
        "Correct the spelling or remove the line.",
    ),
    "LC354": (
        "Something is missing in an obligation",
        "An obligation says what has to be done, from where that comes, and by which day; what was done says by whom.",
        "Add what the message names.",
    ),
    "LC355": (
        "An obligation that was not understood",
        "A day is none, a word is not on its list, an id stands twice or names nothing.",
        "Days are written 2027-01-31, ids OBL-001.",
    ),
    "LC356": (
        "No such obligation, or none left to do",
        "Nothing has this id, or it comes once and was done.",
        "lifecourse obligation list --all shows everything.",
    ),
}
declare(CODES)
