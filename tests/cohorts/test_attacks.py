"""Each attack finds what a weak store or output gives away, and finds nothing in a good one."""

from __future__ import annotations

import hashlib
import io
import json
import sqlite3
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cohorts.attacks.canaries import AREA, FILES, NHS, Provoked, provoked_errors
from cohorts.attacks.estimates import arms_of, differencing, populations, reconstruction, sizes_of
from cohorts.attacks.formulas import cells_of, injection, is_formula
from cohorts.attacks.frequency import Field, composite, frequency, siblings
from cohorts.attacks.hashes import SLICES, brute_force, nhs_numbers, pnc_ids, prison_numbers, recipes, upns
from cohorts.attacks.insider import Said, Verb, timing, trawl
from cohorts.attacks.key_material import KeyTry, forms_of, stolen_store
from cohorts.attacks.leftovers import free_pages_with_content, residue, stray_databases
from cohorts.attacks.margins import Puzzle, evaluation_puzzles, margins, read
from cohorts.attacks.model import some
from cohorts.attacks.printed import flow_puzzle, follow_up_puzzle, quality_puzzle
from cohorts.attacks.traces import patterns_in, traces
from cohorts.attacks.uniqueness import Release, alone, copied, events_described, known_by_events, row_releases
from cohorts.disclosure import publish_count
from cohorts.identifiers import faults_in, nhs_number, normalise, pnc_id, upn
from cohorts.pseudonyms import PseudonymKey, tokenise
from workspace.settings import DisclosureProfile

PROFILE = DisclosureProfile()
KEY = PseudonymKey("k", bytes(range(224, 256)))
NUMBERS = list(nhs_numbers(200))
TRIES = (KeyTry("a key of one's own", 5, 0),)


def ticks() -> Any:
    """A clock that moves by a second each time."""
    return iter(range(10_000)).__next__


@pytest.mark.parametrize(
    ("kind", "made"),
    [
        ("nhs-number", nhs_numbers(500)),
        ("upn", upns(500)),
        ("pnc-id", pnc_ids(500)),
        ("prison-number", prison_numbers(500)),
    ],
)
def test_every_candidate_is_a_correct_identifier_and_stands_once(kind: str, made: Any) -> None:
    found = pl.Series("v", list(made))
    assert found.n_unique() == 500
    good = faults_in(normalise(found, kind), kind)
    assert (good.is_null() | (good == "LC823")).all(), "placeholders such as serial nought are tried as well"


def test_the_slices_are_of_the_size_that_is_stated() -> None:
    assert [len(set(part.candidates(400))) for part in SLICES] == [400] * 4


@pytest.mark.parametrize("way", list(recipes("nhs-number", "p")))
def test_every_unkeyed_way_of_making_tokens_falls_to_brute_force(way: str) -> None:
    weak = [recipes("nhs-number", "p")[way](n.encode())[:16] for n in NUMBERS[:5]]
    broken = brute_force(weak, {}, "p", 400, ticks(), 10)
    assert broken.verdict == "fail"
    assert broken.found[0] == "fewer than 10 tokens found"


def test_hexadecimal_hashes_fall_too_and_known_identifiers_need_no_luck() -> None:
    far = nhs_number("999900001")
    weak = [hashlib.sha256(far.encode()).hexdigest().encode()]
    assert brute_force(weak, {}, "p", 100, ticks(), 10).verdict == "pass", "outside the slice"
    assert brute_force(weak, {"nhs-number": [far]}, "p", 100, ticks(), 10).verdict == "fail"


def test_keyed_tokens_do_not_fall() -> None:
    tokens = tokenise(pl.Series("v", NUMBERS), "nhs-number", KEY, "p").to_list()
    held = brute_force(tokens, {"nhs-number": NUMBERS}, "p", 400, ticks(), 10)
    assert held.verdict == "pass"
    assert "no token found" in held.found


@pytest.mark.parametrize("form", range(5))
def test_a_secret_in_any_form_is_found_in_a_file(form: int) -> None:
    text = b"noise " + forms_of(KEY.secret)[form] + b" noise"
    assert stolen_store({"log.txt": text}, [KEY.secret], TRIES, (), 10).verdict == "fail"


