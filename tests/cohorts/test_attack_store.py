"""What an attacker finds in either store."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

import polars as pl
import pyrage
import pytest
import typer.main

import cli
from cohorts.attacks import actions as attack_actions
from cohorts.attacks import key_store as attack_key_store
from cohorts.attacks import store as attack_store
from cohorts.attacks.parcels import Parcel, backups, packs, vaults
from cohorts.backups.store import back_up
from cohorts.custody.token_store import stolen_tokens
from cohorts.linking.pairs import Side
from cohorts.linking.register import forbid_pairs
from cohorts.pseudonyms import tokenise
from tests.cohorts.loading import load, make_project, nhs, people_rows, pnc
from tests.cohorts.rightful import erased
from workspace.database import reading, writing
from workspace.project import Project
from workspace.statements import is_embedded, run


@pytest.fixture
def project(tmp_path: Path, database_url: str, monkeypatch: pytest.MonkeyPatch) -> Project:
    """Sixty people in either store, with a key of their own."""
    monkeypatch.setenv("LIFECOURSE_KEY_FILE", str(tmp_path / "keys" / "test.key"))
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    made = make_project(tmp_path)
    load(made, "people", people_rows(60))
    return made


def test_every_attack_on_files_and_store_runs_on_both(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(attack_actions, "provoke", lambda run, quick: [])
    monkeypatch.setattr(attack_actions, "printed", lambda *given, **options: [])
    monkeypatch.setattr(attack_actions, "QUICK", 300)
    order = attack_actions.Order("A. Lead", quick=True)
    assault, _ = attack_actions.attack(project, order, lambda words: 0, typer.main.get_command(cli.app))
    assert [trial.name for trial in assault.broken] == []
    by_name = {trial.name: trial for trial in assault.trials}
    assert by_name["frequency"].tried == "the multiplicity of every value in pseudonym.token."
    with reading(project) as session:
        embedded = is_embedded(session)
    assert ("ask whoever runs it to vacuum" in by_name["residue"].limits) is not embedded


def tries(project: Project) -> dict[str, tuple[int, int, bool]]:
    known = attack_store.known_identifiers(project)
    with reading(project) as session:
        found = attack_key_store.key_tries(project, session, known)
    return {one.holds: (one.hits, one.tried, one.is_broken) for one in found}


def test_a_thief_sees_every_token_sealed_and_finds_nothing_without_both_keys(project: Project) -> None:
    """The attack is no straw man: who holds both keys meets every token, and is meant to."""
    known = attack_store.known_identifiers(project)
    assert {kind: len(texts) for kind, texts in known.items()} == {"nhs-number": 60, "pnc-id": 60}
    assert nhs(0) in known["nhs-number"]
    with reading(project) as session:
        assert len(set(stolen_tokens(session))) == 120
        assert len(attack_key_store.own_secrets(project, session)) == 2
    assert tries(project) == {
        "a key of one's own": (0, 120, False),
        "the project's key without its seal key": (0, 120, False),
        "both keys": (120, 120, False),
    }


def test_a_store_whose_tokens_were_not_sealed_falls_to_the_pseudonym_key(project: Project) -> None:
    with writing(project) as session:
        seal = attack_key_store.own_seal(project, session)
        assert seal is not None
        held = run(session, "SELECT token, participant_id, kind FROM pseudonym").fetchall()
        plain = attack_key_store.opened([bytes(row[0]) for row in held], seal)
        for token, row in zip(plain, held, strict=True):
            run(
                session,
                "UPDATE pseudonym SET token = ? WHERE participant_id = ? AND kind = ?",
                (token, row[1], row[2]),
            )
    assert tries(project)["the project's key without its seal key"] == (120, 120, True)


def test_an_old_copy_is_of_no_use_after_an_erasure_even_to_who_holds_both_keys(project: Project) -> None:
    with reading(project) as session:
        old = stolen_tokens(session)
    erased(project, 3)
    known = attack_store.known_identifiers(project)
    key = attack_key_store.own_key(project)
    assert key is not None
    made = {
        token
        for kind, texts in known.items()
        for token in tokenise(
            pl.Series("v", texts, dtype=pl.String), kind, key, project.settings.project_id
        ).to_list()
    }
    with reading(project) as session:
        seal = attack_key_store.own_seal(project, session)
        assert seal is not None
        now = attack_key_store.opened(stolen_tokens(session), seal)
        assert attack_store.erasures(session) == (1, 0)
    assert len(made & set(now)) == 118, "the others of the current store, who can be found"
    assert not made & set(attack_key_store.opened(old, seal)), "the old copy with the new seal key"
    assert not made & set(old)


def test_without_the_keys_at_hand_less_is_tried_and_that_is_said(
    project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LIFECOURSE_KEY_FILE", str(tmp_path / "elsewhere" / "no.key"))
    assert tries(project) == {"a key of one's own": (0, 120, False)}
    with reading(project) as session:
        assert attack_key_store.own_secrets(project, session) == []


def test_tokens_in_any_table_of_people_are_counted_and_other_texts_are_not(project: Project) -> None:
    with writing(project) as session:
        run(session, "CREATE TABLE extra (participant_id INTEGER, fingerprint TEXT, word TEXT)")
        for n in range(20):
            run(session, "INSERT INTO extra VALUES (?, ?, ?)", (n, f"{n % 4:032x}", "north"))
        fields = {(f.table, f.column): f for f in attack_store.token_fields(session)}
    assert set(fields) == {("pseudonym", "token"), ("extra", "fingerprint")}
    extra = fields[("extra", "fingerprint")]
    assert (extra.rows, extra.most, extra.sharing) == (20, 5, 20)
    assert fields[("pseudonym", "token")].most == 1


def test_pairs_of_the_register_are_looked_for_among_everybodys_tokens(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    def pairs() -> tuple[int | None, int | None]:
        with reading(project) as session:
            return attack_key_store.cannot_link_pairs(project, session)

    assert pairs() == (None, None), "the register is empty"
    side = Side("nhs-number", "")
    forbid_pairs(project, [(nhs(1), nhs(2))], (side, side), "at-risk")
    assert pairs() == (1, 0)
    forbid_pairs(project, [(nhs(3), pnc(3))], (side, Side("pnc-id", "")), "at-risk")
    assert pairs() == (2, 1), "two identifiers of one person"
    monkeypatch.setenv("LIFECOURSE_KEY_FILE", str(project.root.parent / "elsewhere" / "no.key"))
    assert pairs() == (2, None), "sealed marks say nothing without the key"


def test_an_erasure_that_is_not_tidied_up_is_told(project: Project) -> None:
    with writing(project) as session:
        assert attack_store.erasures(session) == (0, 0)
        run(session, "INSERT INTO pending_erasure (request_id, facts) VALUES ('RR-001', '{}')")
        assert attack_store.erasures(session) == (0, 1)


def test_backups_packs_and_vaults_that_lie_about_are_named(project: Project, tmp_path: Path) -> None:
    officer = str(pyrage.x25519.Identity.generate().to_public())
    (tmp_path / "out").mkdir()
    assert back_up(project, tmp_path / "out" / "copy.lcb", (officer,)) is not None
    shutil.copy(tmp_path / "out" / "copy.lcb", project.root / "reports" / "copy.lcb")
    (project.root / "definitions" / "vault.toml").write_text(
        'format = "lifecourse-vault-1"\n', encoding="utf-8"
    )
    (project.inbox / "sent.age").write_bytes(b"age-encryption.org/v1\n" + bytes(50))
    loot = attack_store.gather_files(project)
    found = {one.name: one for one in attack_store.parcels(project, loot)}
    assert {name: one.kind for name, one in found.items()} == {
        "reports/copy.lcb": "backup", "definitions/vault.toml": "vault", "inbox/sent.age": "locked",
    }  # fmt: skip
    with reading(project) as session:
        sealed = stolen_tokens(session)
        seal = attack_key_store.own_seal(project, session)
        assert seal is not None
        tokens = [*sealed, *attack_key_store.opened(sealed, seal)]
    known = attack_store.known_identifiers(project)
    assert backups(list(found.values()), tokens, known).verdict == "pass"
    weak = [Parcel("weak.zip", "backup", (b"x" + tokens[0].hex().encode() + b"y",))]
    assert backups(weak, tokens, known).verdict == "fail"
    assert packs(list(found.values()), known).verdict == "pass"
    assert packs([Parcel("p.zip", "pack", (f"person,{nhs(4)}".encode(),))], known).verdict == "fail"
    assert vaults(list(found.values())).verdict == "fail"
    assert vaults([]).verdict == "pass"


def test_a_twin_counts_as_marked_only_when_every_row_says_so(project: Project) -> None:
    rows = pl.DataFrame({"synthetic": [1, 1], "aid": [0, 1], "area": ["north", "south"]})
    rows.write_csv(project.root / "SYNTHETIC-good.csv")
    rows.with_columns(synthetic=pl.Series([1, 0])).write_csv(project.root / "SYNTHETIC-bad.csv")
    rows.write_csv(project.root / "plain.csv")
    loot = attack_store.gather_files(project)
    found = {r.name: r.marked for r in attack_store.row_releases(loot, ["aid", "area"], project.root)}
    assert found == {"SYNTHETIC-bad.csv": False, "SYNTHETIC-good.csv": True, "plain.csv": False}


def test_git_history_is_searched_where_there_is_one(project: Project) -> None:
    import subprocess

    assert attack_key_store.keys_in_history(project) == []
    key = next((project.root.parent / "keys").glob("*.key"))
    (project.root / "notes.txt").write_text(key.read_text("utf-8"), encoding="utf-8")
    git = ["git", "-C", str(project.root), "-c", "user.name=x", "-c", "user.email=x@example.org"]
    for words in (
        ["init", "-q"],
        ["add", "notes.txt"],
        ["commit", "-qm", "oops"],
        ["rm", "-q", "notes.txt"],
        ["commit", "-qm", "gone"],
    ):
        subprocess.run([*git, *words], check=True, capture_output=True)
    assert len(attack_key_store.keys_in_history(project)) == 2
