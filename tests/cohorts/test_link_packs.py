"""Linkage in a project of two keys: the same links as with names, no name at the hub, and every wrong pack refused."""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from cohorts.actions import load_file
from cohorts.custody.custodian import create_link_key
from cohorts.custody.key_files import read_key_file
from cohorts.custody.two_keys import LinkKey, round_key
from cohorts.errors import CohortError
from cohorts.linking import actions as link_actions
from cohorts.linking.actions import LinkDone, LinkRequest, run_link
from cohorts.linking.derived import DERIVED
from cohorts.linking.reading import LinkPeople, read_people
from cohorts.linking.side import make_side, rekeyed_side
from cohorts.packs import link_pack
from cohorts.packs.link_pack import LinkPack, link_pack_of, open_link_pack
from cohorts.packs.link_store import prepare_link, read_link_pack
from cohorts.partner_files.extracts import read_extract
from cohorts.partner_files.source_file import read_mapping
from tests.cohorts.linking import (
    MATCHING,
    PROBATION,
    make_linking_project,
    probation_rows,
    sources,
    true_partners,
)
from tests.cohorts.test_link_actions import link, partners
from tests.cohorts.test_pack_format import entries, packed, resealed
from tests.cohorts.two_key_links import Two, make_two
from workspace import console
from workspace.errors import GateNotMet, LifecourseError
from workspace.toml_source import parse_toml

MADE = sources(700, 2)
LINK = LinkKey("0123456789ab", bytes(range(32)))
ROUND_VECTOR = "6b16b0172f800a7e92c9ba45e500eac0ea63e0e439fcc4198450f3f3b4eb3a24"

pytestmark = pytest.mark.usefixtures("own_configuration")


@pytest.fixture
def two(tmp_path: Path, database_url: str) -> Two:
    return make_two(tmp_path, MADE)


@pytest.fixture
def in_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Two:
    monkeypatch.delenv("LIFECOURSE_DATABASE_URL", raising=False)
    return make_two(tmp_path, MADE)


def run_two(two: Two, left: Path, right: Path, **options: Any) -> LinkDone:
    return run_link(two.hub, LinkRequest("leavers", ("releases", left), ("probation", right), **options))


def codes(error: LifecourseError) -> list[str]:
    return [fault.code for fault in error.faults]


