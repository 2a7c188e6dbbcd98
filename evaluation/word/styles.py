"""The page and the styles of a Word report: A4, British English, real headings, nothing of the template's own."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from evaluation.word.blocks import Block, Paragraph
from evaluation.word.sizes import (
    BODY,
    COLUMN_GAP,
    HEADING_FACTORS,
    MARGIN_FOOT,
    MARGIN_SIDE,
    MARGIN_TOP,
    PAGE,
)

LANGUAGE = "en-GB"
FONT = "Arial"
W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
NAMESPACE = f'xmlns:w="{W}"'
FONTS = f'<w:rFonts {NAMESPACE} w:ascii="{FONT}" w:hAnsi="{FONT}" w:cs="{FONT}" w:eastAsia="{FONT}"/>'
LEVELS = (("•", 280), ("–", 560), ("•", 840))
HANG, NUMBER_HANG = 260, 400
LONGEST_TITLE = 255
NEWEST_LAYOUT = "15"  # of Word 2013 and later
LEFT_OUT = ("/thumbnail", "/customXml", "/stylesWithEffects")
PROGRAM = (
    b'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n<Properties xmlns="http://schemas.openxmlformats.org/'
    b'officeDocument/2006/extended-properties"><Application>Lifecourse</Application></Properties>'
)


def new_document(title: str) -> Any:
    """An empty document with title and language, without the template's author, times and picture."""
    from docx import Document

    document = Document()
    core = document.core_properties
    core.title, core.language = title[:LONGEST_TITLE], LANGUAGE
    core.author = core.comments = core.last_modified_by = core.keywords = core.subject = ""
    for name in ("created", "modified", "lastPrinted", "revision"):
        _drop_property(core, name)
    _drop_template(document)
    _set_styles(document)
    _set_settings(document)
    body = document.element.body
    for child in list(body):
        body.remove(child)
    return document


def _drop_property(core: Any, name: str) -> None:
    for found in [part for part in core._element if part.tag.endswith("}" + name)]:
        core._element.remove(found)


def _drop_template(document: Any) -> None:
    """Leave out what the template carries along: its picture, its old styles, its own data, its own times."""
    package = document.part.package
    for holder in (package, document.part):
        for key in [key for key, found in holder.rels.items() if found.reltype.endswith(LEFT_OUT)]:
            del holder.rels[key]
    for found in package.rels.values():
        if found.reltype.endswith("/extended-properties"):
            found.target_part._blob = PROGRAM


def _set_styles(document: Any) -> None:
    from docx.oxml import parse_xml
    from docx.oxml.ns import qn
    from docx.shared import Pt, RGBColor

    for element in document.styles.element.iter(qn("w:lang")):
        element.set(qn("w:val"), LANGUAGE)
    factors = {f"Heading {level}": factor for level, factor in HEADING_FACTORS.items()}
    for name, factor in {"Normal": 1.0, "Caption": 1.0, "List Paragraph": 1.0, **factors}.items():
        style = document.styles[name]
        properties = style.element.get_or_add_rPr()
        for found in [part for part in properties if part.tag in (qn("w:rFonts"), qn("w:color"))]:
            properties.remove(found)
        properties.insert(0, parse_xml(FONTS))
        style.font.size = Pt(round(2 * BODY * factor) / 2)
        style.font.color.rgb = RGBColor.from_string("0B0C0C")
        style.font.bold = name.startswith("Heading")
        style.font.italic = False
        style.paragraph_format.line_spacing = 1.1
    document.styles["List Paragraph"].element.get_or_add_pPr().get_or_add_ind()


