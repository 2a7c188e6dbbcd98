"""Names and texts from a plan stay names and texts in R, in TOML and in comments."""

from __future__ import annotations

import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evaluation.replication.plan_for_file import toml_text
from evaluation.replication.quoting import r_literal, remark, toml_literal
from evaluation.replication.rules_in_r import rule_in_r

TEXTS = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=30)


def read_back(literal: str) -> str:
    """What R makes of a quoted text: the escapes that are written, and nothing else."""
    assert literal[0] == literal[-1] == '"'
    inner, found, at = literal[1:-1], [], 0
    while at < len(inner):
        if inner[at] != "\\":
            assert inner[at] != '"'
            found.append(inner[at])
            at += 1
        elif inner[at + 1] in "uU":
            width = 4 if inner[at + 1] == "u" else 8
            found.append(chr(int(inner[at + 2 : at + 2 + width], 16)))
            at += 2 + width
        else:
            found.append({'"': '"', "\\": "\\", "n": "\n", "t": "\t"}[inner[at + 1]])
            at += 2
    return "".join(found)


@given(TEXTS)
def test_a_text_in_r_is_ascii_on_one_line_and_reads_back(text: str) -> None:
    literal = r_literal(text)
    assert literal.isascii()
    assert literal.isprintable()
    assert read_back(literal) == text


@given(TEXTS)
def test_a_remark_is_one_line(text: str) -> None:
    assert len(("# " + remark(text)).splitlines()) == 1


@given(TEXTS.filter(bool), TEXTS)
def test_a_text_in_toml_reads_back(key: str, text: str) -> None:
    assert tomllib.loads(f"x = {toml_literal(text)}")["x"] == text
    whole = {"a": {key: text, "b": {key: [1, 2.5, True]}}, "c": [{key: text}]}
    assert tomllib.loads(toml_text(whole)) == whole


def test_a_text_with_a_nul_is_refused() -> None:
    with pytest.raises(ValueError, match="NUL"):
        r_literal("a\0b")


def test_numbers_and_lists_keep_their_last_digit() -> None:
    assert r_literal(0.1) == "0.1"
    assert r_literal(1e-300) == "1e-300"
    assert r_literal(2026.0) == "2026"
    assert r_literal(("a", "b")) == 'c("a", "b")'
    assert r_literal(()) == "character(0)"
    assert r_literal(float("inf")) == "Inf"
    assert r_literal(True) == "TRUE"
    assert r_literal(None) == "NULL"


def test_a_rule_becomes_a_condition_with_quoted_names() -> None:
    rule = "age >= 18 and not (sex == 'f' or area in ['N', 'S']) and not missing(x) and 1 < y <= -2 and t == true"
    assert rule_in_r(rule) == (
        '((people[["age"]] >= 18) & (!((people[["sex"]] == "f") | ifelse(is.na(people[["area"]]), NA, '
        'people[["area"]] %in% c("N", "S")))) & (!is.na(people[["x"]])) & ((1 < people[["y"]]) & '
        '(people[["y"]] <= -2)) & (people[["t"]] == 1))'
    )