def test_key_files_history_and_a_wrong_key_that_fits_are_findings() -> None:
    mark = b'format = "lifecourse-key-1"'
    assert stolen_store({"a": mark}, [], TRIES, (), 10).found[0] == "key material in a"
    assert stolen_store({}, [], TRIES, ("abc123",), 10).verdict == "fail"
    assert (
        stolen_store({"s": b"lifecourse-seal-1 some-id 2026-01-01 0123456789ab\n"}, [], TRIES, (), 10).verdict
        == "fail"
    )
    assert stolen_store({}, [], [KeyTry("a key of one's own", 5, 3)], (), 10).verdict == "fail"
    everything = stolen_store({}, [], [KeyTry("both keys", 5, 3, holds_all=True)], (), 10)
    assert (everything.verdict, everything.found) == (
        "pass",
        ("fewer than 10 tokens met with both keys, as it must be",),
    )
    held = stolen_store({"a": b'key_id = "0011"'}, [KEY.secret], TRIES, (), 10)
    assert held.verdict == "pass"
    assert "not at hand" not in held.limits
    assert "not at hand" in stolen_store({}, [], TRIES, (), 10).limits


def test_tokens_of_surnames_stand_out_and_tokens_of_one_person_do_not() -> None:
    assert frequency([Field("names", "surname", 1000, 40, 700)]).verdict == "fail"
    assert frequency([Field("pseudonym", "token", 1000, 1, 0)]).verdict == "pass"
    assert frequency([]).verdict == "not-applicable"


def test_composite_keys_may_be_shared_by_two_or_three_but_not_by_many() -> None:
    assert composite([Field("keys", "key", 10_000, 3, 8)]).verdict == "pass"
    assert composite([Field("keys", "key", 10_000, 2, 800)]).verdict == "fail"


def test_a_pair_that_must_not_be_joined_and_is_one_person_is_a_finding() -> None:
    assert [siblings(*facts).verdict for facts in ((None, None), (4, None), (4, 0), (4, 1))] == [
        "not-applicable",
        "not-applicable",
        "pass",
        "fail",
    ]


ROWS = pl.DataFrame(
    {
        "index_date": [f"2022-03-{1 + i:02d}" for i in range(20)],
        "area": ["a", "b"] * 10,
        "synthetic": ["1"] * 20,
    }
)


def test_rows_of_people_that_stand_out_are_a_finding_and_a_marked_twin_is_none() -> None:
    assert row_releases([Release("rows.csv", ROWS, marked=False)], [], PROFILE).verdict == "fail"
    assert row_releases([Release("SYNTHETIC-rows.csv", ROWS, marked=True)], [], PROFILE).verdict == "pass"
    alike = pl.DataFrame({"area": ["a"] * 20 + ["b"] * 15})
    assert row_releases([Release("rows.csv", alike, marked=False)], [], PROFILE).verdict == "pass"
    assert row_releases([], [], PROFILE).verdict == "not-applicable"


