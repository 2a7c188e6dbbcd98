"""Preparing at the partner and loading at the hub: the same people and values, and nothing that identifies anybody."""

from __future__ import annotations

import io
import random
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from cohorts.actions import inspect_file, load_file, shape_of
from cohorts.custody.custodian import create_identity, create_link_key
from cohorts.custody.key_files import read_key_file
from cohorts.errors import CohortError
from cohorts.intake import IntakeRefused
from cohorts.keys import VARIABLE, identity_path, key_path, load_key
from cohorts.packs.format import Pack, open_pack
from cohorts.packs.prepared import intake_of, refuse_strange
from cohorts.packs.store import ENDING, is_pack, read_pack
from cohorts.partner_files.source_file import read_mapping
from tests.cohorts.loading import PEOPLE, nhs, people_rows, pnc
from tests.cohorts.packs import Partner, held_tokens, held_values, make_hub, make_partner
from workspace.database import database_path
from workspace.errors import GateNotMet
from workspace.files import sha256_of
from workspace.project import Project
from workspace.toml_source import parse_toml

N = 60
ROWS = people_rows(N)
OUTCOMES = ["pnc,arrests", *(f"{pnc(i)},{i % 4}" for i in range(0, N, 2))]


pytestmark = pytest.mark.usefixtures("own_configuration")


def load(project: Project, source: str, pack: Path, *, sealed: bool = False, replace: bool = False) -> None:
    load_file(project, source, pack, sealed=sealed, replace=replace)


def code_and_problem(error: CohortError | GateNotMet) -> tuple[str, str]:
    return error.faults[0].code, error.faults[0].problem


