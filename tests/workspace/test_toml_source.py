"""TOML with line numbers, and the strict reader."""

from __future__ import annotations

import datetime as dt
import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workspace.errors import Fault, WorkspaceError
from workspace.toml_source import KeyCodes, Section, TomlSource, parse_toml, read_toml, toml_text, top

CODES = KeyCodes(unknown="LC104", missing="LC105", wrong="LC106")
TEXT = """# a comment
title = "x"
[plan]
id = "a"
"quoted key" = 1
a.b = 2
[design.matching]   # a table in a table
ratio = 1

[[outcome]]
measure = "one"
words = QQQ
[not.a.table]
key = "neither"
QQQ
list = [
  1,  # [[outcome]]
  2,
]
inline = { role = "primary", nested = { deep = [1, 2] } }
after = 'it [ "'
[[outcome]]
measure = "two"
[[outcome.band]]
low = 1
[[outcome.band]]
low = 2
""".replace("QQQ", '"' * 3)


def parsed(text: str) -> TomlSource:
    return parse_toml(text, "plan.toml", WorkspaceError)


def parsed_or_code(text: str) -> TomlSource | str:
    try:
        return parsed(text)
    except WorkspaceError as error:
        return error.code


def section(text: str) -> tuple[Section, list[Fault]]:
    faults: list[Fault] = []
    return top(parsed(text), faults, CODES), faults


@pytest.mark.parametrize(
    ("path", "line"),
    [
        (("title",), 2),
        (("plan",), 3),
        (("plan", "id"), 4),
        (("plan", "quoted key"), 5),
        (("plan", "a", "b"), 6),
        (("design", "matching"), 7),
        (("design", "matching", "ratio"), 8),
        (("outcome",), 10),
        (("outcome", 0), 10),
        (("outcome", 0, "measure"), 11),
        (("outcome", 0, "words"), 12),
        (("outcome", 0, "list"), 16),
        (("outcome", 0, "inline"), 20),
        (("outcome", 0, "inline", "nested", "deep"), 20),
        (("outcome", 0, "after"), 21),
        (("outcome", 1), 22),
        (("outcome", 1, "measure"), 23),
        (("outcome", 1, "band", 0), 24),
        (("outcome", 1, "band", 1, "low"), 27),
        (("plan", "nothing"), 3),
        (("nothing", "at", "all"), 1),
    ],
)
def test_every_key_and_table_knows_its_line(path: tuple[str | int, ...], line: int) -> None:
    assert parsed(TEXT).line(path) == line
    assert parsed(TEXT).where(path) == f"plan.toml:{line}"


def test_windows_line_ends_give_the_same_lines() -> None:
    assert parsed(TEXT.replace("\n", "\r\n")).lines == parsed(TEXT).lines


@pytest.mark.parametrize(
    ("text", "line"),
    [("a = 1\nb =\n", 2), ('a = "x', 1), ("[t\n", 1), ("a = 1\na = 2\n", 2), ("x = 2026-13-01", 1)],
)
def test_a_slip_is_named_with_its_line(text: str, line: int) -> None:
    with pytest.raises(WorkspaceError) as error:
        parsed(text)
    assert (error.value.code, error.value.faults[0].where) == ("LC103", f"plan.toml:{line}")


@pytest.mark.parametrize("text", ["a = " + "[" * 5000 + "]" * 5000, "a = 1" + "0" * 5000])
def test_text_made_to_break_the_reader_is_refused(text: str) -> None:
    with pytest.raises(WorkspaceError) as error:
        parsed(text)
    assert error.value.code == "LC103"


@given(st.text(alphabet=st.characters(codec="utf-8"), max_size=200))
def test_any_text_gives_a_source_or_the_error_that_was_asked_for(text: str) -> None:
    source = parsed_or_code(text)
    if isinstance(source, str):
        assert source == "LC103"
        return
    count = text.count("\n") + 1
    assert all(1 <= line <= count for line in source.lines.values())


PIECES = st.sampled_from(
    [
        "[a]",
        "[[b]]",
        "[[b.c]]",
        "k = 1",
        'k = "[x]"',
        "m = '''",
        "'''",
        '"""',
        "v = [",
        "]",
        "# [z]",
        "",
        "w = { a = 1 }",
    ]
)


