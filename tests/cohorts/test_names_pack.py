"""Packs that name people for a request: their bytes, what is refused, what erasures and the register make of them."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

import polars as pl
import pytest

from cohorts.actions import load_file
from cohorts.custody.custodian import create_link_key
from cohorts.custody.key_files import read_key_file
from cohorts.custody.rotation import rotate_hub_key
from cohorts.custody.token_store import all_tokens
from cohorts.custody.two_keys import LinkKey
from cohorts.errors import CohortError
from cohorts.keys import load_key
from cohorts.linking.pairs import Side
from cohorts.linking.register import forbid_in_pack, forbid_pairs
from cohorts.packs.names_pack import REQUESTS, named_by, names_pack_of, open_names_pack, with_stored_tokens
from cohorts.packs.names_store import Who, name_for, people_in_pack, read_names
from cohorts.packs.supplied import tokens_in
from cohorts.requests.actions import Order, erase, name_people
from tests.cohorts.loading import nhs, people_rows, pnc
from tests.cohorts.packs import Partner, make_partner
from tests.cohorts.test_pack_format import entries, packed, resealed
from workspace.audit import read_log
from workspace.database import reading
from workspace.errors import GateNotMet
from workspace.project import Project
from workspace.statements import run

N = 40
ROWS = people_rows(N)
KEY = LinkKey("0123456789ab", bytes(range(32)))

pytestmark = pytest.mark.usefixtures("own_configuration")


def name(
    partner: Partner, request: str, typed: list[str], kind: str = "nhs-number", **more: Path | str
) -> Path:
    out = partner.folder / f"{request}.lcpack"
    out.unlink(missing_ok=True)
    who = Who(kind, **more)  # type: ignore[arg-type]
    name_for(request, who, typed, partner.link_key, out, [])
    return out


def loaded(hub: Project, root: Path) -> Partner:
    partner = make_partner(root, hub)
    load_file(hub, "people", partner.prepare("people", ROWS), sealed=False, replace=False)
    return partner


def held(project: Project) -> pl.DataFrame:
    with reading(project) as session:
        return all_tokens(session)


def count(project: Project, table: str) -> int:
    with reading(project) as session:
        return int(run(session, f"SELECT count(*) FROM {table}").scalar())


def test_the_named_are_those_the_store_holds_and_an_erasure_removes_them(
    hub: Project, tmp_path: Path
) -> None:
    partner = loaded(hub, tmp_path)
    pack = name(partner, "erase", [nhs(3), nhs(4), nhs(900)])
    named = people_in_pack(hub, pack, "erase")
    tokens = held(hub)
    known = tokens.filter(pl.col("token").is_in(named.tokens))
    assert (len(named.tokens), known.height, set(known["kind"])) == (3, 2, {"nhs-number"})
    gone = known["participant_id"].to_list()
    done = erase(hub, named, Order("erasure"), tell=True)
    assert done.found is True
    after = held(hub)
    assert not set(after["participant_id"]) & set(gone)
    assert after.height == 2 * N - 4
    assert nhs(3) not in str(read_log(hub))


def test_an_erasure_takes_relatives_and_forbidden_pairs_out_of_the_vault_too(
    hub: Project, tmp_path: Path
) -> None:
    from cohorts.custody.custodian import create_identity
    from cohorts.custody.vault_store import make_vault, open_vault

    create_identity(tmp_path / "c.identity", "")
    recipient = (tmp_path / "c.identity").read_text("utf-8").splitlines()[1].removeprefix("# public key: ")
    make_vault(hub, tmp_path / "vault", recipient)
    mother = '[[relation]]\nrelation = "mother"\ncolumn = "mother"\nkind = "nhs-number"\n'
    partner = make_partner(tmp_path, hub)
    for path in (hub.sources / "people.toml", partner.mapping("people")):
        path.write_text(path.read_text("utf-8") + mother, "utf-8")
    rows = [f"{ROWS[0]},mother", *(f"{row},{nhs(500) if i == 3 else ''}" for i, row in enumerate(ROWS[1:]))]
    pack = partner.prepare("people", rows)
    load_file(hub, "people", pack, sealed=False, replace=False, vault=tmp_path / "vault")
    forbid_in_pack(hub, name(partner, "forbid", [f"{nhs(3)},{nhs(800)}"]), "adoption", tmp_path / "vault")
    opens = (tmp_path / "vault", tmp_path / "c.identity")
    assert open_vault(hub, *opens).height == 2 * N + 1 + 2
    rotate_hub_key(
        hub, [pack, partner.folder / "forbid.lcpack"], "packs alone: the vault keeps the old tokens"
    )
    named = people_in_pack(hub, name(partner, "erase", [nhs(3)]), "erase")
    erase(hub, named, Order("erasure"), vault=opens)
    left = open_vault(hub, *opens)
    assert left.height == 2 * N + 1 + 2 - 4  # two identifiers, the mother, and the entry of the register
    assert count(hub, "cannot_link") == 0
    assert set(left.filter(source="people")["token"]) == set(held(hub)["token"])
    assert rotate_hub_key(hub, [], "again", "", opens).tokens == 2 * N - 2


def test_a_forbidden_pair_stops_a_load_and_follows_a_change_of_key(hub: Project, tmp_path: Path) -> None:
    partner = loaded(hub, tmp_path)
    words = {"other_kind": "pnc-id"}
    pack = name(partner, "forbid", [f"{nhs(3)},{pnc(60)}"], **words)
    assert forbid_in_pack(hub, pack, "adoption") == 1
    head, row = ROWS[0], ROWS[4].split(",")
    row[1] = pnc(60)
    joining = partner.prepare("people", [head, ",".join(row)], name="joining.lcpack")
    with pytest.raises(CohortError, match="LC885"):
        load_file(hub, "people", joining, sealed=False, replace=False)
    again = partner.prepare("people", ROWS, name="again.lcpack")
    with pytest.raises(GateNotMet, match="LC848"):
        rotate_hub_key(hub, [again], "a new phase")
    done = rotate_hub_key(hub, [again, pack], "a new phase")
    assert not done.lost
    assert forbid_in_pack(hub, pack, "adoption") == 0
    with pytest.raises(CohortError, match="LC885"):
        load_file(hub, "people", joining, sealed=False, replace=False)


def test_the_register_of_an_empty_store_binds_the_first_load_to_its_link_key(
    hub: Project, tmp_path: Path
) -> None:
    partner = make_partner(tmp_path, hub)
    forbid_in_pack(hub, name(partner, "forbid", [f"{nhs(1)},{nhs(2)}"]), "at-risk")
    create_link_key(hub.settings.project_id, partner.folder / "second.key", "")
    other = partner.prepare("people", ROWS, name="other.lcpack", key=partner.folder / "second.key")
    with pytest.raises(GateNotMet, match="LC842"):
        load_file(hub, "people", other, sealed=False, replace=False)
    load_file(hub, "people", partner.prepare("people", ROWS), sealed=False, replace=False)


def test_identifiers_given_to_the_hub_itself_are_refused(local_hub: Project) -> None:
    with pytest.raises(GateNotMet, match="LC845"):
        name_people(local_hub, "nhs-number", "", None, [nhs(1)])
    with pytest.raises(GateNotMet, match="LC845"):
        forbid_pairs(local_hub, [(nhs(1), nhs(2))], (Side("nhs-number"),) * 2, "adoption")


def test_local_ids_belong_to_their_source_and_another_reading_of_it_is_refused(
    local_hub: Project, tmp_path: Path
) -> None:
    partner = loaded(local_hub, tmp_path)
    pack = name(partner, "withdraw", ["17"], "local-id", source=partner.mapping("outcomes"))
    rows, _ = read_names(local_hub, pack, "withdraw")
    assert rows["namespace"].to_list() == [
        json.loads(entries(pack.read_bytes())["manifest.json"])["namespaces"]["outcomes"]
    ]
    mapping = local_hub.sources / "outcomes.toml"
    text = mapping.read_text("utf-8")
    mapping.write_text(
        text.replace('id = "outcomes"', 'id = "outcomes"\norganisation = "Elsewhere"', 1), "utf-8"
    )
    with pytest.raises(CohortError, match="another version of the mapping"):
        read_names(local_hub, pack, "withdraw")


def test_another_link_key_another_project_and_the_hubs_own_key_are_refused(
    local_hub: Project, tmp_path: Path
) -> None:
    partner = loaded(local_hub, tmp_path)
    create_link_key(local_hub.settings.project_id, tmp_path / "second.key", "")
    name_for("erase", Who("nhs-number"), [nhs(1)], tmp_path / "second.key", tmp_path / "a.lcpack", [])
    with pytest.raises(GateNotMet, match="LC842"):
        read_names(local_hub, tmp_path / "a.lcpack", "erase")
    create_link_key("elsewhere-1", tmp_path / "third.key", "")
    name_for("erase", Who("nhs-number"), [nhs(1)], tmp_path / "third.key", tmp_path / "b.lcpack", [])
    with pytest.raises(CohortError, match="another project"):
        read_names(local_hub, tmp_path / "b.lcpack", "erase")
    rows = open_names_pack(name(partner, "erase", [nhs(1)]).read_bytes(), "x").rows
    hub_key = load_key(local_hub)
    own = LinkKey(hub_key.key_id, hub_key.secret)
    made = (dt.date(2026, 1, 1), "p")
    forged = names_pack_of(rows, "erase", {}, own, local_hub.settings.project_id, made)
    (tmp_path / "c.lcpack").write_bytes(forged)
    with pytest.raises(CohortError, match="the hub's own key"):
        read_names(local_hub, tmp_path / "c.lcpack", "erase")


def test_every_kind_of_pack_supplies_its_link_tokens_once(local_hub: Project, tmp_path: Path) -> None:
    partner = loaded(local_hub, tmp_path)
    names = tokens_in(local_hub, name(partner, "forbid", [f"{nhs(1)},{nhs(2)}", f"{nhs(1)},{nhs(3)}"]))
    assert (names.rows.height, names.rows.columns) == (3, ["source", "kind", "namespace", "link"])
    data = tokens_in(local_hub, partner.folder / "people.lcpack")
    assert data.rows.height == 2 * N
    assert set(names.rows["link"]) <= set(data.rows["link"])
    assert data.link_key_id == read_key_file(partner.link_key, "link").key_id
    assert "shape" not in repr(data)


# ---- the bytes

PEOPLE = pl.DataFrame(
    {"person": [0, 0, 1], "side": [0, 0, 0], "kind": ["local-id", "nhs-number", "nhs-number"],
     "source": ["people", "", ""], "token": [b"a" * 16, b"b" * 16, b"c" * 16]},
    schema={"person": pl.UInt32, "side": pl.UInt8, "kind": pl.String, "source": pl.String, "token": pl.Binary},
)  # fmt: skip
MADE = (dt.date(2026, 3, 1), "lifecourse 1")
GOOD = names_pack_of(PEOPLE, "erase", {"people": "hmp leeds"}, KEY, "demo-1", MADE)


def test_a_pack_is_read_back_as_it_was_written_and_shows_no_row() -> None:
    pack = open_names_pack(GOOD, "a.lcpack")
    assert pack.rows.equals(PEOPLE)
    assert (pack.request, pack.namespaces, pack.project_id) == ("erase", {"people": "hmp leeds"}, "demo-1")
    assert "61616161" not in repr(pack)
    stored = with_stored_tokens(pack.rows, pack.namespaces, LinkKey("h", b"h" * 32), "demo-1")
    named = named_by(stored)
    assert named.people.columns == ["person", "local-id", "nhs-number"]
    assert named.people["local-id"].is_null().to_list() == [False, True]
    assert len(set(named.tokens) | set(PEOPLE["token"])) == 6
    assert "6262" not in repr(named)
    assert set(REQUESTS) == {"withdraw", "erase", "forbid"}


def changed(old: bytes, new: bytes) -> bytes:
    parts = entries(GOOD)
    assert old in parts["names.csv"]
    return resealed({**parts, "names.csv": parts["names.csv"].replace(old, new, 1)})


BAD = {
    "cut short": lambda: GOOD[:-9],
    "a later layout": lambda: resealed(entries(GOOD), format="lifecourse-names-pack-2"),
    "an unknown request": lambda: resealed(entries(GOOD), request="sale"),
    "more people than there are": lambda: resealed(entries(GOOD), people=7),
    "no namespaces": lambda: resealed(entries(GOOD), namespaces=None),
    "namespaces of the wrong shape": lambda: resealed(entries(GOOD), namespaces=["Quilbrax"]),
    "a name for a token": lambda: changed(b"61" * 16, b"Quilbrax"),
    "no token": lambda: changed(b"61" * 16, b""),
    "an unknown kind": lambda: changed(b"nhs-number", b"shoe-size"),
    "a local id of nowhere": lambda: changed(b"local-id,people", b"local-id,"),
    "a local id of elsewhere": lambda: changed(b"local-id,people", b"local-id,others"),
    "a source where none belongs": lambda: changed(b'nhs-number,"",', b"nhs-number,people,"),
    "a side": lambda: changed(b"0,0,local-id", b"0,1,local-id"),
    "two of a kind": lambda: changed(b"0,0,local-id,people", b"0,0,nhs-number,"),
    "a person that is no number": lambda: changed(b"0,0,local-id", b"Quilbrax,0,local-id"),
    "other columns": lambda: changed(b"person,side,kind", b"person,name,kind"),
    "pairs of one": lambda: resealed(entries(GOOD), request="forbid"),
    "changed after": lambda: packed({**entries(GOOD), "names.csv": entries(GOOD)["names.csv"] + b"\n"}),
    "nobody": lambda: resealed({**entries(GOOD), "names.csv": b"person,side,kind,source,token\n"}, people=0),
}


@pytest.mark.parametrize("what", BAD)
def test_a_bad_pack_is_refused_and_never_quoted(what: str) -> None:
    with pytest.raises(CohortError) as caught:
        open_names_pack(BAD[what](), "p.lcpack")
    assert [fault.code for fault in caught.value.faults] == ["LC838"]
    assert "Quilbrax" not in str(caught.value)
    assert caught.value.__cause__ is None
