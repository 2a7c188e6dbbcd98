"""What an attacker finds in either store."""

from __future__ import annotations

import tempfile
from pathlib import Path

import polars as pl
import pytest
import typer.main

import cli
from cohorts import attack_actions, attack_store
from cohorts.pseudonyms import PseudonymKey
from cohorts.token_store import stolen_tokens
from tests.cohorts.loading import load, make_project, nhs, people_rows
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
    monkeypatch.setattr(attack_actions, "printed", lambda project, run, cohorts, quick: [])
    monkeypatch.setattr(attack_actions, "QUICK", 300)
    order = attack_actions.Order("A. Lead", quick=True)
    assault, _ = attack_actions.attack(project, order, lambda words: 0, typer.main.get_command(cli.app))
    assert [trial.name for trial in assault.broken] == []
    by_name = {trial.name: trial for trial in assault.trials}
    assert by_name["frequency"].tried == "the multiplicity of every value in pseudonym.token."
    with reading(project) as session:
        embedded = is_embedded(session)
    assert ("ask whoever runs it to vacuum" in by_name["residue"].limits) is not embedded


def test_a_thief_sees_every_token_and_finds_nothing_with_another_key(project: Project) -> None:
    known = attack_store.known_identifiers(project)
    assert {kind: len(texts) for kind, texts in known.items()} == {"nhs-number": 60, "pnc-id": 60}
    assert nhs(0) in known["nhs-number"]
    with reading(project) as session:
        tokens = stolen_tokens(session)
    assert len(set(tokens)) == 120
    assert attack_store.wrong_key_hits(project, tokens, known) == (0, 120)


def test_the_right_key_would_have_found_them_all(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    """The attack is no straw man: with the project's own key it meets every token."""
    secret = attack_store.own_secrets(project)[0]
    monkeypatch.setattr(attack_store, "PseudonymKey", lambda name, _secret: PseudonymKey(name, secret))
    with reading(project) as session:
        tokens = stolen_tokens(session)
    known = attack_store.known_identifiers(project)
    assert attack_store.wrong_key_hits(project, tokens, known) == (120, 120)


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


def test_a_register_of_pairs_is_read_where_there_is_one(project: Project) -> None:
    with writing(project) as session:
        assert attack_store.cannot_link_pairs(session) == (None, None)
        run(session, "CREATE TABLE cannot_link (left_participant INTEGER, right_participant INTEGER)")
        run(session, "INSERT INTO cannot_link VALUES (1, 2), (3, 3)")
        assert attack_store.cannot_link_pairs(session) == (2, 1)
        run(session, "DROP TABLE cannot_link")
        run(session, "CREATE TABLE cannot_link (mark TEXT, other_mark TEXT)")
        run(session, "INSERT INTO cannot_link VALUES ('a', 'b')")
        assert attack_store.cannot_link_pairs(session) == (1, None), "sealed marks"


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

    assert attack_store.keys_in_history(project) == []
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
    assert len(attack_store.keys_in_history(project)) == 2
