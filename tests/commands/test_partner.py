"""Two keys as people use them: the hub's kit, the partner's command, packs loaded, keys looked after."""

from __future__ import annotations

import io
import json
import sys
import tomllib
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.commands.program import Program, snapshot
from tests.commands.small_project import ARRESTS, RELEASES, csv_text, prison_number, release_row, releases
from tests.commands.two_key_hub import two_key_hub

PEOPLE = 40


@dataclass(frozen=True)
class Place:
    """The hub's project, and a partner's folder beside it."""

    hub: Path
    partner: Path
    program: Program

    @property
    def project_id(self) -> str:
        return str(tomllib.loads((self.hub / "lifecourse.toml").read_text("utf-8"))["project"]["id"])

    def prepare(self, file: str, *more: str, source: str = "releases", out: str = "") -> Path:
        out = out or f"{source}.lcpack"
        self.program.well(
            "partner", "prepare", file, "--source", f"kit-{source}/{source}.toml", "--key", "link.key",
            "--out", out, *more, cwd=self.partner,
        )  # fmt: skip
        return self.partner / out


@pytest.fixture
def two(program: Program, place: Path) -> Place:
    """A project of two keys with two sources, and a partner who has kits, a link key and files."""
    hub, partner = two_key_hub(program, place, {"releases": RELEASES, "arrests": ARRESTS})
    made = Place(hub, partner, program)
    (partner / "releases.csv").write_text(releases(map(release_row, range(PEOPLE))), "utf-8")
    arrests = csv_text(
        ("Prison number", "Visit", "Arrested"), [[prison_number(i), "12", str(i % 2)] for i in range(PEOPLE)]
    )
    (partner / "arrests.csv").write_text(arrests, "utf-8")
    return made


def test_a_partner_prepares_and_the_hub_loads(two: Place) -> None:
    said = two.program.well(
        "partner", "prepare", "releases.csv", "--source", "kit-releases/releases.toml", "--key", "link.key",
        "--out", "releases.lcpack", "--to", "kit-releases/recipient.txt", cwd=two.partner,
    )  # fmt: skip
    assert "What leaves the building" in said.out
    assert "What stays: Surname, Prison number" in said.out
    assert ", encrypted" in said.out
    inspected = two.program.well(
        "source", "inspect", two.partner / "releases.lcpack", "--source", "releases", cwd=two.hub
    )
    assert f"{PEOPLE} rows read" in inspected.out
    two.program.well("source", "load", "releases", two.partner / "releases.lcpack", cwd=two.hub)
    again = two.program.well("source", "load", "releases", two.partner / "releases.lcpack", cwd=two.hub)
    assert "loaded before" in again.out
    pack = two.prepare("arrests.csv", source="arrests")
    two.program.well("source", "load", "arrests", pack, "--sealed", cwd=two.hub)
    flow = two.program.well("cohort", "flow", "leavers", "--json", cwd=two.hub).payload
    assert [(d["source"], d["people"]) for d in flow["deliveries"]] == [
        ("releases", PEOPLE),
        ("arrests", PEOPLE),
    ]


def test_the_json_of_prepare_says_what_leaves_and_quotes_nobody(two: Place) -> None:
    said = two.program.well(
        "partner", "prepare", "releases.csv", "--source", "kit-releases/releases.toml", "--key", "link.key",
        "--out", "a.lcpack", "--json", cwd=two.partner,
    )  # fmt: skip
    payload = said.payload
    assert (payload["rows"], payload["people"], payload["written"], payload["encrypted"]) == (
        PEOPLE,
        PEOPLE,
        True,
        False,
    )
    assert payload["identifiers"] == ["prison-number"]
    assert payload["stays"] == ["Surname", "Prison number"]
    assert "Quilbrax" not in said.said
    assert prison_number(3) not in said.said


