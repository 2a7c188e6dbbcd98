"""What the program rests on: pins, licences, the page about them, the bill of materials."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from benchmarks.audit import distributions
from benchmarks.audit.__main__ import PAGE, RESULTS, faults_of_pins, known_faults
from benchmarks.audit.bill import bill
from benchmarks.audit.distributions import HASHED, Package, kind_of, packages, pins, unproven
from benchmarks.audit.page import page
from benchmarks.audit.vulnerabilities import Answer


def test_every_licence_of_what_is_needed_to_run_is_known_and_none_is_strong_copyleft() -> None:
    assert [fault for fault in faults_of_pins() if "licence" in fault] == []


def test_what_is_needed_to_run_is_pinned_by_hash_in_the_same_versions(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    assert unproven() == []
    text = HASHED.read_text(encoding="utf-8")
    broken = tmp_path / "broken.lock"
    monkeypatch.setattr(distributions, "HASHED", broken)
    version = next(str(pin.specifier) for pin in pins() if pin.name == "polars")
    broken.write_text(text.replace(f"polars{version}", "polars==0.0.1"), encoding="utf-8")
    assert unproven() == ["polars"]
    bare = re.sub(r"(?m)^(rich==\S+) \\\n(?:    --hash=.*\n)+", r"\1\n", text)
    broken.write_text(bare, encoding="utf-8")
    assert unproven() == ["rich"]
    broken.write_text("", encoding="utf-8")
    assert {"polars", "sqlmodel", "psycopg", "splink"} <= set(unproven())


@pytest.mark.parametrize(
    ("licence", "kind"),
    [
        ("MIT", "permissive"), ("Apache-2.0 OR BSD-3-Clause", "permissive"), ("GPL-3.0-or-later", "copyleft"),
        ("LGPL-3.0-only", "weak copyleft"),
        ("GNU Lesser General Public License v2 or later (LGPLv2+)", "weak copyleft"),
        ("MPL-2.0", "weak copyleft"), ("MIT AND GPL-2.0-only", "copyleft"), ("AGPL-3.0", "copyleft"), ("", "unknown"),
        ("MIT OR GPL-2.0-only", "permissive"), ("LGPL-2.1 AND GPL-3.0", "copyleft"), ("all rights reserved", "unknown"),
    ],
)  # fmt: skip
def test_a_licence_is_of_the_kind_it_says(licence: str, kind: str) -> None:
    assert kind_of(licence) == kind


def test_the_page_is_made_of_the_committed_numbers_and_names_every_pin() -> None:
    found = json.loads(RESULTS.read_text(encoding="utf-8"))
    assert PAGE.read_text(encoding="utf-8") == page(found), "python -m benchmarks.audit table"
    named = {row["name"] for row in found["packages"]}
    assert {pin.name for pin in pins()} <= named, "run python -m benchmarks.audit run, then table"
    assert all(one["tried"] == [] for one in found["commands"])
    assert [one["command"] for one in found["commands"] if one["code"]] == []


def test_the_bill_of_materials_names_every_pin_with_version_and_address() -> None:
    some = [
        Package("One_Thing", "1.2", "", "program", "1.2", "MIT", "permissive"),
        Package("two", "3", "", "dev"),
    ]
    made = json.loads(bill(some, "0.1"))
    assert (made["bomFormat"], made["specVersion"]) == ("CycloneDX", "1.6")
    assert [one["purl"] for one in made["components"]] == ["pkg:pypi/one-thing@1.2", "pkg:pypi/two@3"]
    assert [one["scope"] for one in made["components"]] == ["required", "excluded"]
    assert "licenses" not in made["components"][1]
    assert bill(some, "0.1") == bill(some, "0.1")
    assert {one.name for one in packages(whole=False)} == {pin.name for pin in pins()}


def test_a_check_that_could_not_ask_says_that_it_was_skipped(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def answers(answer: Answer) -> tuple[int, str]:
        monkeypatch.setattr("benchmarks.audit.__main__.ask", lambda: answer)
        code = known_faults()
        return code, capsys.readouterr().out

    code, said = answers(Answer(checked=False, said="nobody is there"))
    assert (code, said.startswith("SKIPPED, not passed")) == (0, True)
    assert answers(Answer(checked=True, said="1 asked", found=("x 1: CVE-1",))) == (
        1,
        "1 asked\nx 1: CVE-1\n",
    )
    assert answers(Answer(checked=True, said="1 asked"))[0] == 0
