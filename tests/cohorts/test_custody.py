"""Link keys, identities, escrow, recovery, rotation, retirement, suspicion."""

from __future__ import annotations

import io
import os
import stat
import sys
from pathlib import Path

import pytest

from cohorts.actions import load_file
from cohorts.custody.age_files import recipient_of, recipients_from
from cohorts.custody.custodian import create_identity, create_link_key, escrow, read_any_key, recover
from cohorts.custody.key_files import is_locked, read_key_file, write_key_file
from cohorts.custody.marks import affected, clear, marks, refuse_marked, suspect
from cohorts.custody.retirement import retire_key
from cohorts.custody.rotation import rotate_hub_key
from cohorts.errors import CohortError
from cohorts.keys import create_key, identity_path, key_health, key_path, load_key
from tests.cohorts.loading import people_rows, pnc
from tests.cohorts.packs import held_tokens, held_values, make_partner
from workspace import console
from workspace.audit import read_log
from workspace.database import reading, writing
from workspace.errors import GateNotMet
from workspace.project import Project

N = 40
ROWS = people_rows(N)
OUTCOMES = ["pnc,arrests", *(f"{pnc(i)},{i % 4}" for i in range(0, N, 2))]


pytestmark = pytest.mark.usefixtures("own_configuration")


def typed(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO(text))


# ---- link keys and identities


def test_a_link_key_is_bound_to_its_project_and_private(tmp_path: Path) -> None:
    path = tmp_path / "safe" / "link.key"
    key_id = create_link_key("mersey-1234", path, "")
    found = read_key_file(path, "link")
    assert (found.key_id, found.project_id, found.kind) == (key_id, "mersey-1234", "link")
    assert os.name != "posix" or stat.S_IMODE(path.stat().st_mode) == 0o600
    assert found.secret.hex() not in repr(found)
    with pytest.raises(CohortError, match="LC844"):
        create_link_key("mersey-1234", path, "")


@pytest.mark.parametrize("project_id", ["", "x", "Mersey", "a b c d"])
def test_a_link_key_needs_a_project_id(project_id: str, tmp_path: Path) -> None:
    with pytest.raises(CohortError, match="LC843"):
        create_link_key(project_id, tmp_path / "link.key", "")


@pytest.mark.parametrize("folder", ["Dropbox", "hub", "hub/data/deep"])
def test_no_secret_is_made_in_a_project_or_a_synced_folder(
    folder: str, local_hub: Project, tmp_path: Path
) -> None:
    place = tmp_path / folder
    with pytest.raises(CohortError, match="LC841"):
        create_link_key("mersey-1234", place / "link.key", "")
    with pytest.raises(CohortError, match="LC841"):
        create_identity(place / "my.identity", "")
    key = read_any_key(key_path(local_hub), "hub")
    with pytest.raises(CohortError, match="LC841"):
        escrow(key, officers(tmp_path), place)
    assert not list(tmp_path.rglob("link.key"))


def test_an_identity_is_one_the_age_tool_reads_and_gives_its_recipient(tmp_path: Path) -> None:
    path = tmp_path / "my.identity"
    recipient = create_identity(path, "")
    lines = path.read_text("utf-8").splitlines()
    assert lines[1] == f"# public key: {recipient}"
    assert lines[2].startswith("AGE-SECRET-KEY-1")
    assert recipient_of(path) == recipient


