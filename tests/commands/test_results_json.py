"""The result as JSON: the whole shape of section 5 of the contracts, and nothing else on standard output."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.commands.bad_other_inputs import FILE_PLAN, table
from tests.commands.program import Program

NUMBER = (int, float, type(None))
TEXT = (str,)
WHOLE = (int,)
# Each key of contracts.md, section 5, and the types its value may have; a dict is a table, a list a list of them.
EFFECT_SIZE = {"kind": TEXT, "value": NUMBER, "conf_low": NUMBER, "conf_high": NUMBER}
ESTIMATE: dict[str, Any] = {
    "estimand": TEXT, "effect": TEXT, "value": NUMBER, "std_error": NUMBER, "conf_low": NUMBER,
    "conf_high": NUMBER, "conf_level": NUMBER, "p_value": NUMBER, "p_value_adjusted": NUMBER, "df": NUMBER,
    "n_treated": NUMBER, "n_comparison": NUMBER, "n_clusters": NUMBER, "treated_mean": NUMBER,
    "comparison_mean": NUMBER, "standardised": ("or nothing", EFFECT_SIZE),
}  # fmt: skip
CHECK = {"name": TEXT, "result": TEXT, "reading": NUMBER, "limit": NUMBER, "consequence": TEXT, "note": TEXT}
VERDICT = {
    "answer": TEXT, "detail": TEXT, "security": WHOLE, "fragile": (bool,), "can_say": [TEXT],
    "cannot_say": [TEXT], "why": [{"code": TEXT, "text": TEXT}], "next": [TEXT],
}  # fmt: skip
OUTCOME = {
    "measure": TEXT, "role": TEXT, "kind": TEXT, "better": TEXT, "planned": (bool,), "estimate": ESTIMATE,
    "path": [{"term": TEXT}],
    "balance": [{"covariate": TEXT, "smd_before": NUMBER, "smd_after": NUMBER, "variance_ratio": NUMBER}],
    "checks": [CHECK],
    "sensitivity": [{"name": TEXT, "estimate": ESTIMATE, "flips_verdict": (bool,)}],
    "verdict": VERDICT,
}  # fmt: skip
DEVIATION = {
    "version": WHOLE, "kind": TEXT, "when": TEXT, "who": TEXT, "data_state": TEXT, "reason": TEXT, "changes": [TEXT],
    "followed": (bool,),
}  # fmt: skip
GRADE = (int, str, type(None))
RESULT = {
    "plan": {"id": TEXT, "sha256": TEXT, "state": TEXT, "deviations": [DEVIATION]},
    "data": {"rows": NUMBER, "sha256": TEXT, "cohort": TEXT},
    "method": TEXT,
    "flow": [{"step": TEXT, "n": NUMBER, "reason": TEXT}],
    "outcomes": [OUTCOME],
    "ladders": dict.fromkeys(("sms", "padlocks", "wwc", "eif", "grade", "emmie"), GRADE),
    "provenance": {
        "lifecourse": TEXT, "python": TEXT, "packages": {}, "seed": WHOLE, "started": TEXT, "seconds": NUMBER,
    },
}  # fmt: skip
COUNTS = ("n", "rows", "n_treated", "n_comparison", "n_clusters")


def misfits(value: Any, shape: Any, place: str = "result") -> Iterator[str]:
    """Every key that is missing and every value of the wrong type."""
    if isinstance(shape, dict):
        yield from _misfits_of_table(value, shape, place)
    elif isinstance(shape, list):
        items = value if isinstance(value, list) else [None]
        for number, item in enumerate(items):
            yield from misfits(item, shape[0], f"{place}[{number}]")
    elif shape[0] == "or nothing":
        yield from [] if value is None else misfits(value, shape[1], place)
    elif not isinstance(value, shape) or (isinstance(value, bool) and bool not in shape):
        yield f"{place} is a {type(value).__name__}"


def _misfits_of_table(value: Any, shape: dict[str, Any], place: str) -> Iterator[str]:
    if not isinstance(value, dict):
        yield f"{place} is not a table"
        return
    for key, inner in shape.items():
        if key in value:
            yield from misfits(value[key], inner, f"{place}.{key}")
        else:
            yield f"{place}.{key} is missing"


def walk(value: Any, name: str = "") -> Iterator[tuple[str, Any]]:
    """Every value in the document with the name it stands under."""
    if isinstance(value, dict):
        for key, item in value.items():
            yield from walk(item, key)
    elif isinstance(value, list):
        for item in value:
            yield from walk(item, name)
    else:
        yield name, value


def strict(text: str) -> Any:
    """JSON as the standard has it: NaN and Infinity are no JSON."""

    def refuse(word: str) -> None:
        raise AssertionError(f"{word} is not JSON")

    return json.loads(text, parse_constant=refuse)


@pytest.fixture
def files(place: Path) -> Path:
    """A plan and a table of eighty people, in a folder that is no project."""
    (place / "plan.toml").write_text(FILE_PLAN, encoding="utf-8")
    (place / "table.csv").write_text(table(), encoding="utf-8")
    return place


RUN = ("evaluate", "run", "plan.toml", "--data", "table.csv")


@pytest.mark.parametrize(
    "words",
    [
        (*RUN, "--json"),
        ("--json", *RUN),
        ("evaluate", "--json", "run", *RUN[2:]),
        ("--plain", *RUN, "--json"),
    ],
)
def test_file_mode_prints_the_whole_shape_wherever_the_flag_stands(
    words: tuple[str, ...], program: Program, files: Path
) -> None:
    outcome = program.well(*words)
    assert outcome.err == ""
    payload = strict(outcome.out)
    assert list(misfits(payload, RESULT)) == []
    assert [item["measure"] for item in payload["outcomes"]] == ["score", "caught"]
    assert payload["plan"]["state"] == "unlocked"
    assert payload["data"]["rows"] == 80
    assert len(payload["plan"]["sha256"]) == len(payload["data"]["sha256"]) == 64


def test_words_from_fixed_lists_are_on_the_list(program: Program, files: Path) -> None:
    payload = program.well(*RUN, "--json").payload
    for outcome in payload["outcomes"]:
        assert outcome["verdict"]["security"] in range(6)
        assert outcome["verdict"]["answer"] in {
            "works", "too-small-to-matter", "no-meaningful-effect", "inconclusive", "harms", "not-assessable",
        }  # fmt: skip
        for check in outcome["checks"]:
            assert check["result"] in {"pass", "warn", "fail", "info"}
            assert check["consequence"] in {"none", "downgrade", "block"}


def test_the_numbers_are_those_of_the_table(program: Program, files: Path) -> None:
    score, caught = program.well(*RUN, "--json").payload["outcomes"]
    rows = [line.split(",") for line in table().splitlines()[1:]]
    for outcome, column in ((score, 4), (caught, 5)):
        means = [
            math.fsum(float(row[column]) for row in rows if row[2] == arm)
            / sum(row[2] == arm for row in rows)
            for arm in "10"
        ]
        assert outcome["estimate"]["treated_mean"] == pytest.approx(means[0], rel=1e-12)
        assert outcome["estimate"]["comparison_mean"] == pytest.approx(means[1], rel=1e-12)
        assert (outcome["estimate"]["n_treated"], outcome["estimate"]["n_comparison"]) == (40, 40)


def test_hopeless_data_gives_null_and_a_check_that_says_why(program: Program, files: Path) -> None:
    lines = table().splitlines()
    same = [",".join([*line.split(",")[:4], "60", *line.split(",")[5:]]) for line in lines[1:13]]
    (files / "table.csv").write_text("\n".join([lines[0], *same]) + "\n", encoding="utf-8")
    payload = strict(program.well(*RUN, "--json").out)
    assert list(misfits(payload, RESULT)) == []
    primary = payload["outcomes"][0]
    assert primary["verdict"]["answer"] == "not-assessable"
    assert primary["estimate"]["p_value"] is None
    assert [check["consequence"] for check in primary["checks"]].count("block") >= 1


def test_the_same_run_twice_gives_the_same_document_but_for_the_clock(program: Program, files: Path) -> None:
    def one() -> Any:
        payload = program.well(*RUN, "--json").payload
        del payload["provenance"]["started"], payload["provenance"]["seconds"]
        return payload

    assert one() == one()


def test_out_writes_the_result_and_the_report(program: Program, files: Path) -> None:
    printed = program.well(*RUN, "--json", "--out", "made/here").payload
    kept = strict((files / "made" / "here" / "file.json").read_text("utf-8"))
    assert sorted(path.name for path in (files / "made" / "here").iterdir()) == ["file.html", "file.json"]
    assert printed.pop("files") == {"finding": "file.json", "report": "file.html"}
    assert printed == kept
    page = (files / "made" / "here" / "file.html").read_text("utf-8")
    assert "A plan for a file" in page
    assert "<script src=" not in page


def test_dry_out_writes_nothing(program: Program, files: Path) -> None:
    program.well(*RUN, "--json", "--out", "made", "--dry-run")
    assert not (files / "made").exists()


def test_file_mode_needs_no_project_no_key_and_makes_no_database(program: Program, files: Path) -> None:
    before = sorted(path.name for path in files.iterdir())
    program.well(*RUN)
    assert sorted(path.name for path in files.iterdir()) == before
    assert not list((files.parent / "config").rglob("*.key"))


def test_a_gzipped_table_gives_the_same_numbers(program: Program, files: Path) -> None:
    import gzip

    (files / "table.csv.gz").write_bytes(gzip.compress(table().encode("utf-8")))
    plain, packed = (program.well(*RUN[:4], name, "--json").payload for name in ("table.csv", "table.csv.gz"))
    assert plain["outcomes"] == packed["outcomes"]


def small_counts(payload: Any) -> list[tuple[str, Any]]:
    """Counts from 1 to 9, which nothing that is kept may hold."""
    # tables of facts have rows of their own, in which there are texts: what is in them is looked at elsewhere
    outcomes = [{name: part for name, part in one.items() if name != "tables"} for one in payload["outcomes"]]
    walked = walk({**payload, "outcomes": outcomes})
    return [(name, n) for name, n in walked if name in COUNTS and n is not None and 1 <= n <= 9]


def test_what_a_project_keeps_has_the_shape_and_no_small_count(practice: Path) -> None:
    for path in sorted((practice / "evidence").glob("*.json")):
        payload = strict(path.read_text("utf-8"))
        assert list(misfits(payload, RESULT)) == []
        assert small_counts(payload) == []
        kept = [{k: part for k, part in one.items() if k != "tables"} for one in payload["outcomes"]]
        counts = [n for name, n in walk({**payload, "outcomes": kept}) if name in COUNTS and n]
        assert all(n % 5 == 0 for n in counts), "every other count is rounded"


def test_a_project_never_prints_or_keeps_the_count_of_a_small_arm(program: Program, small: Path) -> None:
    """The rule leaves five treated people: the number five may stand nowhere, not even in a check."""
    rule = 'cohort = "leavers"\nwhere = "convictions == 0 or aid == 0"'
    text = (small / "plans" / "locked.toml").read_text("utf-8").replace('cohort = "leavers"', rule)
    (small / "plans" / "few.toml").write_text(text.replace('id = "locked"', 'id = "few"'), encoding="utf-8")
    program.well("plan", "lock", "few", cwd=small)
    outcome = program.well("evaluate", "run", "few", "--json", cwd=small)
    payload = strict(outcome.out)
    assert list(misfits(payload, RESULT)) == []
    assert small_counts(payload) == []
    primary = payload["outcomes"][0]
    assert primary["estimate"]["n_treated"] is None
    assert primary["verdict"]["answer"] == "not-assessable"
    readings = {check["name"]: check["reading"] for check in primary["checks"]}
    assert readings["people"] is None
    assert "few.json" not in outcome.err


def test_a_project_run_says_where_its_files_are(program: Program, small: Path) -> None:
    payload = program.well("evaluate", "run", "locked", "--json", cwd=small).payload
    assert payload["files"] == {"finding": "evidence/EVAL-001.json", "report": "reports/EVAL-001.html"}
    assert payload["plan"]["state"] == "locked before outcomes"
    kept = strict((small / "evidence" / "EVAL-001.json").read_text("utf-8"))
    del payload["files"]
    assert payload == kept
