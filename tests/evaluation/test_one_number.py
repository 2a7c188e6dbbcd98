"""One number is never another in two outputs, and what one withholds no other shows.

JSON is the measure. CSV and the workbook say the same in full; HTML, Word and PDF the same as far as they print it.
"""

from __future__ import annotations

import io
import json
import re
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from cohorts.gate.outgoing import Outgoing
from evaluation.annexes.building import annex_files
from evaluation.annexes.model import NOT_AVAILABLE, WITHHELD
from evaluation.edits.sentences import generated_sentences
from evaluation.model import BalanceRow, Result
from evaluation.protection import masked, released
from evaluation.reporting.html import render_whole, report_checklists
from evaluation.reporting.numbers import scale_of
from evaluation.saved.model import Whole
from tests.evaluation import report_builders as made
from tests.evaluation import report_samples as samples
from tests.evaluation.annex_reader import by_column, csv_tables, ods_tables
from tests.evaluation.panel_samples import PANEL_SAMPLES
from tests.evaluation.report_reader import PROFILE, read, table

PRINTED = re.compile(r"−?\d+(?:,\d{3})*(?:\.\d+)?")
NUMBERS = (
    "value", "std_error", "conf_low", "conf_high", "conf_level", "p_value", "p_value_adjusted", "df", "n_treated",
    "n_comparison", "n_clusters", "treated_mean", "comparison_mean", "narrow_low", "narrow_high", "outcome_sd",
)  # fmt: skip
SECRETS = {"31.3", "0.313", "-0.31337", "61.8", "0.618", "27.2", "0.272", "0.27183", "0.737", "0.74", "73.7"}


def hidden() -> Result:
    """A main outcome to be shown, and one of four people whose every number would be known again."""
    few = made.binary_estimate(
        n_treated=4,
        value=-0.31337,
        conf_low=-0.61803,
        conf_high=-0.01414,
        treated_mean=0.27183,
        std_error=0.1313,
    )
    balance = (BalanceRow("age", 0.73721, 0.73722, 1.1),)
    other = made.score(
        name="arrests of girls", measure="girls", kind="binary", unit="", estimate=few, balance=balance
    )
    return made.result(made.outcome(), other)


MADE = {
    "works": samples.works,
    "groups": samples.groups,
    "small-counts": samples.small_counts,
    "not-assessable": samples.not_assessable,
    "hidden": hidden,
    "staggered": PANEL_SAMPLES["staggered-adoption"],
    "series": PANEL_SAMPLES["interrupted-time-series"],
}


def whole(name: str) -> Whole:
    """A result as it is kept: masked and released, like every run."""
    result = MADE[name]()
    return Whole(released(masked(result, PROFILE), PROFILE), PROFILE, "c0ffee", practice=True)


def annex(kept: Whole) -> tuple[Outgoing, ...]:
    return annex_files(kept, report_checklists(kept), generated_sentences(kept.result, kept.profile))


def payload_of(files: tuple[Outgoing, ...]) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(next(f.data for f in files if f.name.endswith(".json")))
    return found


def same(cell: str | float, value: object) -> bool:
    """Whether a cell of an annex says what the JSON says."""
    if value is None:
        return cell in (WITHHELD, NOT_AVAILABLE)
    if isinstance(value, bool):
        return cell == ("yes" if value else "no")
    return (
        cell == float(value)
        if isinstance(value, int | float)
        else str(cell).lstrip("'") == str(value).strip()
    )


def check_estimate(row: Mapping[str, str | float], estimate: Mapping[str, Any]) -> None:
    for name in NUMBERS:
        assert same(row[name], estimate[name]), name
    size = estimate["standardised"] or {}
    for column, name in (("standardised_value", "value"), ("standardised_low", "conf_low"),
                         ("standardised_high", "conf_high")):  # fmt: skip
        assert same(row[column], size.get(name)), column


