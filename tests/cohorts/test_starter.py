"""A first mapping is a readable guess that shows nothing of the file but its headings."""

from __future__ import annotations

from pathlib import Path

from cohorts.errors import CohortError
from cohorts.partner_files.extracts import read_extract
from cohorts.partner_files.source_file import read_mapping
from cohorts.partner_files.starter import starter_mapping
from workspace.toml_source import parse_toml

FILE = """NHS Number,Surname,Date of Birth,Release date,Aid,Score,Ward
9990000018,Zorvquil,01/02/2003,03/04/2022,yes,12.5,Anfield
9990000026,Quilzorv,01/02/2004,03/04/2022,no,11,Everton
"""


def test_the_guess_is_accepted_once_the_wave_is_named_and_shows_no_value(tmp_path: Path) -> None:
    path = tmp_path / "extract.csv"
    path.write_text(FILE, encoding="utf-8")
    text = starter_mapping(read_extract(path), "extract", "leavers", "release")
    mapping = read_mapping(parse_toml(text, "extract.toml", CohortError))
    assert [i.kind for i in mapping.identifiers] == ["nhs-number"]
    assert mapping.index_date == "Release date"
    assert mapping.ignore == ("Surname",)
    kinds = {v.name: v.kind for v in mapping.variables}
    assert kinds == {"age_at_index": "age", "aid": "binary", "score": "number", "ward": "category"}
    for secret in ("9990000018", "Zorvquil", "Anfield", "01/02/2003", "12.5"):
        assert secret not in text


def test_a_file_without_a_known_identifier_says_that_one_is_needed(tmp_path: Path) -> None:
    path = tmp_path / "extract.csv"
    path.write_text("a,b\n1,2\n", encoding="utf-8")
    assert "No column was recognised as an identifier" in starter_mapping(
        read_extract(path), "extract", "leavers", "release"
    )