def test_a_key_with_a_passphrase_opens_with_it_alone(
    local_hub: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = key_path(local_hub)
    path.unlink()
    create_key(local_hub, "four random words here")
    assert path.read_bytes().startswith(b"-----BEGIN AGE ENCRYPTED FILE-----")
    assert is_locked(path)
    assert {reading.result for reading in key_health(local_hub) if reading.name == "pseudonym key"} == {
        "pass"
    }
    typed(monkeypatch, "four random words here\n")
    assert len(load_key(local_hub).secret) == 32
    typed(monkeypatch, "four other words here\n")
    with pytest.raises(CohortError, match="LC846") as caught:
        load_key(local_hub)
    assert "other words" not in str(caught.value)


def test_a_passphrase_is_never_asked_for_with_no_input(
    local_hub: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    key_path(local_hub).write_bytes(b"age-encryption.org/v1\n")
    typed(monkeypatch, "")
    with pytest.raises(GateNotMet, match="LC846"):
        load_key(local_hub)
    with console.borrowed(no_input=True), pytest.raises(GateNotMet, match="LC846"):
        load_key(local_hub)


# ---- escrow


def officers(folder: Path) -> list[str]:
    made = []
    for number in (1, 2):
        path = folder / f"officer-{number}.identity"
        made.append(recipient_of(path) if path.is_file() else create_identity(path, ""))
    return made


def test_each_officer_alone_can_restore_the_key(local_hub: Project, tmp_path: Path) -> None:
    key = read_any_key(key_path(local_hub), "hub")
    names = escrow(key, officers(tmp_path), tmp_path / "escrow")
    assert len(names) == 2
    original = key_path(local_hub).read_bytes()
    for number, name in enumerate(names, start=1):
        copy = tmp_path / "escrow" / name
        assert key.secret not in copy.read_bytes()
        out = tmp_path / f"back-{number}.key"
        assert recover(copy, tmp_path / f"officer-{number}.identity", out).secret == key.secret
        assert out.read_bytes() == original
        with pytest.raises(CohortError, match="LC846"):
            recover(copy, tmp_path / f"officer-{3 - number}.identity", tmp_path / "never.key")
    assert not (tmp_path / "never.key").exists()


def test_a_recovery_overwrites_nothing_and_takes_no_plain_file(local_hub: Project, tmp_path: Path) -> None:
    key = read_any_key(key_path(local_hub), "hub")
    name = escrow(key, officers(tmp_path), tmp_path / "escrow")[0]
    with pytest.raises(CohortError, match="LC844"):
        recover(tmp_path / "escrow" / name, tmp_path / "officer-1.identity", key_path(local_hub))
    with pytest.raises(CohortError, match="LC846"):
        recover(key_path(local_hub), tmp_path / "officer-1.identity", tmp_path / "x.key")
    with pytest.raises(CohortError, match="LC107"):
        recover(tmp_path / "none.age", tmp_path / "officer-1.identity", tmp_path / "x.key")


def test_escrow_needs_two_different_officers(local_hub: Project, tmp_path: Path) -> None:
    key = read_any_key(key_path(local_hub), "hub")
    first, second = officers(tmp_path)
    for few in ([], [first], [first, first]):
        with pytest.raises(CohortError, match="LC846"):
            escrow(key, few, tmp_path / "escrow")
    with pytest.raises(CohortError, match="LC846"):
        escrow(key, [first, second[:-1] + ("x" if second[-1] != "x" else "y")], tmp_path / "escrow")
    assert not (tmp_path / "escrow").exists()


def test_recipients_are_read_out_of_a_file(tmp_path: Path) -> None:
    first, second = officers(tmp_path)
    (tmp_path / "both.txt").write_text(f"# two\n{first}\n\n{second}\n", "utf-8")
    assert recipients_from([str(tmp_path / "both.txt")]) == [first, second]
    with pytest.raises(CohortError, match="LC107"):
        recipients_from([str(tmp_path / "none.txt")])


# ---- suspicion


def test_a_suspected_key_stops_loads_until_it_is_cleared(hub: Project, tmp_path: Path) -> None:
    partner = make_partner(tmp_path, hub)
    load_file(hub, "people", partner.prepare("people", ROWS), sealed=False, replace=False)
    link_id = read_key_file(partner.link_key, "link").key_id
    for key_id in (link_id, load_key(hub).key_id):
        with writing(hub) as session:
            suspect(session, key_id, "a laptop was stolen")
        with reading(hub) as session:
            assert [(mark.key_id, mark.state) for mark in marks(session)] == [(key_id, "suspected")]
            found = affected(session, key_id)
        assert [(delivery.number, delivery.source) for delivery in found] == [(1, "people")]
        with pytest.raises(GateNotMet, match="LC847"):
            load_file(hub, "outcomes", partner.prepare("outcomes", OUTCOMES), sealed=False, replace=False)
        with writing(hub) as session:
            clear(session, key_id, "it was found")
    load_file(hub, "outcomes", partner.prepare("outcomes", OUTCOMES), sealed=False, replace=False)
    actions = [entry.action for entry in read_log(hub)]
    assert actions.count("key.compromise") == actions.count("key.clear") == 2


def test_only_known_keys_are_marked_and_only_marked_ones_cleared(local_hub: Project) -> None:
    with writing(local_hub) as session:
        with pytest.raises(CohortError, match="LC842"):
            suspect(session, "0123456789ab", "a slip")
        with pytest.raises(CohortError, match="LC842"):
            clear(session, "0123456789ab", "a slip")
        suspect(session, "0123456789ab", "seen", also_known=["0123456789ab"])
        with pytest.raises(GateNotMet, match="LC847"):
            refuse_marked(session, ["ffff+0123456789ab"])
        refuse_marked(session, ["ffff"])


# ---- rotation


def rotated(project: Project, *packs: Path) -> str:
    return rotate_hub_key(project, list(packs), "a new phase").new_key_id


def test_a_key_under_which_nobody_is_held_is_simply_changed(local_hub: Project) -> None:
    old = load_key(local_hub)
    assert rotated(local_hub) == load_key(local_hub).key_id != old.key_id
    kept = key_path(local_hub).with_name(f"{local_hub.settings.project_id}.{old.key_id}.old.key")
    assert read_key_file(kept, "hub").secret == old.secret
    with reading(local_hub) as session, pytest.raises(GateNotMet, match="LC847"):
        refuse_marked(session, [old.key_id])


def test_packs_supplied_again_make_every_token_again(hub: Project, tmp_path: Path) -> None:
    partner = make_partner(tmp_path, hub)
    pack = partner.prepare("people", ROWS)
    load_file(hub, "people", pack, sealed=False, replace=False)
    before = held_tokens(hub)
    new = rotated(hub, pack)
    after = held_tokens(hub)
    assert [(kind, number) for kind, _, number, _ in after] == [
        (kind, number) for kind, _, number, _ in before
    ]
    assert not {row[1] for row in before} & {row[1] for row in after}
    assert {row[3] for row in after} == {f"{new}+{read_key_file(partner.link_key, 'link').key_id}"}
    done = load_file(hub, "outcomes", partner.prepare("outcomes", OUTCOMES), sealed=False, replace=False)
    assert done.result is not None
    assert done.result.people == N // 2
    assert sum(value[2] is not None for value in held_values(hub)) == N // 2


def test_packs_that_cover_only_some_change_nothing(hub: Project, tmp_path: Path) -> None:
    partner = make_partner(tmp_path, hub)
    load_file(hub, "people", partner.prepare("people", ROWS), sealed=False, replace=False)
    before, key = held_tokens(hub), key_path(hub).read_bytes()
    some = partner.prepare("people", ROWS[:-5], name="some.lcpack")
    for packs in ([some], []):
        with pytest.raises(GateNotMet, match="LC848"):
            rotated(hub, *packs)
    assert held_tokens(hub) == before
    assert key_path(hub).read_bytes() == key
    assert "key.rotate" not in [entry.action for entry in read_log(hub)]
    assert list(key_path(hub).parent.glob("*.old.key")) == []


def test_the_number_of_tokens_left_is_not_given_away(local_hub: Project, tmp_path: Path) -> None:
    partner = make_partner(tmp_path, local_hub)
    load_file(local_hub, "people", partner.prepare("people", ROWS), sealed=False, replace=False)
    with pytest.raises(GateNotMet) as caught:
        rotated(local_hub, partner.prepare("people", ROWS[:-2], name="some.lcpack"))
    assert caught.value.faults[0].problem.endswith("fewer than 10")


def test_packs_under_another_link_key_rotate_nothing(local_hub: Project, tmp_path: Path) -> None:
    partner = make_partner(tmp_path, local_hub)
    load_file(local_hub, "people", partner.prepare("people", ROWS), sealed=False, replace=False)
    create_link_key(local_hub.settings.project_id, partner.folder / "second.key", "")
    other = partner.prepare("people", ROWS, name="other.lcpack", key=partner.folder / "second.key")
    with pytest.raises(CohortError, match="LC839"):
        rotated(local_hub, other)


def test_a_rotation_that_fails_at_the_end_leaves_the_old_key_in_place(
    local_hub: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    partner = make_partner(tmp_path, local_hub)
    pack = partner.prepare("people", ROWS)
    load_file(local_hub, "people", pack, sealed=False, replace=False)
    before, key = held_tokens(local_hub), key_path(local_hub).read_bytes()

    def fail(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    from cohorts.custody import rotation

    real = write_key_file

    def write_then_fail(path: Path, text: str, passphrase: str = "") -> None:
        real(path, text, passphrase)
        fail()

    monkeypatch.setattr(rotation, "write_key_file", write_then_fail)
    with pytest.raises(KeyboardInterrupt):
        rotated(local_hub, pack)
    assert held_tokens(local_hub) == before
    assert key_path(local_hub).read_bytes() == key


def test_a_dry_run_of_a_rotation_changes_nothing(local_hub: Project, tmp_path: Path) -> None:
    partner = make_partner(tmp_path, local_hub)
    pack = partner.prepare("people", ROWS)
    load_file(local_hub, "people", pack, sealed=False, replace=False)
    before, key = held_tokens(local_hub), key_path(local_hub).read_bytes()
    with console.borrowed(dry_run=True):
        assert rotate_hub_key(local_hub, [pack], "a trial").tokens == 2 * N
    assert (held_tokens(local_hub), key_path(local_hub).read_bytes()) == (before, key)


# ---- retirement


def test_a_retired_key_is_gone_marked_and_receipted(
    local_hub: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, key = key_path(local_hub), load_key(local_hub)
    copy = path.read_bytes()
    monkeypatch.chdir(local_hub.root)
    with pytest.raises(CohortError, match="LC842"):
        retire_key(None, "0123456789ab", "end of the project", None)
    done = retire_key(None, key.key_id, "end of the project", tmp_path / "receipt.txt")
    assert not path.exists()
    assert (done.key_id, done.kind) == (key.key_id, "hub")
    receipt = (tmp_path / "receipt.txt").read_text("utf-8")
    assert key.key_id in receipt
    assert "are not covered" in receipt
    assert read_log(local_hub)[-1].action == "key.retire"
    path.write_bytes(copy)
    partner = make_partner(tmp_path, local_hub)
    with pytest.raises(GateNotMet, match="LC847"):
        load_file(local_hub, "people", partner.prepare("people", ROWS), sealed=False, replace=False)


def test_a_partner_retires_a_link_key_without_a_project(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    key_id = create_link_key("mersey-1234", tmp_path / "link.key", "")
    assert retire_key(tmp_path / "link.key", key_id, "end", None).kind == "link"
    assert not (tmp_path / "link.key").exists()
    with pytest.raises(GateNotMet, match="LC840"):
        retire_key(tmp_path / "link.key", key_id, "end", None)


# ---- what the doctor sees


def test_the_doctor_finds_a_link_key_beside_the_hubs_and_secrets_inside_the_project(
    local_hub: Project,
) -> None:
    create_link_key(local_hub.settings.project_id, key_path(local_hub).with_name("from-partner.txt"), "")
    results = {reading.name: reading.result for reading in key_health(local_hub)}
    assert results["link key at the hub"] == "fail"
    assert results["identity for packs"] == "warn"
    create_identity(identity_path(local_hub), "")
    (local_hub.root / "inbox" / "notes.txt").write_bytes(identity_path(local_hub).read_bytes())
    results = {reading.name: reading.result for reading in key_health(local_hub)}
    assert results["keys in the project"] == "fail"
    assert "identity for packs" not in results