@pytest.mark.parametrize("name", MADE)
def test_csv_and_the_workbook_say_every_number_of_the_json_in_full(name: str) -> None:
    files = annex(whole(name))
    payload = payload_of(files)
    sheets = csv_tables(files)
    book = ods_tables(next(f.data for f in files if f.name.endswith(".ods")))
    assert {key[:20] for key in sheets} == {key[:20] for key in book}
    for key, grid in sheets.items():
        other = next(found for title, found in book.items() if title[:20] == key[:20])
        assert grid == [[c if isinstance(c, float) else _as_csv(c) for c in row] for row in other], key
    for row, outcome in zip(by_column(sheets["estimates"]), payload["outcomes"], strict=True):
        assert row["measure"] == outcome["measure"]
        assert same(row["minimum_important_difference"], outcome["minimum_important_difference"])
        check_estimate(row, outcome["estimate"])
    for row, outcome in zip(by_column(sheets["answers"]), payload["outcomes"], strict=True):
        assert (row["answer"], row["security"]) == (
            outcome["verdict"]["answer"],
            outcome["verdict"]["security"],
        )
    ways = [(o["name"], way) for o in payload["outcomes"] for way in o["sensitivity"]]
    for row, (about, way) in zip(by_column(sheets["other-ways"]) if ways else [], ways, strict=True):
        assert (row["outcome"], row["asked another way"]) == (about, way["name"])
        check_estimate(row, way["estimate"])
    groups = [g for o in payload["outcomes"] for one in o["subgroups"] for g in one["groups"]]
    for row, group in zip(by_column(sheets["groups"]) if groups else [], groups, strict=True):
        assert row["group"] == group["level"]
        check_estimate(row, group["estimate"] or dict.fromkeys((*NUMBERS, "standardised")))
    points = [x for o in payload["outcomes"] for f in o["figures"] for line in f["lines"] for x in line["y"]]
    drawn = [row["y"] for row in by_column(sheets["figures"])] if points else []
    assert all(same(cell, value) for cell, value in zip(drawn, points, strict=True))


def _as_csv(cell: str | float) -> str | float:
    """A text of the workbook as CSV gives it back: a text of digits reads as a number there."""
    try:
        return float(cell)
    except ValueError:
        return cell


def printed(text: str) -> list[tuple[float, float]]:
    """The numbers of a text, each with half its last digit."""
    found = []
    for number in PRINTED.findall(text):
        digits = number.replace("−", "-").replace(",", "")
        decimals = len(digits.partition(".")[2])
        coarse = 0.5 * 10.0**-decimals if decimals else 0.5 * 10.0 ** max(0, len(digits.lstrip("-")) - 3)
        found.append((float(digits), coarse * 1.0001))
    return found


def check_printed(rows: list[list[str]], payload: Mapping[str, Any]) -> int:
    """The table of outcomes of a report against the JSON; how many numbers were compared."""
    compared = 0
    planned = {o["name"]: o for o in payload["outcomes"] if o["planned"]}
    assert [row[0] for row in rows] == list(planned)
    for row in rows:
        outcome = planned[row[0]]
        e = outcome["estimate"]
        factor = scale_of(e["effect"], outcome["unit"]).factor
        share = 100 if outcome["kind"] in ("binary", "time-to-event") else 1
        wanted = [
            (row[2], [e["treated_mean"]], share), (row[3], [e["comparison_mean"]], share),
            (row[4], [e["value"], e["conf_low"], e["conf_high"]], factor),
            (row[5], [(e["standardised"] or {}).get(k) for k in ("value", "conf_low", "conf_high")], 1),
        ]  # fmt: skip
        for text, values, times in wanted:
            if values[0] is None:
                assert not PRINTED.search(text), (row[0], text)
                continue
            for (shown, half), value in zip(printed(text), values, strict=False):
                assert shown == pytest.approx(times * value, abs=half), (row[0], text)
                compared += 1
        if outcome["units"] == "people":
            counts = [int(n.replace(",", "")) for n in re.findall(r"([\d,]+) with", row[8])]
            assert not counts or counts[0] in (e["n_treated"], PROFILE.threshold)
            compared += len(counts)
    return compared


