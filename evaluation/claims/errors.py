"""Errors of checking claims: documents, language lists, results (LC535 to LC539)."""

from __future__ import annotations

from workspace.errors import declare

declare(
    {
        "LC535": (
            "A document that cannot be read",
            "The file is damaged, locked with a password, or not what its ending says. A document that was read only "
            "in part would look better than it is, so it is refused whole.",
            "Open it in the program it was written with, save it again, and check that copy.",
        ),
        "LC536": (
            "A kind of document that is not checked",
            "Claims are checked in Markdown, plain text, Word (.docx) and HTML.",
            "Save the document as one of these. The text of a PDF is best checked in the file it was made from.",
        ),
        "LC537": (
            "The project's list of words cannot be used",
            "definitions/language.toml adds words to those the check knows, or allows words it would point at.",
            "Correct the line that is named.",
        ),
        "LC538": (
            "A document too large to check",
            "A Word file is packed. One that unpacks to more than a report ever holds may be made to stop a computer.",
            "Take the pictures and tables of data out, or split the document.",
        ),
        "LC539": (
            "A document without text",
            "Nothing was found to read: the text may stand in pictures. A document that was not read has not passed.",
            "Check the file in which the text was written.",
        ),
    }
)