def test_a_file_with_problems_gives_exit_one_the_rows_and_no_pack(two: Place) -> None:
    rows = [release_row(i) for i in range(PEOPLE)]
    rows[4][3] = "Vlimtroskar"
    (two.partner / "bad.csv").write_text(releases(rows), "utf-8")
    words = ("partner", "prepare", "bad.csv", "--source", "kit-releases/releases.toml", "--key", "link.key",
             "--out", "bad.lcpack")  # fmt: skip
    spoken, written = two.program(*words, cwd=two.partner), two.program(*words, "--json", cwd=two.partner)
    assert (spoken.code, written.code) == (1, 1)
    assert "row 6, column Aid" in spoken.out
    assert written.payload["problems"][0]["rows"] == [6]
    assert "Vlimtroskar" not in spoken.said + written.said
    assert not (two.partner / "bad.lcpack").exists()


def test_a_dry_run_of_everything_new_writes_nothing(two: Place) -> None:
    pack = two.prepare("releases.csv")
    recipient = (two.partner / "kit-releases" / "recipient.txt").read_text("utf-8").split()[-1]
    key_id = (
        two.program.well("key", "status", "--json", cwd=two.hub)
        .payload["checks"][0]["note"]
        .split()[1]
        .strip(",")
    )
    other = two.program.well(
        "key", "create", "--kind", "identity", "--out", two.partner / "o.identity", "--json", cwd=two.hub
    ).payload["recipient"]
    before = snapshot(
        two.hub, two.partner, two.hub.parent.parent / "config", two.hub.parent.parent / "temporary"
    )
    for where, words in (
        (
            two.partner,
            "partner prepare releases.csv --source kit-releases/releases.toml --key link.key --out x.lcpack",
        ),
        (two.partner, "key create --kind link --project-id mersey-1 --out other.key"),
        (two.hub, f"key create --kind identity --out {two.partner / 'y.identity'}"),
        (two.hub, f"key escrow --officer {recipient} --officer {other} --out {two.partner / 'escrow'}"),
        (two.hub, "key rotate --reason trial"),
        (two.hub, f"key retire --key-id {key_id} --reason trial"),
        (two.hub, "key compromise --reason trial"),
        (two.hub, f"key compromise --key-id {key_id} --reason trial"),
        (two.hub, f"key vault make {two.partner / 'vault'} --custodian {recipient}"),
        (two.hub, f"source kit releases --out {two.partner / 'kit-2'}"),
        (two.hub, f"source load releases {pack}"),
    ):
        assert two.program.well(*words.split(), "--dry-run", cwd=where).out
        assert two.program.well(*words.split(), "--dry-run", "--json", cwd=where).payload
    after = snapshot(
        two.hub, two.partner, two.hub.parent.parent / "config", two.hub.parent.parent / "temporary"
    )
    assert after == before


@pytest.mark.parametrize(
    "words", ["source load releases {raw}", "source inspect {raw} --source releases", "source inspect {raw}"]
)
def test_a_raw_file_is_refused_at_the_hub_in_words(words: str, two: Place) -> None:
    said = two.program(*words.format(raw=two.partner / "releases.csv").split(), cwd=two.hub)
    assert said.code == 4
    assert said.err.startswith("LC845 releases.csv: this project works with two keys")
    assert said.out == ""


def test_source_check_takes_the_pack_and_refuses_the_raw_file(two: Place) -> None:
    fine = two.program.well("source", "check", "releases", "--file", two.prepare("releases.csv"), cwd=two.hub)
    assert "the columns the source expects" in fine.out
    raw = two.program("source", "check", "releases", "--file", two.partner / "releases.csv", cwd=two.hub)
    assert (raw.code, raw.err[:5]) == (4, "LC845")


def test_a_pack_is_refused_in_a_project_of_one_key(two: Place, small: Path) -> None:
    said = two.program("source", "load", "releases", two.prepare("releases.csv"), cwd=small)
    assert (said.code, said.err[:5]) == (4, "LC845")


def test_a_damaged_or_strange_pack_is_refused_with_its_name(two: Place) -> None:
    pack = two.prepare("releases.csv")
    (two.partner / "cut.lcpack").write_bytes(pack.read_bytes()[:-50])
    cut = two.program("source", "load", "releases", two.partner / "cut.lcpack", cwd=two.hub)
    assert (cut.code, cut.err[:17]) == (11, "LC838 cut.lcpack:")
    strange = two.program("source", "load", "arrests", pack, cwd=two.hub)
    assert (strange.code, strange.err[:22]) == (11, "LC839 releases.lcpack:")