@pytest.mark.parametrize("name", MADE)
def test_the_report_prints_the_numbers_of_the_json_and_none_that_it_withholds(name: str) -> None:
    kept = whole(name)
    rows = table(read(render_whole(kept)), "The same numbers")[1:]
    compared = check_printed(rows, payload_of(annex(kept)))
    assert compared > 3 or name in ("small-counts", "not-assessable")


def test_what_one_output_withholds_stands_in_no_other() -> None:
    kept = whole("hidden")
    files = annex(kept)
    page = render_whole(kept)
    outputs = {f.name: f.data.decode("utf-8") for f in files if not f.name.endswith(".ods")}
    book = ods_tables(next(f.data for f in files if f.name.endswith(".ods")))
    outputs["ods"] = json.dumps(book)
    body = page[page.index("<body") :]
    outputs["html"] = re.sub(
        r"<svg.*?</svg>", lambda svg: " ".join(re.findall(r">([^<]+)<", svg[0])), body, flags=re.S
    )
    for name, text in outputs.items():
        about = (
            [line for line in re.split(r"[\n]", text) if "girls" in line] if name.endswith(".csv") else [text]
        )
        found = {secret for secret in SECRETS if any(_holds(line, secret) for line in about)}
        assert not found, (name, found)
    estimates = by_column(csv_tables(files)["estimates"])
    assert estimates[1]["value"] == estimates[1]["n_treated"] == estimates[1]["treated_mean"] == WITHHELD
    assert estimates[0]["value"] == pytest.approx(-0.094)
    balance = [row for row in csv_tables(files)["balance"] if row[0] == "arrests of girls"]
    assert balance == [["arrests of girls", *(WITHHELD,) * 5]]
    assert "4 with" not in outputs["html"]


def _holds(text: str, secret: str) -> bool:
    return re.search(rf"(?<![\d.]){re.escape(secret)}(?![\d])", text) is not None


@pytest.mark.parametrize("name", ["works", "hidden", "groups"])
def test_word_says_the_same_numbers(name: str) -> None:
    report = pytest.importorskip("evaluation.word.report", reason="reports in Word are not in this version")
    docx = pytest.importorskip("docx")
    kept = whole(name)
    page = render_whole(kept)
    document = docx.Document(io.BytesIO(report.word_report(page)))
    held = [
        [" ".join(cell.text.split()) for cell in row.cells] for grid in document.tables for row in grid.rows
    ]
    for row in table(read(page), "The same numbers"):
        assert any(_plain(row) == _plain(other) for other in held), row[0]
    text = " ".join(" ".join(row) for row in held) + " ".join(p.text for p in document.paragraphs)
    if name == "hidden":
        assert not {secret for secret in SECRETS if _holds(text, secret)}


def _plain(row: list[str]) -> list[str]:
    return [re.sub(r"[\s\u00ad\u2060\u200b]", "", cell) for cell in row]


@pytest.mark.skipif(shutil.which("pdftotext") is None, reason="pdftotext is not on this machine")
def test_pdf_says_the_same_numbers(tmp_path: Path) -> None:
    browser = pytest.importorskip("evaluation.printed.browser", reason="PDF is not in this version")
    if not Path("/usr/bin/chromium").exists():
        pytest.skip("there is no /usr/bin/chromium on this machine")
    kept = whole("hidden")
    page = render_whole(kept)
    path = tmp_path / "report.pdf"
    path.write_bytes(browser.print_page(page))
    said = subprocess.run(["pdftotext", str(path), "-"], capture_output=True, check=True).stdout.decode()
    numbers = set(PRINTED.findall(said))
    for row in table(read(page), "The same numbers")[1:]:
        for cell in row[2:6]:
            assert set(PRINTED.findall(cell)) <= numbers, row[0]
    assert not {secret for secret in SECRETS if _holds(said, secret)}
