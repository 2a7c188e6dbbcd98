"""Word files and workbooks with nothing in them that varies, in a language, with heads that repeat (pure)."""

from __future__ import annotations

import io
import zipfile
from typing import Any

EPOCH = (1980, 1, 1, 0, 0, 0)
FIRST = "[Content_Types].xml"
LANGUAGE = "en-GB"


def packed(data: bytes) -> bytes:
    """The same package with fixed times, its parts in a fixed order: the same content gives the same bytes."""
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as before, zipfile.ZipFile(made, "w") as after:
        for name in sorted(before.namelist(), key=lambda name: (name != FIRST, name)):
            part = zipfile.ZipInfo(name, EPOCH)
            part.compress_type = zipfile.ZIP_DEFLATED
            part.create_system = 3
            after.writestr(part, before.read(name))
    return made.getvalue()


def set_properties(made: Any, title: str, subject: str) -> None:
    """Title, subject and language of a python-docx document, and nobody as its author."""
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    properties = made.core_properties
    properties.title, properties.subject = title[:255], subject
    properties.language, properties.author, properties.comments = LANGUAGE, "", ""
    run = made.styles.element.find(f".//{qn('w:rPrDefault')}/{qn('w:rPr')}")
    language = run.find(qn("w:lang"))
    if language is None:
        language = OxmlElement("w:lang")
        run.append(language)
    language.set(qn("w:val"), LANGUAGE)


def headed_table(made: Any, head: tuple[str, ...]) -> Any:
    """A table of a python-docx document whose first row is its head, and repeats on every page."""
    from docx.oxml import OxmlElement

    table = made.add_table(rows=1, cols=len(head), style="Table Grid")
    for cell, words in zip(table.rows[0].cells, head, strict=True):
        cell.paragraphs[0].add_run(words).bold = True
    table.rows[0]._tr.get_or_add_trPr().append(OxmlElement("w:tblHeader"))
    return table