def test_a_pack_is_never_overwritten(two: Place) -> None:
    two.prepare("releases.csv")
    again = two.program(
        "partner", "prepare", "releases.csv", "--source", "kit-releases/releases.toml", "--key", "link.key",
        "--out", "releases.lcpack", cwd=two.partner,
    )  # fmt: skip
    assert (again.code, again.err[:5]) == (11, "LC107")


def test_prepare_needs_no_project_and_the_kit_holds_no_secret(two: Place) -> None:
    assert not any((folder / "lifecourse.toml").exists() for folder in [two.partner, *two.partner.parents])
    files = {path.name: path.read_text("utf-8") for path in (two.partner / "kit-releases").iterdir()}
    assert set(files) == {"releases.toml", "recipient.txt", "READ-ME.txt"}
    assert files["releases.toml"] == RELEASES
    assert two.project_id in files["READ-ME.txt"]
    assert "AGE-SECRET-KEY" not in "".join(files.values())


def test_escrow_loss_and_recovery(two: Place) -> None:
    recipients = [
        two.program.well("key", "create", "--kind", "identity", "--out", f"{n}.identity", "--json", cwd=two.partner)
        .payload["recipient"] for n in ("anna", "bert")
    ]  # fmt: skip
    escrowed = two.program.well(
        "key", "escrow", "--officer", recipients[0], "--officer", recipients[1], "--out", two.partner / "escrow",
        "--json", cwd=two.hub,
    ).payload  # fmt: skip
    key = next((two.hub.parent.parent / "config").rglob("*.key"))
    original = key.read_bytes()
    key.unlink()
    assert two.program("source", "load", "releases", two.prepare("releases.csv"), cwd=two.hub).code == 4
    copy = two.partner / "escrow" / escrowed["files"][1]
    two.program.well("key", "recover", copy, "--identity", two.partner / "bert.identity", cwd=two.hub)
    assert key.read_bytes() == original
    two.program.well("source", "load", "releases", two.partner / "releases.lcpack", cwd=two.hub)
    log = two.program.well("audit", "log", "--json", cwd=two.hub).payload["entries"]
    assert {"key.escrow", "key.recover"} <= {entry["action"] for entry in log}


def test_escrow_of_a_link_key_at_the_partner_needs_no_project(two: Place) -> None:
    recipients = [
        two.program.well("key", "create", "--kind", "identity", "--out", f"{n}.identity", "--json", cwd=two.partner)
        .payload["recipient"] for n in ("anna", "bert")
    ]  # fmt: skip
    names = two.program.well(
        "key", "escrow", "--key", "link.key", "--officer", recipients[0], "--officer", recipients[1],
        "--out", "copies", "--json", cwd=two.partner,
    ).payload["files"]  # fmt: skip
    two.program.well(
        "key",
        "recover",
        f"copies/{names[0]}",
        "--identity",
        "anna.identity",
        "--out",
        "back.key",
        cwd=two.partner,
    )
    assert (two.partner / "back.key").read_text("utf-8") == (two.partner / "link.key").read_text("utf-8")


def test_a_suspected_key_is_listed_stops_loads_and_is_cleared(two: Place) -> None:
    two.program.well("source", "load", "releases", two.prepare("releases.csv"), cwd=two.hub)
    link_id = json.loads(
        two.program.well(
            "partner", "prepare", "arrests.csv", "--source", "kit-arrests/arrests.toml", "--key", "link.key",
            "--out", "arrests.lcpack", "--json", cwd=two.partner,
        ).out
    )["link_key_id"]  # fmt: skip
    said = two.program.well(
        "key", "compromise", "--key-id", link_id, "--reason", "a stick was lost", cwd=two.hub
    )
    assert "releases" in said.out
    assert "data protection officer" in said.out
    stopped = two.program("source", "load", "arrests", two.partner / "arrests.lcpack", cwd=two.hub)
    assert (stopped.code, stopped.err[:5]) == (4, "LC847")
    status = two.program.well("key", "status", "--json", cwd=two.hub).payload
    assert [(mark["key_id"], mark["state"]) for mark in status["marks"]] == [(link_id, "suspected")]
    doctor = two.program("doctor", "--json", cwd=two.hub)
    assert doctor.code == 1
    assert [c["name"] for c in doctor.payload["checks"] if c["result"] == "fail"] == ["marked keys"]
    assert "a stick was lost" in two.program.well("key", "status", cwd=two.hub).out
    two.program.well("key", "compromise", "--key-id", link_id, "--reason", "found", "--clear", cwd=two.hub)
    two.program.well("source", "load", "arrests", two.partner / "arrests.lcpack", cwd=two.hub)


