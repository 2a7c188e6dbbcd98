"""The identity vault: written by loads that cannot open it, opened by the custodian, every look-up in the log."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from cohorts.actions import add_to_vault, load_file
from cohorts.custody.custodian import create_identity
from cohorts.custody.rotation import rotate_hub_key
from cohorts.custody.token_store import all_tokens
from cohorts.custody.vault import ROWS as VAULT_ROWS
from cohorts.custody.vault import read_vault, vault_bytes
from cohorts.custody.vault_store import look_up, make_vault, open_vault
from cohorts.errors import CohortError
from cohorts.keys import VARIABLE, load_key
from tests.cohorts.loading import nhs, people_rows, pnc
from tests.cohorts.packs import held_tokens, held_values, make_hub, make_partner
from workspace import console
from workspace.audit import read_log
from workspace.database import reading
from workspace.errors import GateNotMet
from workspace.project import Project
from workspace.settings import read_settings

N = 30
ROWS = people_rows(N)
OUTCOMES = ["pnc,arrests", *(f"{pnc(i)},{i % 4}" for i in range(0, N, 2))]


@pytest.fixture(autouse=True)
def _own_configuration(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(VARIABLE, raising=False)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))


@pytest.fixture
def project(tmp_path: Path, database_url: str) -> Project:
    return make_hub(tmp_path, "one")


@pytest.fixture
def custodian(tmp_path: Path) -> Path:
    create_identity(tmp_path / "custodian.identity", "")
    return tmp_path / "custodian.identity"


@pytest.fixture
def vault(project: Project, custodian: Path, tmp_path: Path) -> Path:
    recipient = custodian.read_text("utf-8").splitlines()[1].removeprefix("# public key: ")
    make_vault(project, tmp_path / "vault", recipient)
    return tmp_path / "vault"


def load(project: Project, rows: list[str] = ROWS, vault: Path | None = None, source: str = "people") -> None:
    path = project.inbox / f"{source}.csv"
    path.write_text("\n".join(rows) + "\n", encoding="utf-8")
    load_file(project, source, path, sealed=False, replace=False, vault=vault)


def test_a_person_is_found_by_an_identifier_and_by_participant_number(
    project: Project, vault: Path, custodian: Path
) -> None:
    load(project, vault=vault)
    written = f"{nhs(3)[:3]} {nhs(3)[3:6]} {nhs(3)[6:]}"
    found = look_up(project, vault, custodian, written, "a safeguarding concern")
    assert found.participant is not None
    assert found.identifiers == (("nhs-number", nhs(3), "people"),)
    back = look_up(project, vault, custodian, f"participant {found.participant}", "a safeguarding concern")
    assert back.identifiers == (("nhs-number", nhs(3), "people"), ("pnc-id", pnc(3)[2:], "people"))
    assert nhs(3) not in repr(back)
    entries = [entry for entry in read_log(project) if entry.action == "key.vault.look-up"]
    assert [entry.details for entry in entries] == ['{"reason": "a safeguarding concern"}'] * 2


def test_a_look_up_of_nobody_is_logged_as_well_and_quotes_nothing(
    project: Project, vault: Path, custodian: Path
) -> None:
    load(project, vault=vault)
    with pytest.raises(CohortError, match="LC849") as caught:
        look_up(project, vault, custodian, nhs(900), "curiosity")
    assert nhs(900) not in str(caught.value)
    assert read_log(project)[-1].action == "key.vault.look-up"
    with pytest.raises(CohortError, match="LC849"):
        look_up(project, vault, custodian, "participant 999999", "curiosity")
    with pytest.raises(CohortError, match="LC849"):
        look_up(project, vault, custodian, nhs(3), "  ")


def test_the_vault_opens_with_the_custodians_identity_alone_and_holds_no_plain_identifier(
    project: Project, vault: Path, custodian: Path, tmp_path: Path
) -> None:
    load(project, vault=vault)
    for path in vault.iterdir():
        assert [i for i in range(N) if nhs(i).encode() in path.read_bytes()] == []
    assert open_vault(project, vault, custodian).height == 2 * N
    create_identity(tmp_path / "other.identity", "")
    with pytest.raises(CohortError, match="LC846"):
        open_vault(project, vault, tmp_path / "other.identity")


def test_a_file_loaded_without_the_vault_is_added_later_and_people_set_aside_are_not(
    project: Project, vault: Path, custodian: Path
) -> None:
    text = (project.sources / "people.toml").read_text("utf-8")
    (project.sources / "people.toml").write_text(
        text.replace("[source]\n", '[source]\nrejects = "set-aside"\n', 1), "utf-8"
    )
    load(project, [*ROWS, f"{nhs(90)},{pnc(90)},31/06/2022,1,north"])
    with console.borrowed(dry_run=True):
        assert not add_to_vault(project, "people", project.inbox / "people.csv", vault)
    with pytest.raises(CohortError, match="LC849"):
        open_vault(project, vault, custodian)
    assert add_to_vault(project, "people", project.inbox / "people.csv", vault)
    held = open_vault(project, vault, custodian)
    assert (held.height, nhs(90) in held["identifier"].to_list()) == (2 * N, False)


def test_a_refused_load_and_a_dry_run_put_nothing_into_the_vault(project: Project, vault: Path) -> None:
    with console.borrowed(dry_run=True):
        load(project, vault=vault)
    with pytest.raises(CohortError):
        load(project, [*ROWS, "1,2,3,4,5"], vault=vault)
    assert [path.name for path in vault.iterdir()] == ["vault.toml"]


def test_a_vault_lies_outside_the_project_and_belongs_to_one(
    project: Project, vault: Path, custodian: Path, tmp_path: Path
) -> None:
    recipient = custodian.read_text("utf-8").splitlines()[1].removeprefix("# public key: ")
    for place in (project.root / "vault", tmp_path / "OneDrive" / "vault"):
        with pytest.raises(CohortError, match="LC841"):
            make_vault(project, place, recipient)
    with pytest.raises(CohortError, match="LC107"):
        make_vault(project, vault, recipient)
    with pytest.raises(CohortError, match="LC849"):
        load(project, vault=tmp_path / "none")
    face = vault / "vault.toml"
    face.write_text(face.read_text("utf-8").replace(project.settings.project_id, "elsewhere-1"), "utf-8")
    with pytest.raises(CohortError, match="LC849"):
        load(project, vault=vault)
    face.write_text(face.read_text("utf-8") + "surprise = 1\n", "utf-8")
    with pytest.raises(CohortError, match="LC849"):
        load(project, vault=vault)


def test_with_the_vault_a_project_of_one_key_changes_its_key(
    project: Project, vault: Path, custodian: Path
) -> None:
    load(project, vault=vault)
    before = held_tokens(project)
    with pytest.raises(GateNotMet, match="LC848"):
        rotate_hub_key(project, [], "a new phase")
    done = rotate_hub_key(project, [], "a new phase", "", (vault, custodian))
    after = held_tokens(project)
    assert done.tokens == len(after) == 2 * N
    assert {row[3] for row in after} == {done.new_key_id} == {load_key(project).key_id}
    assert [(row[0], row[2]) for row in before] == [(row[0], row[2]) for row in after]
    found = look_up(project, vault, custodian, nhs(3), "after the change")
    assert found.participant is not None
    back = look_up(project, vault, custodian, f"participant {found.participant}", "after the change")
    assert [identifier for _, identifier, _ in back.identifiers] == [nhs(3), pnc(3)[2:]]
    assert rotate_hub_key(project, [], "again", "", (vault, custodian)).tokens == 2 * N
    load(project, OUTCOMES, source="outcomes")
    assert sum(value[2] is not None for value in held_values(project)) == N // 2


def test_with_two_keys_the_vault_holds_link_tokens_of_people_held_and_no_identifier(
    tmp_path: Path, custodian: Path, database_url: str
) -> None:
    hub = make_hub(tmp_path)
    recipient = custodian.read_text("utf-8").splitlines()[1].removeprefix("# public key: ")
    folder = tmp_path / "vault"
    make_vault(hub, folder, recipient)
    partner = make_partner(tmp_path, hub)
    load_file(hub, "people", partner.prepare("people", ROWS), sealed=False, replace=False, vault=folder)
    strangers = [*OUTCOMES, f"{pnc(700)},1"]
    load_file(
        hub, "outcomes", partner.prepare("outcomes", strangers), sealed=False, replace=False, vault=folder
    )
    rows = open_vault(hub, folder, custodian)
    assert rows.height == 2 * N + N // 2  # by source; the stranger is in none
    assert set(rows["identifier"].str.len_chars()) == {32}
    assert not {nhs(i) for i in range(N)} & set(rows["identifier"])
    with reading(hub) as session:
        held = all_tokens(session)
    assert set(rows["token"]) == set(held["token"])
    with pytest.raises(GateNotMet, match="LC845"):
        look_up(hub, folder, custodian, nhs(3), "curiosity")


def test_a_vault_of_another_number_of_keys_is_refused(
    tmp_path: Path, custodian: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("LIFECOURSE_DATABASE_URL", raising=False)
    hub = make_hub(tmp_path)
    recipient = custodian.read_text("utf-8").splitlines()[1].removeprefix("# public key: ")
    make_vault(hub, tmp_path / "vault", recipient)
    settings = hub.root / "lifecourse.toml"
    settings.write_text(settings.read_text("utf-8").replace('keys = "two"', 'keys = "one"'), "utf-8")
    one = Project(hub.root, read_settings(settings))
    with pytest.raises(CohortError, match="LC849"):
        open_vault(one, tmp_path / "vault", custodian)


def test_a_project_of_one_key_changes_it_with_relatives_who_are_in_no_file(
    project: Project, vault: Path, custodian: Path
) -> None:
    text = (project.sources / "people.toml").read_text("utf-8")
    mother = '[[relation]]\nrelation = "mother"\ncolumn = "mother"\nkind = "nhs-number"\n'
    (project.sources / "people.toml").write_text(text + mother, "utf-8")
    mothers = [f"{nhs(500 + i // 2)}" if i < 8 else "" for i in range(N)]
    rows = [f"{ROWS[0]},mother", *(f"{row},{one}" for row, one in zip(ROWS[1:], mothers, strict=True))]
    load(project, rows, vault=vault)
    assert rotate_hub_key(project, [], "a new phase", "", (vault, custodian)).tokens == 2 * N + 4
    assert look_up(project, vault, custodian, nhs(501), "a test").participant is not None


HELD = pl.DataFrame(
    {"source": "s", "kind": "local-id", "namespace": ["", "hmp zoë, \"east\""], "identifier": ["17", "A,B"],
     "token": [b"a" * 16, b"b" * 16]},
    schema=VAULT_ROWS,
)  # fmt: skip


def test_a_part_of_a_vault_is_read_back_as_it_was_written() -> None:
    key_id, rows = read_vault(vault_bytes(HELD, "demo-1", "k1"), "demo-1", "x.age")
    assert key_id == "k1"
    assert rows.equals(HELD)


@pytest.mark.parametrize(
    "data",
    [b"", b"{}\n", b"[]\nx", vault_bytes(HELD, "other-1", "k"), vault_bytes(HELD, "demo-1", "k").replace(b"-1", b"-9"),
     vault_bytes(HELD, "demo-1", "k").replace(b"identifier", b"name")],
)  # fmt: skip
def test_a_damaged_part_of_a_vault_is_refused_and_not_quoted(data: bytes) -> None:
    with pytest.raises(CohortError, match="LC849") as caught:
        read_vault(data, "demo-1", "x.age")
    assert "A,B" not in str(caught.value)