def _set_settings(document: Any) -> None:
    """The language, the newest way of laying out, and none of the template's traces of earlier editing."""
    from docx.oxml.ns import qn

    settings = document.settings.element
    for found in settings.findall(qn("w:themeFontLang")):
        found.attrib.clear()
        found.set(qn("w:val"), LANGUAGE)
    for name in ("w:rsids", "w:proofState", "w:savePreviewPicture"):
        for found in settings.findall(qn(name)):
            settings.remove(found)
    for found in settings.iter(qn("w:compatSetting")):
        if found.get(qn("w:name")) == "compatibilityMode":
            found.set(qn("w:val"), NEWEST_LAYOUT)


def set_lists(document: Any, blocks: Iterable[Block]) -> None:
    """One list of bullets, and a list of its own for each numbered one, so that each starts at one."""
    from docx.oxml import parse_xml

    ordered = sorted({b.ordered for b in blocks if isinstance(b, Paragraph) and b.ordered})
    numbering = document.part.numbering_part.element
    for child in list(numbering):
        numbering.remove(child)
    numbering.append(parse_xml(_kind(0, ordered=False)))
    numbering.append(parse_xml(_kind(1, ordered=True)))
    numbering.append(parse_xml(f'<w:num {NAMESPACE} w:numId="1"><w:abstractNumId w:val="0"/></w:num>'))
    for number in ordered:
        numbering.append(
            parse_xml(
                f'<w:num {NAMESPACE} w:numId="{number + 1}"><w:abstractNumId w:val="1"/>'
                '<w:lvlOverride w:ilvl="0"><w:startOverride w:val="1"/></w:lvlOverride></w:num>'
            )
        )


def _kind(number: int, *, ordered: bool) -> str:
    hang = NUMBER_HANG if ordered else HANG
    levels = "".join(
        f'<w:lvl w:ilvl="{i}"><w:start w:val="1"/><w:numFmt w:val="{"decimal" if ordered else "bullet"}"/>'
        f'<w:lvlText w:val="{f"%{i + 1}." if ordered else sign}"/><w:lvlJc w:val="left"/>'
        f'<w:pPr><w:ind w:left="{left + hang - HANG}" w:hanging="{hang}"/></w:pPr></w:lvl>'
        for i, (sign, left) in enumerate(LEVELS)
    )
    return (
        f'<w:abstractNum {NAMESPACE} w:abstractNumId="{number}"><w:multiLevelType w:val="hybridMultilevel"/>'
        f"{levels}</w:abstractNum>"
    )


def section_xml(kind: str, *, columns: int = 1, wide: bool = False, feet: str = "") -> str:
    """The end of a section: how it starts (``nextPage`` or ``continuous``), its columns, upright or on its side."""
    across, down = (PAGE[1], PAGE[0]) if wide else PAGE
    turned = ' w:orient="landscape"' if wide else ""
    many = f'<w:cols w:num="{columns}" w:space="{COLUMN_GAP}"/>' if columns > 1 else '<w:cols w:space="708"/>'
    return (
        f'<w:sectPr>{feet}<w:type w:val="{kind}"/><w:pgSz w:w="{across}" w:h="{down}"{turned}/>'
        f'<w:pgMar w:top="{MARGIN_TOP}" w:right="{MARGIN_SIDE}" w:bottom="{MARGIN_FOOT}" w:left="{MARGIN_SIDE}" '
        f'w:header="400" w:footer="400" w:gutter="0"/>{many}</w:sectPr>'
    )


def add_footer(document: Any, words: str) -> str:
    """A line at the foot of every page, with its number; returns what the first section says to have it."""
    from docx.oxml import parse_xml

    from evaluation.word.blocks import Run
    from evaluation.word.paragraphs import runs_xml

    part, name = document.part.add_footer_part()
    small = 8.0
    number = f'<w:fldSimple w:instr=" PAGE ">{runs_xml((Run("1"),), small)}</w:fldSimple>'
    line = f"<w:p {NAMESPACE}>{runs_xml((Run(f'{words}    Page '),), small)}{number}</w:p>"
    for child in list(part.element):
        part.element.remove(child)
    part.element.append(parse_xml(line))
    return f'<w:footerReference w:type="default" r:id="{name}"/>'