def test_rotation_and_retirement_of_the_hubs_key(two: Place) -> None:
    pack = two.prepare("releases.csv")
    two.program.well("source", "load", "releases", pack, cwd=two.hub)
    refused = two.program("key", "rotate", "--reason", "a new phase", cwd=two.hub)
    assert (refused.code, refused.err[:5]) == (4, "LC848")
    payload = two.program.well(
        "key", "rotate", "--pack", pack, "--reason", "a new phase", "--json", cwd=two.hub
    ).payload
    assert payload["old"] != payload["new"]
    old = next((two.hub.parent.parent / "config").rglob("*.old.key"))
    receipt = two.program.well(
        "key", "retire", "--file", old, "--key-id", payload["old"], "--reason", "changed", cwd=two.hub
    ).out
    assert f"Key id:   {payload['old']}" in receipt
    assert not old.exists()
    two.program.well("source", "load", "arrests", two.prepare("arrests.csv", source="arrests"), cwd=two.hub)


def test_the_vault_finds_one_person_read_from_standard_input(
    program: Program, small: Path, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    recipient = program.well(
        "key", "create", "--kind", "identity", "--out", place / "c.identity", "--json", cwd=small
    ).payload["recipient"]
    program.well("key", "vault", "make", place / "vault", "--custodian", recipient, cwd=small)
    program.well(
        "key", "vault", "add", "releases", "inbox/releases.csv", "--vault", place / "vault", cwd=small
    )
    words = ("key", "vault", "look-up", "--vault", place / "vault", "--identity", place / "c.identity",
             "--reason", "a subject access request")  # fmt: skip
    monkeypatch.setattr(sys, "stdin", io.StringIO(f"{prison_number(7).lower()}\n"))
    found = program.well(*words, "--json", cwd=small).payload
    assert found["identifiers"] == [
        {"kind": "prison-number", "identifier": prison_number(7), "source": "releases"}
    ]
    monkeypatch.setattr(sys, "stdin", io.StringIO(f"participant {found['participant']}\n"))
    assert prison_number(7) in program.well(*words, cwd=small).out
    refused = program(*words, "--no-input", cwd=small)
    assert (refused.code, refused.err[:5]) == (4, "LC849")
    log = program.well("audit", "log", "--json", cwd=small).payload["entries"]
    assert [entry["subject"] for entry in log if entry["action"] == "key.vault.look-up"] == ["vault", "vault"]
    assert prison_number(7) not in json.dumps(log)


def test_half_of_what_opens_a_vault_is_refused(program: Program, small: Path, place: Path) -> None:
    said = program("key", "rotate", "--reason", "x", "--vault", place / "vault", cwd=small)
    assert (said.code, said.err[:5]) == (11, "LC849")


@pytest.mark.parametrize(
    ("words", "code"),
    [("key create --kind link --project-id abcd-1", "LC843"), ("key create --kind door", "LC843")],
)
def test_a_key_of_no_kind_or_no_place_is_refused(
    words: str, code: str, program: Program, small: Path
) -> None:
    said = program(*words.split(), cwd=small)
    assert (said.code, said.err[:5]) == (11, code)


def test_a_new_key_with_a_passphrase_is_not_made_without_asking(program: Program, place: Path) -> None:
    program.well("init", "p")
    before = snapshot(place.parent)
    said = program("key", "create", "--passphrase", "--no-input", cwd=place / "p")
    assert (said.code, said.err[:5]) == (4, "LC846")
    assert snapshot(place.parent) == before


def test_a_short_passphrase_is_refused(
    program: Program, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program.well("init", "p")
    monkeypatch.setattr(sys, "stdin", io.StringIO("short\n"))
    said = program("key", "create", "--passphrase", cwd=place / "p")
    assert (said.code, said.err[:5]) == (11, "LC846")
    assert not list((place.parent / "config").rglob("*.key"))