def test_two_keys_find_exactly_the_links_that_names_find(
    two: Two, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    done = run_two(two, two.linked("releases")[0], two.linked("probation")[0])
    found = two.partners(MADE)
    monkeypatch.setenv("LIFECOURSE_DATABASE_URL", "")
    monkeypatch.setenv("LIFECOURSE_KEY_FILE", str(tmp_path / "keys" / "one.key"))
    project, releases, others = make_linking_project(tmp_path / "one", MADE)
    plain = link(project, releases, others)
    assert found == partners(project)
    truth = true_partners(MADE)
    right = sum(truth.get(one) == other for one, other in found.items())
    assert len(found) == done.linked
    assert (right / len(found) >= 0.99, right / len(truth) >= 0.9) == (True, True)
    counts = ("people", "linked", "fresh", "not_enrolled", "left_out", "questions", "calibration")
    assert [getattr(done, name) for name in counts] == [getattr(plain, name) for name in counts]


def test_a_later_load_finds_the_linked_and_the_same_packs_change_nothing(two: Two) -> None:
    left, right = two.linked("releases")[0], two.linked("probation")[0]
    done = run_two(two, left, right)
    loaded = load_file(two.hub, "probation", two.pack("probation"), sealed=False, replace=False)
    assert loaded.result is not None
    assert loaded.result.people == done.linked
    again = run_two(two, left, right)
    assert (again.repeated, again.run_id, again.fresh) == (True, "LNK-001", 0)
    before = two.partners(MADE)
    other = run_two(two, two.linked("releases", "two")[0], two.linked("probation", "two")[0])
    assert (other.run_id, other.fresh, two.partners(MADE)) == ("LNK-002", 0, before)


def test_no_name_no_field_token_and_no_link_token_is_in_the_store_or_beside_it(
    in_file: Two, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[pl.DataFrame] = []
    original = rekeyed_side

    def spying(*words: object) -> object:
        side = original(*words)  # type: ignore[arg-type]
        seen.append(side.frame)
        return side

    monkeypatch.setattr(link_actions, "rekeyed_side", spying)
    left, right = in_file.linked("releases")[0], in_file.linked("probation")[0]
    run_two(in_file, left, right)
    everything = b"".join(p.read_bytes() for p in in_file.hub.root.rglob("*") if p.is_file())
    packs = [read_link_pack(in_file.hub, path) for path in (left, right)]
    field_tokens = {
        value for pack in packs for name in ("fn", "sn", "dob") for value in pack.fields[name].drop_nulls()
    }
    run_tokens = {
        value for frame in seen for name in ("fn", "sn", "dob") for value in frame[name].drop_nulls()
    }
    assert len(seen) == 2
    assert not field_tokens & run_tokens
    for value in list(field_tokens)[:300] + list(run_tokens)[:300]:
        assert value.to_bytes(8, "big") not in everything
        assert str(value).encode() not in everything
    link_tokens = [t for pack in packs for t in pack.people[pack.people.columns[1]].drop_nulls().to_list()]
    assert not [t for t in link_tokens[:300] if t in everything or t.hex().encode() in everything]
    names = {text for t in (MADE.left, MADE.right) for text in t["surname"].drop_nulls() if len(text) > 6}
    assert not [name for name in names if name.encode() in everything]


def test_the_pack_itself_holds_no_name_and_its_repr_no_row(in_file: Two) -> None:
    path, done = in_file.linked("releases")
    pack = read_link_pack(in_file.hub, path)
    assert (done.people, dict(done.fields)["surname"]) == (pack.people.height, MADE.left["surname"].count())
    assert path.read_bytes().startswith(b"age-encryption.org")
    shown = repr(pack)
    assert "shape" not in shown
    assert not [v for v in pack.fields["sn"].drop_nulls().head(50) if str(v) in shown]


def test_fields_hashed_twice_agree_where_they_agreed_and_every_round_has_other_tokens() -> None:
    people = pl.DataFrame(
        {"forename": ["Bob", "Robert", None], "surname": ["Quilbrax", "O'Mellish", "Quilbrax"]}
    )
    number = pl.Series([0, 1, 2])
    kinds = pl.DataFrame({"crn": pl.Series([b"a" * 16, None, None], dtype=pl.Binary)})
    first = make_side(people, round_key(LINK, "demo-1", "a"), number, kinds)
    again = rekeyed_side(first.frame.select(DERIVED), b"k" * 32, number, kinds)
    for name in DERIVED:
        before, after = first.frame[name], again.frame[name]
        assert before.is_null().to_list() == after.is_null().to_list()
        assert before.rank("dense").n_unique() == after.rank("dense").n_unique()
        assert not set(before.drop_nulls()) & set(after.drop_nulls())
    assert again.frame["sn"][0] == again.frame["sn_b"][2]
    assert again.frame["fn_root"][0] == again.frame["fn_root"][1]
    keys = {round_key(LINK, *words) for words in (("demo-1", "a"), ("demo-1", "b"), ("demo-2", "a"))}
    assert (len(keys), {len(key) for key in keys}) == (3, {32})


def test_the_key_of_a_round_is_the_one_the_reference_page_gives() -> None:
    key = LinkKey("2e16283448ff", bytes(range(0x20, 0x40)))
    assert round_key(key, "demo-1", "2026-autumn").hex() == ROUND_VECTOR


def test_a_pack_to_be_loaded_cannot_be_linked_nor_the_other_way_round(in_file: Two) -> None:
    right = in_file.linked("probation")[0]
    with pytest.raises(
        CohortError, match="made to be loaded; here one is needed that was made for a linkage"
    ) as caught:
        run_two(in_file, in_file.pack("releases", "plain.lcpack"), right)
    assert codes(caught.value) == ["LC839"]
    assert "--for linkage" in caught.value.faults[0].hint
    with pytest.raises(
        CohortError, match="made for a linkage; here one is needed that was made to be loaded"
    ):
        load_file(in_file.hub, "probation", right, sealed=False, replace=False)


def test_a_raw_file_is_refused_before_it_is_read(in_file: Two) -> None:
    raw = in_file.folder / "probation.csv"
    with pytest.raises(GateNotMet, match="LC845") as caught:
        run_two(in_file, in_file.linked("releases")[0], raw)
    assert "partner prepare --for linkage" in caught.value.faults[0].hint


def test_packs_of_two_rounds_are_refused(in_file: Two) -> None:
    with pytest.raises(CohortError, match="different rounds"):
        run_two(in_file, in_file.linked("releases", "spring")[0], in_file.linked("probation", "autumn")[0])


def test_another_link_key_is_refused(in_file: Two) -> None:
    left = in_file.linked("releases")[0]
    create_link_key(in_file.hub.settings.project_id, in_file.folder / "second.key", "")
    out = in_file.folder / "other.lcpack"
    mapping, file = in_file.folder / "probation.toml", in_file.folder / "probation.csv"
    prepare_link(file, mapping, in_file.folder / "second.key", out, [in_file.recipient], "one")
    with pytest.raises(GateNotMet, match="LC842"):
        run_two(in_file, left, out)


def test_another_version_of_the_mapping_or_of_the_derivation_is_refused(
    in_file: Two, monkeypatch: pytest.MonkeyPatch
) -> None:
    left = in_file.linked("releases")[0]
    mapping = in_file.folder / "probation.toml"
    mapping.write_text(PROBATION + "\n# changed\n", "utf-8")
    with pytest.raises(CohortError, match="another version of the mapping"):
        run_two(in_file, left, in_file.linked("probation", name="a.lcpack")[0])
    mapping.write_text(PROBATION, "utf-8")
    with monkeypatch.context() as patched:
        patched.setattr(link_pack, "ROOTS", {"bob": "bobby"})
        other = in_file.linked("probation", name="b.lcpack")[0]
    with pytest.raises(CohortError, match="another version of the program"):
        run_two(in_file, left, other)


def test_a_pack_needs_a_round_a_recipient_and_matching_columns(in_file: Two) -> None:
    file, mapping = in_file.folder / "probation.csv", in_file.folder / "probation.toml"
    out, key = in_file.folder / "x.lcpack", in_file.link_key
    for word in ("", "Spring 2026", "-a", "a" * 41):
        with pytest.raises(CohortError, match="LC839"):
            prepare_link(file, mapping, key, out, [in_file.recipient], word)
    with pytest.raises(CohortError, match="LC846"):
        prepare_link(file, mapping, key, out, [], "one")
    mapping.write_text(PROBATION.replace(MATCHING, ""), "utf-8")
    with pytest.raises(CohortError, match="LC883"):
        prepare_link(file, mapping, key, out, [in_file.recipient], "one")
    assert not out.exists()


def test_a_dry_run_writes_no_pack_and_links_nobody(in_file: Two) -> None:
    with console.borrowed(dry_run=True):
        path, done = in_file.linked("probation", "dry")
    assert (path.exists(), done.people > 400) == (False, True)
    left, right = in_file.linked("releases")[0], in_file.linked("probation")[0]
    with console.borrowed(dry_run=True):
        assert run_two(in_file, left, right).fresh > 250
    assert in_file.partners(MADE) == {}


def test_match_keys_alone_work_without_the_engine(in_file: Two) -> None:
    done = run_two(in_file, in_file.linked("releases")[0], in_file.linked("probation")[0], keys_only=True)
    assert done.linked > 300


def test_people_kept_apart_by_nobody_and_rows_left_out_are_counted(in_file: Two) -> None:
    rows = probation_rows(MADE)
    bad = rows.with_columns(
        pl.when(pl.int_range(pl.len()) < 3).then(pl.lit("nonsense")).otherwise("crn").alias("crn")
    )
    bad = bad.with_columns(pl.when(pl.int_range(pl.len()) < 3).then(None).otherwise("nhs").alias("nhs"))
    in_file.write("probation", bad)
    path, done = in_file.linked("probation")
    assert done.left_out == 3
    assert run_two(in_file, in_file.linked("releases")[0], path).left_out == 3


# ---- the bytes


def small_pack() -> bytes:
    mapping = read_mapping(parse_toml(PROBATION, "probation.toml", CohortError))
    people = LinkPeople(
        pl.DataFrame(
            {"person": [0, 1], "crn": [b"a" * 16, b"b" * 16], "nhs-number": [None, b"c" * 16]},
            schema_overrides={"person": pl.UInt32, "nhs-number": pl.Binary},
        ),
        pl.DataFrame({"forename": ["Bob", None], "surname": ["Quilbrax", "Vlimtro"]}),
        1,
    )  # fmt: skip
    made = (dt.date(2026, 3, 1), "lifecourse 1")
    return link_pack_of(people, mapping, "ab" * 32, LINK, "demo-1", "one", made)


GOOD = small_pack()


def test_a_pack_is_read_back_as_it_was_written() -> None:
    pack = open_link_pack(GOOD, "a.lcpack")
    assert isinstance(pack, LinkPack)
    assert (pack.source, pack.round, pack.left_out, pack.people.height) == ("probation", "one", 1, 2)
    assert pack.people["nhs-number"].to_list() == [None, b"c" * 16]
    assert pack.fields.columns == list(DERIVED)
    assert pack.fields["fn"].is_null().to_list() == [False, True]
    assert small_pack() == GOOD
    said = json.loads(entries(GOOD)["manifest.json"])
    assert said["format"] == "lifecourse-link-pack-1"


def changed(entry: str, old: bytes, new: bytes) -> bytes:
    parts = entries(GOOD)
    assert old in parts[entry]
    return resealed({**parts, entry: parts[entry].replace(old, new, 1)})


BAD = {
    "cut short": lambda: GOOD[:-9],
    "a later layout": lambda: resealed(entries(GOOD), format="lifecourse-link-pack-2"),
    "a column more": lambda: changed("fields.csv", b"person,fn,", b"person,name,fn,"),
    "a column renamed": lambda: changed("fields.csv", b",sn_sdx,", b",soundex,"),
    "a name for a token": lambda: changed("people.csv", b"61" * 16, b"Quilbrax"),
    "a word for a field": lambda: changed("fields.csv", b"\n0,", b"\n0,Quilbrax"),
    "other people": lambda: changed("fields.csv", b"\n1,", b"\n7,"),
    "one token twice": lambda: changed("people.csv", b"62" * 16, b"61" * 16),
    "nobody": lambda: changed("people.csv", b"\n0," + b"61" * 16 + b",", b"\n0,,"),
    "no round": lambda: resealed(entries(GOOD), round=None),
    "a strange round": lambda: resealed(entries(GOOD), round="Quilbrax 7"),
    "fewer people said": lambda: resealed(entries(GOOD), people=1),
    "changed after": lambda: packed({**entries(GOOD), "fields.csv": entries(GOOD)["fields.csv"] + b"\n"}),
    "an entry too many": lambda: resealed({**entries(GOOD), "observations.csv": b"x"}),
}


@pytest.mark.parametrize("name", BAD)
def test_a_bad_pack_is_refused_and_never_quoted(name: str) -> None:
    with pytest.raises(CohortError) as caught:
        open_link_pack(BAD[name](), "p.lcpack")
    assert codes(caught.value) == ["LC838"]
    assert "Quilbrax" not in str(caught.value)
    assert caught.value.__cause__ is None


def test_what_the_hub_reads_is_what_the_partner_read(in_file: Two) -> None:
    mapping = read_mapping(parse_toml(PROBATION, "probation.toml", CohortError))
    link_key = read_key_file(in_file.link_key, "link")
    raw = read_extract(in_file.folder / "probation.csv")
    here = read_people(
        raw, mapping, LinkKey(link_key.key_id, link_key.secret), in_file.hub.settings.project_id
    )
    pack = read_link_pack(in_file.hub, in_file.linked("probation")[0])
    assert pack.people.equals(here.tokens)
    assert pack.fields["sn"].n_unique() <= here.fields["surname"].n_unique()
    assert dataclasses.asdict(pack)["left_out"] == here.left_out
