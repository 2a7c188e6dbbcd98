"""Documents as passages: Markdown, plain text, HTML and Word, whole and damaged."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evaluation.claims.document_store import load_language, read_document
from evaluation.claims.documents import from_html, from_markdown
from evaluation.claims.model import Passage
from evaluation.claims.word import MOST_BYTES, from_word
from evaluation.errors import EvaluationError
from tests.evaluation.claims.word_files import W, paragraph, table, text_box, word_file
from tests.evaluation.said import codes

MARKDOWN = """# What we found

The course **reduced**
reoffending.

> The minister said it works.

- First point
- Second point

| Outcome | Answer |
|---|---|
| Absence | open |

```
no effect
```
<!-- a remark
over two lines -->
Underlined
----------
The end.
"""


def places(passages: tuple[Passage, ...]) -> list[tuple[str, str, str, str]]:
    return [(p.text, p.where, p.heading, p.part) for p in passages]


def test_markdown_is_read_by_paragraph_item_and_cell_without_code_comments_and_quotations() -> None:
    assert places(from_markdown(MARKDOWN)) == [
        ("What we found", "line 1", "", "heading"),
        ("The course reduced reoffending.", "line 3", "What we found", "text"),
        ("First point", "line 8", "What we found", "text"),
        ("Second point", "line 9", "What we found", "text"),
        ("Outcome", "line 11, column 1", "What we found", "cell"),
        ("Answer", "line 11, column 2", "What we found", "cell"),
        ("Absence", "line 13, column 1", "What we found", "cell"),
        ("open", "line 13, column 2", "What we found", "cell"),
        ("Underlined", "line 20", "What we found", "heading"),
        ("The end.", "line 22", "Underlined", "text"),
    ]


def test_the_title_of_a_front_matter_is_a_heading_and_the_rest_of_it_is_not_read() -> None:
    text = "---\ntitle: 'It works'\nauthor: A\n---\nText.\n"
    assert places(from_markdown(text)) == [
        ("It works", "line 2", "", "heading"),
        ("Text.", "line 5", "It works", "text"),
    ]


def test_plain_text_has_no_marks() -> None:
    assert places(from_markdown("# one\ntwo\n\nthree", plain=True)) == [
        ("# one two", "line 1", "", "text"),
        ("three", "line 4", "", "text"),
    ]


def test_a_page_is_read_without_scripts_styles_pictures_and_quotations() -> None:
    page = (
        "<html><head><title>t</title><style>p{}</style></head><body><h2>Results</h2>\n<p>It <b>fell</b> &amp; rose.</p>"
        "<svg><text>no "
        "effect</text></svg><blockquote><p>works</p></blockquote><table><tr><td>one</td><td>two</td></tr></table>"
        "<p hidden>gone</p><ul><li>open<br>item</ul>last"
    )
    assert [(p.text, p.heading, p.part) for p in from_html(page)] == [
        ("Results", "", "heading"),
        ("It fell & rose.", "Results", "text"),
        ("one", "Results", "cell"),
        ("two", "Results", "cell"),
        ("open", "Results", "text"),
        ("item", "Results", "text"),
        ("last", "Results", "text"),
    ]
    assert [p.where for p in from_html(page)][:2] == ["line 1", "line 2"]


def test_a_word_file_is_read_with_tables_boxes_notes_and_headings_in_any_language() -> None:
    rule = f'<w:footnote w:type="separator">{paragraph("--")}</w:footnote>'
    note = f"<w:footnote>{paragraph('A note.')}</w:footnote>"
    notes = f"<w:footnotes {W}>{rule}{note}</w:footnotes>"
    raw = word_file(
        paragraph("Resultat", "Rubrik1"), paragraph(""), paragraph("It fell."), table(("a", "b"), ("c", "It works.")),
        text_box("In a box."), "<w:sdt><w:sdtContent>" + paragraph("Controlled.") + "</w:sdtContent></w:sdt>",
        footnotes=notes, header1=f"<w:hdr {W}>{paragraph('On each page.')}</w:hdr>",
    )  # fmt: skip
    assert places(from_word(raw, "r.docx")) == [
        ("Resultat", "paragraph 1", "", "heading"),
        ("It fell.", "paragraph 2", "Resultat", "text"),
        ("a", "table 1, row 1, column 1", "Resultat", "cell"),
        ("b", "table 1, row 1, column 2", "Resultat", "cell"),
        ("c", "table 1, row 2, column 1", "Resultat", "cell"),
        ("It works.", "table 1, row 2, column 2", "Resultat", "cell"),
        ("In a box.", "text box 1", "Resultat", "text"),
        ("Controlled.", "paragraph 3", "Resultat", "text"),
        ("A note.", "footnote 1", "", "text"),
        ("On each page.", "page header", "", "text"),
    ]


def test_deleted_text_and_field_codes_of_word_are_not_read_and_split_runs_are_joined() -> None:
    run = "<w:p><w:r><w:t>signi</w:t></w:r><w:r><w:t>ficant</w:t></w:r>"
    run += "<w:del><w:r><w:delText>no effect</w:delText></w:r></w:del>"
    run += "<w:moveFrom><w:r><w:t>moved</w:t></w:r></w:moveFrom><w:r><w:instrText>PAGE</w:instrText><w:tab/></w:r>"
    run += "<w:ins><w:r><w:t>fall</w:t></w:r></w:ins></w:p>"
    assert [p.text for p in from_word(word_file(run), "r.docx")] == ["significant fall"]


@pytest.mark.parametrize(
    ("name", "raw", "code"),
    [
        ("r.docx", b"", "LC535"),
        ("r.docx", b"PK\x03\x04 not a zip", "LC535"),
        ("r.docx", b"\xd0\xcf\x11\xe0 an old or locked file", "LC535"),
        ("r.docx", word_file(paragraph("It fell."))[:-40], "LC535"),
        ("r.docx", word_file("<w:p><w:r></w:p>"), "LC535"),
        ("r.docx", word_file(paragraph("x"), styles2="", comments="<broken"), ""),
        ("r.docx", word_file("<w:tbl>" * 5000), "LC535"),
        ("r.docx", word_file("<w:ins>" * 900 + "</w:ins>" * 900), "LC535"),
        ("r.docx", word_file(paragraph("  ")), "LC539"),
        ("r.md", b"\xff\xfe\x00\xd8", "LC535"),
        ("r.md", b"a\x00b", "LC535"),
        ("r.txt", b" \n\n", "LC539"),
        ("r.html", b"<p></p><img src=x>", "LC539"),
        ("r.pdf", b"%PDF", "LC536"),
        ("report", b"text", "LC536"),
    ],
)
def test_a_document_that_cannot_be_read_says_so_and_never_passes(
    tmp_path: Path, name: str, raw: bytes, code: str
) -> None:
    (tmp_path / name).write_bytes(raw)
    if not code:
        assert read_document(tmp_path / name)
        return
    with pytest.raises(EvaluationError) as problem:
        read_document(tmp_path / name)
    assert codes(problem) == {code}
    assert problem.value.faults[0].where == name


def test_a_word_file_that_defines_entities_is_refused() -> None:
    import zipfile
    from io import BytesIO

    made = BytesIO()
    bomb = '<!DOCTYPE d [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><d>&b;</d>'
    with zipfile.ZipFile(made, "w") as file:
        file.writestr("word/document.xml", bomb)
    with pytest.raises(EvaluationError) as problem:
        from_word(made.getvalue(), "r.docx")
    assert codes(problem) == {"LC535"}


def test_a_word_file_that_unpacks_to_too_much_is_refused_before_it_is_unpacked() -> None:
    raw = word_file(paragraph("x"), styles2=" " * (MOST_BYTES + 1))
    assert len(raw) < 100_000
    with pytest.raises(EvaluationError) as problem:
        from_word(raw, "r.docx")
    assert codes(problem) == {"LC538"}


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 1400), st.binary(min_size=1, max_size=6))
def test_whatever_is_broken_in_a_word_file_ends_in_a_message(at: int, noise: bytes) -> None:
    raw = bytearray(word_file(paragraph("It fell."), table(("a", "b"))))
    raw[at : at + len(noise)] = noise
    code = ""
    try:
        from_word(bytes(raw), "r.docx")
    except EvaluationError as problem:
        code = problem.code
    assert code in ("", "LC535", "LC538")


@settings(max_examples=60, deadline=None)
@given(st.text(alphabet="<>/![]-ap h1&;\n|#`*_“”'\"§x.", max_size=80))
def test_whatever_stands_in_a_text_can_be_read_and_checked(text: str) -> None:
    from evaluation.claims.linter import lint

    for passages in (from_html(text), from_markdown(text), from_markdown(text, plain=True)):
        lint(passages)


def test_text_from_windows_is_read(tmp_path: Path) -> None:
    for raw in ("It’s £5.".encode("cp1252"), "It’s £5.".encode("utf-16"), "\ufeffIt’s £5.".encode()):
        (tmp_path / "a.txt").write_bytes(raw)
        assert [p.text for p in read_document(tmp_path / "a.txt")] == ["It’s £5."]


def test_without_a_project_the_built_in_words_are_used() -> None:
    assert len(load_language(None).avoid) > 30


def test_a_text_without_a_full_stop_is_read_to_its_end_and_in_time() -> None:
    from time import process_time

    from evaluation.claims.linter import lint_text

    began = process_time()
    found = lint_text(
        "reoffending fell by between 4 and 12 in every 100 and then " * 1000 + "it was significant"
    )
    assert [f.rule for f in found] == ["significance"]
    assert process_time() - began < 20, "a second here; a minute and more before sentences were cut"


@pytest.mark.parametrize("unit", ["![", "[a](", "__a ", "**a ", "<a ", "a<b "])
def test_marks_that_nobody_closes_are_read_in_time_that_grows_with_the_page(unit: str) -> None:
    from time import process_time

    began = process_time()
    assert from_markdown(unit * 20_000)
    assert process_time() - began < 5, (
        "a third of a second here; __a took thirteen seconds, and four times for twice"
    )


def test_bold_and_tags_are_still_taken_off() -> None:
    text = 'It is __bold__, **bold too**, and <a href="x">linked</a> where 1 < 2.'
    assert [p.text for p in from_markdown(text)] == ["It is bold, bold too, and  linked  where 1 < 2."]


def test_a_marked_section_without_a_name_is_passed_over() -> None:
    assert [p.text for p in from_html("<p>One.</p><![<![ ]><p>Two.</p>")] == ["One.", "Two."]
    assert [p.text for p in from_html("<p>One.<![if gte mso 9]>x<![endif]></p>")] == ["One.x"]