def test_packs_load_people_and_outcomes_on_either_store(hub: Project, tmp_path: Path) -> None:
    partner = make_partner(tmp_path, hub)
    first = load_file(hub, "people", partner.prepare("people", ROWS), sealed=False, replace=False)
    assert first.result is not None
    assert (first.result.people, first.result.new_people, first.result.observations) == (N, N, 2 * N)
    second = load_file(hub, "outcomes", partner.prepare("outcomes", OUTCOMES), sealed=False, replace=False)
    assert second.result is not None
    assert (second.result.people, second.result.new_people) == (N // 2, 0)
    held = held_tokens(hub)
    link_id = read_key_file(partner.link_key, "link").key_id
    assert {key for *_, key in held} == {f"{load_key(hub).key_id}+{link_id}"}
    assert len(held) == 2 * N


def test_loading_a_pack_again_changes_nothing_even_if_it_was_made_again_and_encrypted(
    hub: Project, tmp_path: Path
) -> None:
    partner = make_partner(tmp_path, hub)
    recipient = create_identity(identity_path(hub), "")
    load(hub, "people", partner.prepare("people", ROWS))
    again = partner.prepare("people", ROWS, name="again.lcpack", to=[recipient])
    assert load_file(hub, "people", again, sealed=False, replace=False).result is None


def test_prepared_and_raw_loads_hold_the_same_values(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("LIFECOURSE_DATABASE_URL", raising=False)
    two, one = make_hub(tmp_path), make_hub(tmp_path, "one", "raw")
    partner = make_partner(tmp_path, two)
    for source, rows in (("people", ROWS), ("outcomes", OUTCOMES)):
        load(two, source, partner.prepare(source, rows))
        load(one, source, partner.write(source, rows))
    assert held_values(two) == held_values(one)
    assert len(held_values(two)) == N


def test_participants_are_numbered_in_the_order_of_the_stored_tokens_not_of_the_link_tokens(
    local_hub: Project, tmp_path: Path
) -> None:
    partner = make_partner(tmp_path, local_hub)
    pack = partner.prepare("people", ROWS)
    load(local_hub, "people", pack)
    stored = [token for kind, token, *_ in held_tokens(local_hub) if kind == "nhs-number"]
    assert stored == sorted(stored)
    linked = open_pack(pack.read_bytes(), "x").people["nhs-number"].to_list()
    assert linked == sorted(linked)
    assert not set(linked) & set(stored)


def test_the_order_of_the_rows_changes_not_a_byte(local_hub: Project, tmp_path: Path) -> None:
    partner = make_partner(tmp_path, local_hub)
    first = partner.prepare("people", ROWS).read_bytes()
    assert partner.prepare("people", ROWS).read_bytes() == first
    body = ROWS[1:]
    random.Random(7).shuffle(body)
    assert partner.prepare("people", [ROWS[0], *body]).read_bytes() == first


def test_nothing_that_identifies_anybody_is_in_a_pack(local_hub: Project, tmp_path: Path) -> None:
    partner = make_partner(tmp_path, local_hub)
    text = (
        partner.mapping("people")
        .read_text("utf-8")
        .replace("[source]\n", '[source]\nignore = ["surname"]\n', 1)
    )
    partner.mapping("people").write_text(text, encoding="utf-8")
    rows = [f"{row},{'surname' if i == 0 else f'Quilbrax{i:03d}'}" for i, row in enumerate(ROWS)]
    data = partner.prepare("people", rows).read_bytes()
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        everything = data + b"".join(archive.read(name) for name in archive.namelist())
    secret = read_key_file(partner.link_key, "link").secret
    hidden = [b"Quilbrax", b"surname", secret, secret.hex().encode()]
    hidden += [word.encode() for i in range(N) for word in (nhs(i), pnc(i), pnc(i)[2:], pnc(i).split("/")[1])]
    assert [word for word in hidden if word in everything] == []


def test_the_report_says_what_leaves_and_what_stays(local_hub: Project, tmp_path: Path) -> None:
    partner = make_partner(tmp_path, local_hub)
    _, done = partner.prepared("people", ROWS)
    assert done.dropped == ("nhs", "pnc")
    assert done.open_lists == ("area",)
    assert done.intake.report.people == N
    assert not done.encrypted


def test_a_file_with_faults_is_not_prepared_and_nothing_is_written(
    local_hub: Project, tmp_path: Path
) -> None:
    partner = make_partner(tmp_path, local_hub)
    rows = [*ROWS, f"{nhs(90)},{pnc(90)},31/06/2022,1,north"]
    with pytest.raises(IntakeRefused) as caught:
        partner.prepare("people", rows)
    assert caught.value.report.problems[0].rows == (N + 2,)
    assert list(partner.folder.glob(f"*{ENDING}")) == []


def test_rows_set_aside_are_counted_in_the_pack_by_rule_and_not_by_row(hub: Project, tmp_path: Path) -> None:
    partner = make_partner(tmp_path, hub)
    for path in (partner.mapping("people"), hub.sources / "people.toml"):
        path.write_text(
            path.read_text("utf-8").replace("[source]\n", '[source]\nrejects = "set-aside"\n', 1), "utf-8"
        )
    pack = partner.prepare("people", [*ROWS, f"{nhs(90)},{pnc(90)},31/06/2022,1,north"])
    report = inspect_file(hub, "people", pack)
    assert (report.rows, report.accepted_rows, report.rejected_rows, report.people) == (N + 1, N, 1, N)
    assert [(p.code, p.column, p.count, p.rows) for p in report.problems] == [("LC824", "out", 1, ())]


def test_the_hub_reads_no_raw_file_in_a_project_of_two_keys(hub: Project, tmp_path: Path) -> None:
    partner = make_partner(tmp_path, hub)
    raw = partner.write("people", ROWS)
    for attempt in (
        lambda: load(hub, "people", raw),
        lambda: inspect_file(hub, "people", raw),
        lambda: shape_of(hub, raw),
    ):
        with pytest.raises(GateNotMet) as caught:
            attempt()
        assert code_and_problem(caught.value)[0] == "LC845"


def test_a_project_of_one_key_takes_no_pack(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("LIFECOURSE_DATABASE_URL", raising=False)
    hub = make_hub(tmp_path, "one")
    pack = make_partner(tmp_path, hub).prepare("people", ROWS)
    with pytest.raises(GateNotMet, match="LC845"):
        load(hub, "people", pack)
    with pytest.raises(GateNotMet, match="LC845"):
        shape_of(hub, pack)


def test_the_shape_of_a_pack_names_kinds_and_variables(local_hub: Project, tmp_path: Path) -> None:
    shape = shape_of(local_hub, make_partner(tmp_path, local_hub).prepare("people", ROWS))
    assert (shape["kind"], shape["rows"]) == ("pack", N)
    assert [column["column"] for column in shape["columns"]] == [
        "nhs-number (token)", "pnc-id (token)", "aid", "area",
    ]  # fmt: skip


def test_another_link_key_is_refused_and_says_which_half_differs(hub: Project, tmp_path: Path) -> None:
    partner = make_partner(tmp_path, hub)
    load(hub, "people", partner.prepare("people", ROWS))
    create_link_key(hub.settings.project_id, partner.folder / "second.key", "")
    other = partner.prepare("outcomes", OUTCOMES, key=partner.folder / "second.key")
    with pytest.raises(GateNotMet) as caught:
        load(hub, "outcomes", other)
    assert code_and_problem(caught.value) == (
        "LC842",
        "the people already held were prepared under another link key",
    )


def test_another_hub_key_is_refused(local_hub: Project, tmp_path: Path) -> None:
    partner = make_partner(tmp_path, local_hub)
    load(local_hub, "people", partner.prepare("people", ROWS))
    key_path(local_hub).unlink()
    from cohorts.keys import create_key

    create_key(local_hub)
    with pytest.raises(GateNotMet, match="LC842"):
        load(local_hub, "outcomes", partner.prepare("outcomes", OUTCOMES))


def test_a_raw_load_and_a_prepared_one_are_never_mixed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("LIFECOURSE_DATABASE_URL", raising=False)
    hub = make_hub(tmp_path, "one")
    partner = make_partner(tmp_path, hub)
    load(hub, "people", partner.write("people", ROWS))
    changed = Project(hub.root, replace(hub.settings, keys="two"))
    with pytest.raises(GateNotMet, match="LC842"):
        load(changed, "outcomes", partner.prepare("outcomes", OUTCOMES))


def test_a_pack_of_another_project_or_mapping_or_source_is_refused(hub: Project, tmp_path: Path) -> None:
    partner = make_partner(tmp_path, hub)
    pack = partner.prepare("people", ROWS)
    with pytest.raises(CohortError, match="another source"):
        load(hub, "outcomes", pack)
    create_link_key("elsewhere-1", partner.folder / "elsewhere.key", "")
    with pytest.raises(CohortError, match="another project"):
        load(hub, "people", partner.prepare("people", ROWS, key=partner.folder / "elsewhere.key"))
    path = partner.mapping("people")
    path.write_text(path.read_text("utf-8") + "# a remark\n", "utf-8")
    with pytest.raises(CohortError, match="another version of the mapping"):
        load(hub, "people", partner.prepare("people", ROWS))


def test_the_hubs_own_key_is_no_link_key(local_hub: Project, tmp_path: Path) -> None:
    partner = make_partner(tmp_path, local_hub)
    with pytest.raises(GateNotMet, match="LC845"):
        partner.prepare("people", ROWS, key=key_path(local_hub))
    text = key_path(local_hub).read_text("utf-8").replace("lifecourse-key-1", "lifecourse-link-key-1")
    (partner.folder / "disguised.key").write_text(text, "utf-8")
    pack = partner.prepare("people", ROWS, key=partner.folder / "disguised.key")
    with pytest.raises(CohortError, match="hub's own key"):
        load(local_hub, "people", pack)


def test_a_link_key_is_no_hub_key(
    local_hub: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    partner = make_partner(tmp_path, local_hub)
    monkeypatch.setenv(VARIABLE, str(partner.link_key))
    with pytest.raises(GateNotMet, match="LC845"):
        load(local_hub, "people", partner.prepare("people", ROWS))


def test_the_hub_never_opens_a_link_key_and_keeps_no_trace_of_it(
    local_hub: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    partner = make_partner(tmp_path, local_hub)
    secret = read_key_file(partner.link_key, "link").secret
    pack = partner.prepare("people", ROWS)
    opened: list[str] = []
    plain = Path.open

    def listening(self: Path, *words: Any, **more: Any) -> Any:
        opened.append(str(self))
        return plain(self, *words, **more)

    monkeypatch.setattr(Path, "open", listening)
    load(local_hub, "people", pack)
    monkeypatch.undo()
    assert any(name.endswith(".lcpack") for name in opened), "the probe sees nothing"
    assert [name for name in opened if "link" in Path(name).name] == []
    linked = open_pack(pack.read_bytes(), "x").people
    hidden = [secret, secret.hex().encode(), *linked["nhs-number"].to_list(), *linked["pnc-id"].to_list()]
    for path in local_hub.root.rglob("*"):
        data = path.read_bytes() if path.is_file() else b""
        assert [1 for word in hidden if word in data] == [], path.name
    assert database_path(local_hub).stat().st_size > 0


def test_an_encrypted_pack_opens_with_the_hubs_identity_alone(hub: Project, tmp_path: Path) -> None:
    partner = make_partner(tmp_path, hub)
    recipient = create_identity(identity_path(hub), "")
    pack = partner.prepare("people", ROWS, to=[recipient])
    assert is_pack(pack)
    assert b"manifest" not in pack.read_bytes()
    whole = pack.read_bytes()
    pack.write_bytes(whole[:-30])
    with pytest.raises(CohortError, match="LC846"):
        read_pack(hub, pack)
    pack.write_bytes(whole)
    identity_path(hub).rename(tmp_path / "away")
    with pytest.raises(GateNotMet, match="LC840"):
        load(hub, "people", pack)
    create_identity(identity_path(hub), "")
    with pytest.raises(CohortError, match="LC846"):
        load(hub, "people", pack)
    identity_path(hub).write_bytes((tmp_path / "away").read_bytes())
    load(hub, "people", pack)
    assert len(held_tokens(hub)) == 2 * N


def test_an_identity_inside_the_project_is_not_used(
    local_hub: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    recipient = create_identity(identity_path(local_hub), "")
    pack = make_partner(tmp_path, local_hub).prepare("people", ROWS, to=[recipient])
    inside = local_hub.root / "data" / "my.identity"
    inside.write_bytes(identity_path(local_hub).read_bytes())
    monkeypatch.setenv("LIFECOURSE_IDENTITY_FILE", str(inside))
    with pytest.raises(CohortError, match="LC841"):
        load(local_hub, "people", pack)


@pytest.mark.parametrize("folder", ["OneDrive", "hub/data"])
def test_a_link_key_where_others_can_get_it_is_not_used(
    local_hub: Project, tmp_path: Path, folder: str
) -> None:
    partner = make_partner(tmp_path, local_hub)
    bad = tmp_path / folder / "link.key"
    bad.parent.mkdir(parents=True, exist_ok=True)
    bad.write_bytes(partner.link_key.read_bytes())
    with pytest.raises(CohortError, match="LC841"):
        partner.prepare("people", ROWS, key=bad)


def test_a_damaged_pack_is_known_by_its_ending(local_hub: Project, tmp_path: Path) -> None:
    pack = tmp_path / "a.lcpack"
    pack.write_bytes(b"nothing of the kind")
    with pytest.raises(CohortError, match="LC838"):
        load(local_hub, "people", pack)
    pack.write_bytes(b"")
    with pytest.raises(CohortError, match="LC838"):
        load(local_hub, "people", pack)
    with pytest.raises(CohortError, match="LC107"):
        load(local_hub, "people", tmp_path / "none.lcpack")


MAPPING = read_mapping(
    parse_toml(
        PEOPLE.replace('kind = "category"', 'kind = "category"\ncodes = ["north", "south"]'), "m", CohortError
    )
)


@pytest.fixture
def pack(local_hub: Project, tmp_path: Path) -> Pack:
    partner = make_partner(tmp_path, local_hub)
    return open_pack(partner.prepare("people", ROWS).read_bytes(), "p.lcpack")


def forged(pack: Pack, name: str) -> Pack:
    """A pack whose fingerprints would all fit, with one thing in it that cannot be."""
    people, seen = pack.people, pack.observations
    first = pl.int_range(pl.len()) == 0
    aid = pl.col("variable") == "aid"
    nothing = seen.with_columns(pl.lit(None, pl.Float64).alias("value"))
    changes: dict[str, Pack] = {
        "a kind too few": replace(pack, people=people.drop("pnc-id")),
        "persons not from 0": replace(pack, people=people.with_columns(pl.col("person") + 1)),
        "other number of people": replace(pack, people=people.head(3)),
        "nobody": replace(pack, people=people.clear()),
        "no token": replace(
            pack,
            people=people.with_columns(
                pl.when(~first).then(name).alias(name) for name in ("nhs-number", "pnc-id")
            ),
        ),
        "a token twice": replace(pack, people=people.with_columns(pl.col("pnc-id").first())),
        "no index date": replace(
            pack, people=people.with_columns(pl.when(~first).then("index_date").alias("index_date"))
        ),
        "a strange person": replace(pack, observations=seen.with_columns(pl.col("person") + 1)),
        "a strange variable": replace(pack, observations=seen.with_columns(pl.lit("name").alias("variable"))),
        "a strange wave": replace(pack, observations=seen.with_columns(pl.lit("never").alias("wave"))),
        "a strange reason": replace(
            pack, observations=nothing.with_columns(pl.lit("Smith").alias("missing"))
        ),
        "value and reason": replace(pack, observations=seen.with_columns(pl.lit("refused").alias("missing"))),
        "neither": replace(pack, observations=nothing),
        "twice": replace(pack, observations=pl.concat([seen, seen.head(1)])),
        "infinite": replace(pack, observations=seen.with_columns(pl.lit(float("inf")).alias("value"))),
        "not yes or no": replace(
            pack, observations=seen.with_columns(pl.when(aid).then(2.0).otherwise("value").alias("value"))
        ),
        "a label that is not there": replace(
            pack, observations=seen.with_columns(pl.when(~aid).then(7.0).otherwise("value").alias("value"))
        ),
        "labels of something else": replace(pack, categories={**pack.categories, "aid": ("x",)}),
        "labels that are not the codes": replace(pack, categories={"area": ("north", "Smith")}),
    }  # fmt: skip
    return changes[name]


FORGERIES = (
    "a kind too few", "persons not from 0", "other number of people", "nobody", "no token", "a token twice",
    "no index date", "a strange person", "a strange variable", "a strange wave", "a strange reason",
    "value and reason", "neither", "twice", "infinite", "not yes or no", "a label that is not there",
    "labels of something else", "labels that are not the codes",
)  # fmt: skip


@pytest.mark.parametrize("name", FORGERIES)
def test_nothing_in_a_pack_is_taken_on_trust(name: str, pack: Pack, local_hub: Project) -> None:
    key = load_key(local_hub)
    assert intake_of(pack, MAPPING, key, "p").people.height == N
    with pytest.raises(CohortError) as caught:
        intake_of(forged(pack, name), MAPPING, key, "p")
    assert caught.value.code == "LC838"
    assert "Smith" not in str(caught.value)


def test_values_outside_the_bounds_of_the_mapping_are_refused(local_hub: Project, tmp_path: Path) -> None:
    partner = make_partner(tmp_path, local_hub)
    pack = open_pack(partner.prepare("outcomes", OUTCOMES).read_bytes(), "p")
    mapping = read_mapping(parse_toml(partner.mapping("outcomes").read_text("utf-8"), "m", CohortError))
    below = replace(pack, observations=pack.observations.with_columns(pl.col("value") - 100))
    with pytest.raises(CohortError, match="LC838"):
        intake_of(below, mapping, load_key(local_hub), "p")


def test_every_reason_to_refuse_a_strange_pack_is_given_at_once(pack: Pack, local_hub: Project) -> None:
    mapping = sha256_of(local_hub.sources / "people.toml")
    refuse_strange(pack, MAPPING, mapping, local_hub.settings.project_id, "hub")
    strange = replace(pack, manifest=replace(pack.manifest, scheme="lc9", link_key_id="hub"))
    with pytest.raises(CohortError) as caught:
        refuse_strange(strange, MAPPING, "00", "other", "hub")
    assert [fault.code for fault in caught.value.faults] == ["LC839"] * 4


def test_partners_can_be_two_with_one_key(hub: Project, tmp_path: Path) -> None:
    first = make_partner(tmp_path, hub)
    second = Partner(tmp_path / "second", tmp_path / "second" / "link.key")
    second.folder.mkdir()
    second.link_key.write_bytes(first.link_key.read_bytes())
    second.mapping("outcomes").write_bytes(first.mapping("outcomes").read_bytes())
    load(hub, "people", first.prepare("people", ROWS))
    load(hub, "outcomes", second.prepare("outcomes", OUTCOMES))
    assert sum(value[2] is not None for value in held_values(hub)) == N // 2