def test_real_rows_that_call_themselves_synthetic_are_found_out() -> None:
    rng = np.random.default_rng(5)

    def drawn(n: int) -> pl.DataFrame:
        z = rng.integers(0, 40, n)
        days = [f"2022-{1 + d // 28:02d}-{1 + d % 28:02d}" for d in rng.integers(0, 300, n)]
        return pl.DataFrame(
            {"index_date": days, "age@w": 20.0 + z, "prior@w": (z // 4 + rng.integers(0, 5, n)) * 1.0}
        )

    people, others = drawn(400), drawn(400)
    for frame, verdict in ((people, "fail"), (others, "pass")):
        twin = (
            frame.rename({"age@w": "age", "prior@w": "prior"})
            .cast(pl.String)
            .with_columns(synthetic=pl.lit("1"))
        )
        found = row_releases(
            [Release("SYNTHETIC.csv", twin, marked=True)], [("c", people, ("age@w",))], PROFILE
        )
        assert found.verdict == verdict
    assert copied(people.select("age@w"), people) == (0, 0.0), "too few columns to tell"


def test_months_make_fewer_people_alone_than_days_and_shares_of_few_are_withheld() -> None:
    frame = pl.DataFrame(
        {"index_date": ["2022-03-01"] * 30 + [f"2022-03-{2 + i:02d}" for i in range(20)] + ["2022-04-01"] * 4}
    )
    assert alone(frame, ["index_date"]) == 20
    said = row_releases([], [("c", frame, ())], PROFILE).found
    assert said[1].startswith("were c released row by row, 36 %"), "20 of 54, out of 20 of 55"
    assert "0 %" in said[2]
    few = pl.DataFrame({"index_date": ["2022-03-01"] * 30 + ["2022-03-02"]})
    assert "withheld" in row_releases([], [("c", few, ())], PROFILE).found[1]


def table(counts: list[list[int]], profile: DisclosureProfile, publish: Any) -> Puzzle:
    """A two-way table with its margins, published in some way."""
    puzzle = Puzzle("table", profile)
    grid = np.array(counts)
    cells = [[puzzle.add(publish(int(n))) for n in row] for row in counts]
    for row, n in zip(cells, grid.sum(axis=1), strict=True):
        puzzle.total(puzzle.add(publish(int(n))), *row)
    for place, n in enumerate(grid.sum(axis=0)):
        puzzle.total(puzzle.add(publish(int(n))), *(row[place] for row in cells))
    return puzzle


def test_suppression_without_rounding_gives_its_cells_back() -> None:
    weak = table([[41, 3], [52, 61]], PROFILE, lambda n: None if 0 < n < 10 else n)
    assert read(weak).exact == 1
    held = table([[40, 3], [52, 60]], PROFILE, lambda n: publish_count(n, PROFILE))
    assert (read(held).exact, read(held).plain) == (0, 0)


def test_a_small_count_that_is_not_withheld_is_a_finding() -> None:
    found = read(table([[41, 3], [52, 61]], PROFILE, lambda n: n))
    assert (found.plain, found.succeeded) == (1, True)


@settings(max_examples=25, deadline=None)
@given(st.lists(st.lists(st.integers(0, 80), min_size=2, max_size=4), min_size=2, max_size=4).filter(
    lambda rows: len({len(row) for row in rows}) == 1))  # fmt: skip
def test_rounding_with_suppression_never_gives_a_true_count_a_wrong_interval(rows: list[list[int]]) -> None:
    from cohorts.attacks.margins import solve

    extents = solve(table(rows, PROFILE, lambda n: publish_count(n, PROFILE)))
    hidden = [n for row in rows for n in row] + [
        int(n) for n in [*np.sum(rows, axis=1), *np.sum(rows, axis=0)]
    ]
    true = [n for n in hidden if publish_count(n, PROFILE) is None]
    assert len(extents) == len(true)
    assert all(low <= n <= high for (low, high), n in zip(extents, true, strict=True))


def flow(enrolled: int, out: int, publish: Any) -> dict[str, Any]:
    steps = [
        ("enrolled", enrolled),
        ("eligible", enrolled - out),
        ("not eligible", out),
        ("eligibility unknown", 0),
    ]
    return {
        "cohort": "C",
        "steps": [{"step": s, "n": publish(n)} for s, n in steps],
        "observed": [],
        "deliveries": [],
    }


def test_an_unrounded_flow_tells_who_is_not_eligible_and_a_rounded_one_leaves_its_promise() -> None:
    weak = margins([read(flow_puzzle(flow(83, 4, lambda n: None if 0 < n < 10 else n), PROFILE))], 10)
    assert weak.verdict == "fail"
    assert "1 small cells known exactly" in weak.found[0]
    held = margins([read(flow_puzzle(flow(85, 5, lambda n: publish_count(n, PROFILE)), PROFILE))], 10)
    assert held.verdict == "pass"


def standing(due: int, seen: int, reasons: tuple[int, ...], publish: Any) -> dict[str, Any]:
    missing = [{"reason": f"r{i}", "n": publish(n)} for i, n in enumerate(reasons)]
    rest = {"overdue": publish(due - seen - sum(reasons)), "not_yet_due": 0}
    return {"due": publish(due), "seen": publish(seen), "missing": missing, **rest}


def test_withheld_parts_of_a_published_total_are_narrowed_and_that_is_a_finding() -> None:
    """Three withheld parts that come to 25: none of them can be small. The demonstration shows the same."""
    row = standing(125, 100, (8, 8, 9), lambda n: publish_count(n, PROFILE))
    found = read(follow_up_puzzle({"cohort": "C", "follow_up": [row]}, PROFILE))
    assert (found.cells, found.exact, found.narrowed) == (3, 0, 3)
    wide = standing(120, 110, (5, 5), lambda n: publish_count(n, PROFILE))
    assert not read(follow_up_puzzle({"cohort": "C", "follow_up": [wide]}, PROFILE)).succeeded


def test_quality_tables_are_solved_too() -> None:
    payload = {"variables": [{"people": 40, "missing": [{"reason": "refused", "n": None}]}],
               "waves": [{"enrolled": 83, "unobserved": 7}]}  # fmt: skip
    assert read(quality_puzzle(payload, PROFILE)).plain == 1


def result(
    treated: tuple[int, int], comparison: tuple[int, int], *, cohort: str = "c", rounded: bool = True
) -> dict[str, Any]:
    """A published result of a yes-or-no outcome: (people, events) of each arm."""
    shown = [publish_count(n, PROFILE) if rounded else n for n, _ in (treated, comparison)]
    means = [events / n for n, events in (treated, comparison)]
    people = treated[0] + comparison[0]
    estimate = {
        "n_treated": shown[0],
        "n_comparison": shown[1],
        "treated_mean": means[0],
        "comparison_mean": means[1],
    }
    n = publish_count(people, PROFILE) if rounded else people
    return {"data": {"rows": n, "cohort": cohort}, "flow": [{"step": "enrolled", "n": n}],
            "outcomes": [{"measure": "m", "kind": "binary", "estimate": estimate, "checks": []}]}  # fmt: skip


def test_a_share_at_full_precision_gives_a_small_number_of_events_away() -> None:
    assert reconstruction(arms_of("E1", result((216, 48), (217, 66)), PROFILE), 10).verdict == "pass"
    assert reconstruction(arms_of("E1", result((217, 4), (216, 66)), PROFILE), 10).verdict == "fail"
    assert reconstruction([], 10).verdict == "not-applicable"


def test_two_results_that_differ_by_three_people_are_a_finding_and_by_thirty_are_none() -> None:
    first, near, far = (
        arms_of(f"E{i}", result((n, 48), (217, 66)), PROFILE) for i, n in enumerate((217, 214, 187))
    )
    assert differencing([*first, *near], [], 10).verdict == "fail"
    assert differencing([*first, *far], [], 10).verdict == "pass"
    assert differencing(first, [], 10).verdict == "not-applicable"
    other = arms_of("E9", result((214, 48), (217, 66), cohort="d"), PROFILE)
    assert differencing([*first, *other], [], 10).verdict == "not-applicable"


def test_unrounded_populations_that_differ_by_a_few_are_a_finding() -> None:
    pairs = [p for i, n in enumerate((217, 214))
             for p in populations(f"E{i}", result((n, 48), (217, 66), rounded=False), PROFILE)]  # fmt: skip
    assert differencing([], pairs, 10).verdict == "fail"


def test_exact_arms_narrow_who_was_lost_on_the_way_to_them() -> None:
    shown = result((216, 48), (216, 66)) | {"flow": [{"step": "a", "n": 437}, {"step": "b", "n": 432}]}
    sizes = sizes_of(arms_of("E", shown, PROFILE))
    assert sizes == {"E": ((216, 216), (216, 216))}
    found = read(evaluation_puzzles([("E", shown)], sizes, PROFILE)[0])
    assert found.exact == 1, "437 and 432 were not rounded: five people were lost"


@pytest.mark.parametrize("cell", ["=1+1", "@SUM(A1)", "+cmd|' /C calc'!A0", "-2+3", "\t=1", "\r=1"])
def test_a_cell_that_a_spreadsheet_runs_is_a_finding(cell: str) -> None:
    assert injection({"x.csv": [cell]}).verdict == "fail"


@pytest.mark.parametrize("cell", ["-5.2", "+3", "-1,200", "-", "−0.3", "north", "-12 %", "-1.5e-3"])
def test_numbers_and_words_are_no_formulas(cell: str) -> None:
    assert not is_formula(cell)


def test_formulas_are_found_in_html_tables_and_csv_files() -> None:
    page = b"<table><tr><td>ok</td><td><b>&#61;HYPERLINK(1)</b></td></tr></table>"
    assert injection({"x.html": cells_of("x.html", page)}).verdict == "fail"
    assert injection({"x.csv": cells_of("x.csv", b'a,b\n1,"=2"\n')}).verdict == "fail"
    assert injection({}).verdict == "not-applicable"


TRACES = {
    "NHS number": f"seen {NUMBERS[3][:3]} {NUMBERS[3][3:6]} {NUMBERS[3][6:]}.", "UPN": f"({upn('999123456789')})",
    "PNC ID": pnc_id(2001, 9_123_456), "prison number": "held Z1234AB since", "postcode": "lives in QX1 9ZZ",
    "e-mail address": "write to someone@example.org", "mobile number": "call 07700 900123",
    "birth date": "born 03/04/1987",
}  # fmt: skip


@pytest.mark.parametrize("name", TRACES)
def test_every_kind_of_trace_is_found_in_an_output(name: str) -> None:
    assert name in patterns_in(f"<p>{TRACES[name]}</p>".encode())
    found = traces({"reports/x.html": TRACES[name].encode()}, None, {}, ())
    assert found.verdict == "fail"
    assert TRACES[name] not in str(found), "the report says where, never what"


def test_figures_fingerprints_and_drawings_are_no_traces() -> None:
    text = f"""{{"value": -0.08015938522594382, "sha256": "{hashlib.sha256(b"x").hexdigest()}", "n": 6325,
    "at": "2026-11-22T03:02:58+00:00", "svg": "<path d="M10 1LL Z1234AB 9990000018"/>", "big": 9990000012}}"""
    assert patterns_in(text.encode()) == {}


def test_what_the_inbox_holds_is_found_whatever_it_looks_like() -> None:
    known = {"a name": ["Quilbraxovéd"], "nhs-number": [NUMBERS[0]]}
    assert traces({"log": "Quilbraxovéd".encode("cp1252")}, None, known, ()).verdict == "fail"
    assert traces({}, b"\x00" + NUMBERS[0].encode() + b"\x01", known, ("nhs-number",)).verdict == "fail"
    assert traces({"log": b"nothing"}, b"\x00\x01", known, ("nhs-number", "a name")).verdict == "pass"


def filled(path: Path, *, overwrite: bool) -> bytes:
    connection = sqlite3.connect(path)
    connection.execute(f"PRAGMA secure_delete = {'ON' if overwrite else 'OFF'}")
    connection.execute("CREATE TABLE t (x TEXT)")
    connection.executemany("INSERT INTO t VALUES (?)", [(f"somebody {i}",) for i in range(5000)])
    connection.commit()
    connection.execute("DELETE FROM t")
    connection.commit()
    connection.close()
    return path.read_bytes()


def test_deleted_rows_that_were_not_overwritten_are_found_in_free_pages(tmp_path: Path) -> None:
    weak, good = filled(tmp_path / "weak", overwrite=False), filled(tmp_path / "good", overwrite=True)
    assert b"somebody 4000" in weak
    assert free_pages_with_content(weak) > 10
    assert free_pages_with_content(good) == 0
    assert residue(weak, True, [], {}).verdict == "fail"
    assert residue(good, True, [], {}).verdict == "pass"
    assert residue(good, False, [], {}).verdict == "fail"


def test_copies_are_found_by_name_and_by_their_first_bytes() -> None:
    files = [("data/cohort.sqlite", b"SQLite format 3\x00"), ("old.bak", b"zip"), ("notes.txt", b"SQLite format 3\x00"),
             ("x.bin", b"\x00" * 8 + b"DUCK"), ("plan.toml", b"[plan]")]  # fmt: skip
    strays = stray_databases(files, "data/cohort.sqlite")
    assert strays == ["notes.txt", "old.bak", "x.bin"]
    assert residue(None, None, strays, {}).verdict == "fail"
    assert residue(None, None, [], {}).verdict == "pass"


GOOD_VERBS = [Verb("cohort show", ("name",)), Verb("source load", ("source", "file"))]


def test_a_command_that_reads_a_person_or_prints_rows_of_people_is_a_finding() -> None:
    assert trawl(GOOD_VERBS, [], [80], [], 10).verdict == "pass"
    assert trawl([*GOOD_VERBS, Verb("cohort person", ("nhs_number",))], [], [80], [], 10).verdict == "fail"
    assert trawl([Verb("key split", ("nhs",))], [], [80], [], 10, frozenset({"key split"})).verdict == "pass"
    assert (
        trawl(GOOD_VERBS, [Said("cohort show", {"a": [{"participant": 1}]})], [80], [], 10).verdict == "fail"
    )
    rows = {"people": [{"age": i} for i in range(80)]}
    assert trawl(GOOD_VERBS, [Said("cohort show", rows)], [80], [], 10).verdict == "fail"


def test_asking_about_few_people_again_and_again_shows_in_the_log() -> None:
    entry = ("evaluate.run", "EVAL-001", {"plan": "p", "people": 15})
    assert trawl(GOOD_VERBS, [], [80], [entry] * 9, 10).verdict == "pass"
    assert trawl(GOOD_VERBS, [], [80], [entry] * 10, 10).verdict == "fail"
    assert timing().verdict == "not-applicable"


def test_a_canary_in_any_case_or_place_is_a_finding() -> None:
    good = [Provoked("source load", failed=True, said=b"LC822 row 2: the check digit does not fit")]
    assert provoked_errors(good).verdict == "pass"
    for mark in (AREA, NHS):
        leaky = Provoked("source load", failed=True, said=f"bad value {mark.upper()}".encode())
        found = provoked_errors([*good, leaky])
        assert found.verdict == "fail"
        assert mark not in str(found)
    assert provoked_errors([]).verdict == "not-applicable"
    assert all(NHS in text for text in FILES.values())


@pytest.mark.parametrize(
    ("n", "said"), [(0, "no token"), (3, "fewer than 10 tokens"), (12, "about 10 tokens")]
)
def test_counts_in_the_report_are_withheld_or_rounded(n: int, said: str) -> None:
    assert some(n, 10, "token") == said


def test_a_trial_is_plain_data() -> None:
    assert json.loads(json.dumps(timing().found)) == []


def test_few_days_of_events_tell_a_person_from_others_and_months_do_so_less_often() -> None:
    """Three people share two days; a fourth shares a month with them but no day; a fifth has one event only."""
    two = ["2024-01-05", "2024-02-05"]
    days = {1: two, 2: two, 3: [*two, "2024-03-09"],
            4: ["2024-01-06", "2024-02-07"], 5: ["2024-01-05"]}  # fmt: skip
    rows = [(person, day) for person, held in days.items() for day in held]
    events = pl.DataFrame(rows, schema=["participant", "day"], orient="row")
    assert known_by_events(events.filter(pl.col("participant") != 3), 2, months=False) == (1, 3)
    assert known_by_events(events.filter(pl.col("participant") != 3), 2, months=True) == (0, 3)
    assert known_by_events(events, 3, months=False) == (1, 1)
    assert events_described(events, PROFILE) == [], "fewer than ten people have so many"


def test_on_random_events_days_give_nearly_everybody_away_and_months_hardly_anybody() -> None:
    """2,000 people with six events over three years; the standard measured 97 % by day and 9 % by month on 20,000."""
    rng = np.random.default_rng(5)
    people = np.repeat(np.arange(2000), 6)
    days = np.datetime64("2021-01-01") + rng.integers(0, 1096, people.size).astype("timedelta64[D]")
    events = pl.DataFrame({"participant": people, "day": days.astype(str)})
    by_day, there = known_by_events(events, 2, months=False)
    by_month, _ = known_by_events(events, 2, months=True)
    assert there > 1990
    assert by_day / there > 0.9
    assert by_month / there < 0.05
    assert len(events_described(events, PROFILE)) == 4


@settings(max_examples=40, deadline=None)
@given(st.lists(st.integers(0, 60), min_size=2, max_size=5), st.integers(0, 40))
def test_a_tree_of_sums_solved_by_passing_on_agrees_with_linear_programming(
    parts: list[int], early: int
) -> None:
    from cohorts.attacks import margins as room

    puzzle = Puzzle("t", PROFILE)
    cells = [puzzle.add(publish_count(n, PROFILE)) for n in parts]
    due = puzzle.add(publish_count(sum(parts), PROFILE))
    puzzle.total(due, *cells)
    puzzle.total(puzzle.add(publish_count(sum(parts) + early, PROFILE)), due, puzzle.unknown())
    bounds = tuple((cell.low, cell.high) for cell in puzzle.cells)
    passed = room._passed_on(bounds, tuple(puzzle.sums))
    matrix = np.zeros((2, len(bounds)))
    for row, (whole, tied) in enumerate(puzzle.sums):
        matrix[row, whole] -= 1
        matrix[row, list(tied)] += 1
    for place in range(len(bounds)):
        assert (passed[place] if passed else None) == room._extent(matrix, bounds, place)


def test_a_word_file_is_unpacked_and_the_offsets_of_a_pdf_are_no_numbers_of_people() -> None:
    number = "9434765919"
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("word/document.xml", f"<w:document><w:p><w:t>{number}</w:t></w:p></w:document>")
    found = traces({"reports/a.docx": packed.getvalue()}, None, {}, ())
    assert found.verdict == "fail"
    assert number not in repr(found)
    offsets = b"%PDF-1.4\n1 0 obj\n<< >>\nendobj\nxref\n0 2\n9434765919 00000 n \ntrailer << >>\n%%EOF\n"
    assert traces({"reports/a.pdf": offsets}, None, {}, ()).verdict == "pass"