@given(st.lists(PIECES, max_size=12))
def test_lines_put_together_at_random_give_a_source_or_the_error(lines: list[str]) -> None:
    source = parsed_or_code("\n".join(lines))
    if isinstance(source, str):
        assert source == "LC103"
        return
    for path, line in source.lines.items():
        last = str(next(part for part in reversed(path) if isinstance(part, str)))
        assert last in lines[line - 1], "the line holds the key it is said to hold"


@given(st.text(max_size=60))
def test_a_text_written_as_toml_is_read_back_unchanged(text: str) -> None:
    if any(0xD800 <= ord(character) <= 0xDFFF for character in text):
        return
    assert tomllib.loads(f"k = {toml_text(text)}") == {"k": text}


@pytest.mark.parametrize(
    ("content", "code"), [(b"\xff\xfe\x00", "LC108"), (b"a = \xe9", "LC108"), (b"\xef\xbb\xbfa = 1", "")]
)
def test_a_file_that_is_not_utf8_is_named(tmp_path: Path, content: bytes, code: str) -> None:
    path = tmp_path / "x.toml"
    path.write_bytes(content)
    if not code:
        assert read_toml(path, WorkspaceError).data == {"a": 1}
        return
    with pytest.raises(WorkspaceError) as error:
        read_toml(path, WorkspaceError)
    assert (error.value.code, error.value.faults[0].where) == (code, "x.toml")


def test_a_folder_and_a_missing_file_are_named_without_the_machine_s_folders(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "none.toml"):
        with pytest.raises(WorkspaceError) as error:
            read_toml(path, WorkspaceError)
        assert error.value.code == "LC107"
        assert str(tmp_path.parent) not in str(error.value)


def test_the_strict_reader_gathers_every_fault() -> None:
    file, faults = section('[t]\na = "x"\nb = true\nc = 1.5\nd = "2026-01-01"\ne = [1]\nf = 9\nzz = 1\n')
    table = file.table("t", required=True)
    assert table
    assert table.number("a") is None
    assert table.integer("b", 4) == 4
    assert table.integer("c", 5, low=1) == 5
    assert table.date("d") is None
    assert table.texts("e", ("k",)) == ("k",)
    assert table.number("f", above=0, high=5) is None
    assert table.text("g", required=True) == ""
    table.finish()
    file.finish()
    assert [(fault.code, fault.where) for fault in faults] == [
        *(("LC106", f"plan.toml:{line}") for line in (2, 3, 4, 5, 6, 7)),
        ("LC105", "plan.toml:1"),
        ("LC104", "plan.toml:8"),
    ]
    assert all(fault.problem for fault in faults)


def test_good_values_are_read_as_they_are() -> None:
    file, faults = section(
        'a = "x"\nb = true\nc = 2\nd = 2026-01-02\ne = "one"\nf = { "1" = 0 }\n[[g]]\nh = 1\n'
    )
    assert (file.text("a", one_of=("x", "y")), file.boolean("b"), file.integer("c", low=1)) == ("x", True, 2)
    assert file.date("d") == dt.date(2026, 1, 2)
    assert file.texts("e") == ("one",)
    assert file.mapping("f") == {"1": 0}
    assert [table.number("h") for table in file.tables("g")] == [1.0]
    assert file.has("a")
    file.finish()
    assert faults == []


@pytest.mark.parametrize("value", ["nan", "inf", "-inf", "1e301", "true", '"1"'])
def test_a_number_is_finite_and_a_number(value: str) -> None:
    file, faults = section(f"a = {value}")
    assert file.number("a", 7.0) == 7.0
    assert [fault.code for fault in faults] == ["LC106"]


@pytest.mark.parametrize(
    ("text", "ask"), [("a = 1", "table"), ("a = 1", "tables"), ("a = 1", "mapping"), ("a = [1]", "tables")]
)
def test_a_value_where_a_table_should_be_is_a_fault(text: str, ask: str) -> None:
    file, faults = section(text)
    assert not getattr(file, ask)("a")
    assert [fault.code for fault in faults] == ["LC106"]


def test_a_misspelt_key_gets_a_suggestion() -> None:
    file, faults = section("tilte = 1")
    file.text("title")
    file.finish()
    assert faults[0].problem.endswith("Did you mean 'title'?")
