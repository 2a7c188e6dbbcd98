"""Two keys as a hub and its partners use them for linkage, requests about people and a change of key; both stores."""

from __future__ import annotations

import io
import re
import sys
from dataclasses import dataclass
from pathlib import Path

import polars as pl
import pytest

from tests.cohorts.linking import (
    PROBATION,
    RELEASES,
    crn,
    prison_number,
    probation_rows,
    release_rows,
    sources,
    true_partners,
)
from tests.cohorts.loading import nhs
from tests.commands.program import Outcome, Program, snapshot
from tests.commands.two_key_hub import two_key_hub

MADE = sources(160, 5)
MOTHER = '[[relation]]\nrelation = "mother"\ncolumn = "mother"\nkind = "nhs-number"\n'
MAPPINGS = {"releases": RELEASES + MOTHER, "probation": PROBATION}
KEY = ("--key", "link.key")


@dataclass(frozen=True)
class Place:
    """The hub's project, and the partners' folder beside it."""

    hub: Path
    partner: Path
    program: Program
    patch: pytest.MonkeyPatch

    def say(self, *words: str | Path, typed: str = "", at: Path | None = None) -> Outcome:
        """Run a command, at the hub unless told otherwise, with lines piped in."""
        self.patch.setattr(sys, "stdin", io.StringIO(typed))
        said = self.program(*words, cwd=at or self.hub)
        for secret in typed.replace(",", "\n").split():
            assert secret not in said.said
        return said

    def well(self, *words: str | Path, typed: str = "", at: Path | None = None) -> Outcome:
        said = self.say(*words, typed=typed, at=at)
        assert said.code == 0, said.said
        return said

    def prepare(self, source: str, *more: str, out: str = "") -> Path:
        out = out or f"{source}.lcpack"
        mapping = f"kit-{source}/{source}.toml"
        self.well(
            "partner",
            "prepare",
            f"{source}.csv",
            "--source",
            mapping,
            *KEY,
            "--out",
            out,
            *more,
            at=self.partner,
        )
        return self.partner / out

    def linkage(self, source: str, in_round: str = "one") -> Path:
        to = f"kit-{source}/recipient.txt"
        return self.prepare(
            source, "--for", "linkage", "--round", in_round, "--to", to, out=f"{source}-{in_round}.lcpack"
        )

    def name(
        self, request: str, typed: str, *more: str, kind: str = "prison-number", out: str = "who"
    ) -> Path:
        (self.partner / f"{out}.lcpack").unlink(missing_ok=True)
        words = ("partner", "name", "--for", request, "--kind", kind, *KEY, "--out", f"{out}.lcpack", *more)
        self.well(*words, typed=typed, at=self.partner)
        return self.partner / f"{out}.lcpack"

    def link(self, in_round: str = "one", *more: str) -> Outcome:
        left, right = self.linkage("releases", in_round), self.linkage("probation", in_round)
        return self.well(
            "link", "run", "--cohort", "leavers", f"releases={left}", f"probation={right}", *more
        )

    def vault(self) -> tuple[Path, Path]:
        """A vault and its custodian's identity."""
        identity = self.partner.parent / "custodian.identity"
        made = self.well("key", "create", "--kind", "identity", "--out", identity, "--json").payload
        folder = self.partner.parent / "vault"
        self.well("key", "vault", "make", folder, "--custodian", made["recipient"])
        return folder, identity


@pytest.fixture
def two(program: Program, place: Path, monkeypatch: pytest.MonkeyPatch, database_url: str) -> Place:
    """A hub with two sources, of which the releases are loaded, and partners with kits, a link key and files."""
    hub, partner = two_key_hub(program, place, MAPPINGS)
    rows = release_rows(MADE)
    mothers = pl.Series(
        "mother", [nhs(9000 + i // 2) if i < 30 else None for i in range(rows.height)], dtype=pl.String
    )
    rows.with_columns(mothers).write_csv(partner / "releases.csv")
    probation_rows(MADE).write_csv(partner / "probation.csv")
    made = Place(hub, partner, program, monkeypatch)
    made.well("source", "load", "releases", made.prepare("releases"))
    return made


def loaded_people(said: Outcome) -> tuple[int, str]:
    """How many people a load met, and how many of them were new, as it is shown."""
    found = re.search(r"^  people +([0-9]+), of them new (.+)$", said.out, re.MULTILINE)
    assert found, said.out
    return int(found[1]), found[2]


def released(i: int) -> str:
    return prison_number(int(MADE.left["record"][i]))


# ---- linkage


def test_two_partners_packs_are_linked_and_nobody_is_named(two: Place) -> None:
    words = ("partner", "prepare", "probation.csv", "--source", "kit-probation/probation.toml", *KEY)
    link = ("--for", "linkage", "--round", "one", "--to", "kit-probation/recipient.txt", "--out", "p.lcpack")
    spoken = two.well("--dry-run", *words, *link, at=two.partner)
    assert "Compared by tokens of" in spoken.out
    assert "round one, encrypted" in spoken.out
    assert not (two.partner / "p.lcpack").exists()
    payload = two.well("--json", *words, *link, at=two.partner).payload
    assert (payload["purpose"], payload["people"]) == ("linkage", MADE.right.height)
    assert [field["kind"] for field in payload["fields"]] == [
        "forename",
        "surname",
        "date-of-birth",
        "postcode",
        "sex",
    ]
    said = two.link("two", "--by", "aid")
    assert said.out.startswith("LNK-001\n")
    assert "Match rate" in said.out
    linked = two.well("link", "quality", "--cohort", "leavers", "--json").payload["groups"][0]["linked"]
    assert linked >= 75
    assert loaded_people(two.well("source", "load", "probation", two.prepare("probation"))) == (linked, "0")
    names = {n for table in (MADE.left, MADE.right) for n in table["surname"].drop_nulls() if len(n) > 5}
    everything = said.said + spoken.said + two.well("audit", "log", "--json").out
    assert not [name for name in names if name.lower() in everything.lower()]


def test_what_cannot_be_linked_is_refused_with_what_to_ask_for(two: Place) -> None:
    left = two.linkage("releases")
    words = ("link", "run", "--cohort", "leavers", f"releases={left}")
    raw = two.say(*words, f"probation={two.partner / 'probation.csv'}")
    assert (raw.code, raw.err[:5], "--for linkage --round WORD" in raw.err) == (4, "LC845", True)
    plain = two.say(*words, f"probation={two.prepare('probation')}")
    assert (plain.code, plain.err[:5], "--for linkage" in plain.err) == (11, "LC839", True)
    other = two.say(*words, f"probation={two.linkage('probation', 'two')}")
    assert (other.code, "different rounds" in other.err) == (11, True)
    for more, code in (
        (("--for", "linkage", "--to", "kit-releases/recipient.txt"), "LC839"),
        (("--for", "linkage", "--round", "one"), "LC846"),
        (("--round", "one"), "LC839"),
        (("--for", "sale"), "LC839"),
    ):
        prepare = ("partner", "prepare", "releases.csv", "--source", "kit-releases/releases.toml", *KEY)
        refused = two.say(*prepare, "--out", "x.lcpack", *more, at=two.partner)
        assert (refused.code, refused.err[:5]) == (11, code)
    assert not (two.partner / "x.lcpack").exists()


# ---- requests about people


@pytest.mark.parametrize(
    ("words", "request_word"),
    [
        ("cohort withdraw --kind prison-number", "withdraw"),
        ("cohort erase --kind prison-number --yes", "erase"),
        ("cohort erase --source releases --file who.csv --yes", "erase"),
        ("link forbid --kind prison-number --reason adoption", "forbid"),
    ],
)
def test_no_identifier_is_taken_at_the_hub(words: str, request_word: str, two: Place) -> None:
    two.patch.setattr(sys, "stdin", None)  # not even looked at
    refused = two.program(*words.split(), cwd=two.hub)
    assert (refused.code, refused.err[:5], refused.out) == (4, "LC845", "")
    assert f"lifecourse partner name --for {request_word}" in refused.err
    assert "--pack FILE" in refused.err


def test_a_partner_names_who_withdraws_and_is_erased(two: Place) -> None:
    before = two.well("cohort", "show", "leavers", "--json").payload["enrolled"]
    pack = two.name("withdraw", "\n".join(map(released, range(20))), "--to", "kit-releases/recipient.txt")
    said = two.well("cohort", "withdraw", "--pack", pack, "--scope", "use", "--tell")
    assert said.out == "RGT-001: whoever was named is out of: use.\nSomebody was found.\n"
    assert two.well("cohort", "show", "leavers", "--json").payload["enrolled"] == before - 20
    wrong = two.say("cohort", "erase", "--pack", pack, "--yes")
    assert (wrong.code, "named for cohort withdraw, not for cohort erase" in wrong.err) == (11, True)
    two.well("cohort", "rights", "lift", "RGT-001")
    small = two.partner / "small.csv"
    small.write_text("prison,Remark\n" + "".join(f"{released(i)},x\n" for i in range(20, 40)), "utf-8")
    words = ("--source", "kit-releases/releases.toml", "--file", "small.csv")
    listed = two.name("erase", "", *words, kind="", out="listed")
    held = two.hub / "inbox" / "old.lcpack"
    held.write_bytes((two.partner / "releases.lcpack").read_bytes())
    locked = two.hub / "inbox" / "locked.lcpack"
    locked.write_bytes(pack.read_bytes())
    erased = two.well("cohort", "erase", "--pack", listed, "--yes", "--tell")
    assert "Somebody was found." in erased.out
    assert "inbox/old.lcpack" in erased.out.split("Replace")[0]
    assert "inbox/locked.lcpack" in (two.hub / "data" / "receipts" / "RGT-002.txt").read_text("utf-8")
    assert two.well("cohort", "show", "leavers", "--json").payload["enrolled"] == before - 20
    again = two.well("cohort", "erase", "--pack", listed, "--yes", "--tell", "--json").payload
    assert again["found"] is False


def test_somebody_held_and_somebody_not_get_the_same_answer(two: Place) -> None:
    shapes = []
    for number in (released(3), "A9999ZZ"):
        said = two.well("cohort", "withdraw", "--pack", two.name("withdraw", number), "--json").payload
        shapes.append({name: value for name, value in said.items() if name != "request"})
    assert shapes[0] == shapes[1]


def test_pairs_a_partner_names_are_kept_apart_by_the_linkage_and_by_loads(two: Place) -> None:
    truth = true_partners(MADE)
    pairs = "".join(f"{one},{other}\n" for one, other in truth.items())
    words = ("--other-kind", "crn", "--to", "kit-releases/recipient.txt")
    pack = two.name("forbid", pairs, *words)
    said = two.well("link", "forbid", "--pack", pack, "--reason", "adoption")
    assert said.out == f"Keeping {len(truth)} more pairs apart, from the next run on.\n"
    assert two.well("link", "forbid", "--pack", pack, "--reason", "adoption", "--json").payload == {
        "added": 0
    }
    assert "linked        fewer than 10" in two.link().out  # other people than those, if anybody


@pytest.mark.parametrize(
    ("words", "typed", "code"),
    [
        ("--for withdraw --kind prison-number", "nonsense\n", "LC896"),
        ("--for withdraw --kind prison-number", "", "LC893"),
        ("--for withdraw", "A1234BC\n", "LC893"),
        ("--for withdraw --kind local-id", "17\n", "LC893"),
        ("--for withdraw --kind shoe-size", "17\n", "LC897"),
        ("--for withdraw --file releases.csv", "", "LC893"),
        ("--for withdraw --kind crn --other-kind crn", "X100001\n", "LC893"),
        ("--for sale --kind crn", "X100001\n", "LC897"),
        ("--for forbid --kind crn", "X100001\n", "LC889"),
        ("--for forbid --kind crn", "X100001,nonsense\n", "LC889"),
        ("--for forbid --kind crn", "", "LC889"),
        ("--for forbid --kind shoe-size", "1,2\n", "LC889"),
        ("--for forbid --kind local-id", "1,2\n", "LC889"),
        ("--for forbid --kind crn --file releases.csv", "", "LC889"),
    ],
)
def test_a_partner_who_names_nobody_or_badly_is_told_and_nothing_is_written(
    words: str, typed: str, code: str, two: Place
) -> None:
    refused = two.say(
        "partner", "name", *words.split(), *KEY, "--out", "x.lcpack", typed=typed, at=two.partner
    )
    assert (refused.code, refused.err[:5]) == (11, code)
    assert not (two.partner / "x.lcpack").exists()


def test_packs_of_the_wrong_kind_or_in_a_project_of_one_key_are_refused(two: Place) -> None:
    named = two.name("erase", released(1))
    load = two.say("source", "load", "releases", named)
    assert (load.code, load.err[:5], "to name people for a request" in load.err) == (11, "LC839", True)
    erase = two.say("cohort", "erase", "--pack", two.partner / "releases.lcpack", "--yes")
    assert (erase.code, "partner name --for" in erase.err) == (11, True)
    settings = two.hub / "lifecourse.toml"
    settings.write_text(settings.read_text("utf-8").replace('keys = "two"', 'keys = "one"'), "utf-8")
    one = two.say("cohort", "erase", "--pack", named, "--yes")
    assert (one.code, one.err[:5], "works with one key" in one.err) == (4, "LC845", True)


# ---- the vault, and a change of key


def test_the_hubs_key_is_changed_with_packs_relatives_and_all(two: Place) -> None:
    two.link()
    packs = ("--pack", two.partner / "releases.lcpack", "--pack", two.partner / "probation-one.lcpack")
    missing = two.say("key", "rotate", *packs[:2], "--reason", "a new phase")
    assert (missing.code, missing.err[:5]) == (4, "LC848")
    done = two.well("key", "rotate", *packs, "--reason", "a new phase", "--json").payload
    assert (done["written"], done["lost"]) == (True, {"anything": False, "register": 0, "decisions": 0})
    file = two.partner / "releases.csv"
    file.write_text("\n".join(file.read_text("utf-8").splitlines()[:-3]) + "\n", "utf-8")
    later = two.well("source", "load", "releases", two.prepare("releases", out="later.lcpack"))
    assert loaded_people(later)[1] == "0"
    linked = two.well("link", "quality", "--cohort", "leavers", "--json").payload["groups"][0]["linked"]
    assert loaded_people(two.well("source", "load", "probation", two.prepare("probation"))) == (linked, "0")


def test_the_hubs_key_is_changed_with_the_vault_alone_again_and_again(two: Place) -> None:
    vault, identity = two.vault()
    two.link()
    two.well("key", "vault", "add", "releases", two.partner / "releases.lcpack", "--vault", vault)
    opens = ("--vault", vault, "--identity", identity, "--reason", "yearly")
    short = two.say("key", "rotate", *opens)
    assert (short.code, short.err[:5], "or the vault" in short.err) == (4, "LC848", True)
    two.well("key", "vault", "add", "probation", two.partner / "probation-one.lcpack", "--vault", vault)
    for _ in range(2):
        two.well("key", "rotate", *opens)
    linked = two.well("link", "quality", "--cohort", "leavers", "--json").payload["groups"][0]["linked"]
    assert loaded_people(two.well("source", "load", "probation", two.prepare("probation"))) == (linked, "0")
    for number in (released(1), crn(int(MADE.right["record"][1])), nhs(9000)):
        assert all(number.encode() not in path.read_bytes() for path in vault.iterdir())
    refused = two.say(
        "key",
        "vault",
        "look-up",
        "--vault",
        vault,
        "--identity",
        identity,
        "--reason",
        "x",
        typed=released(1),
    )
    assert (refused.code, refused.err[:5]) == (4, "LC845")


def test_a_load_keeps_its_link_tokens_and_an_erasure_takes_them_out_again(two: Place) -> None:
    vault, identity = two.vault()
    two.well("source", "load", "releases", two.partner / "releases.lcpack", "--vault", vault, "--replace")
    if not list(vault.glob("*.age")):  # the very same content is loaded once
        two.well("key", "vault", "add", "releases", two.partner / "releases.lcpack", "--vault", vault)
    opens = ("--vault", vault, "--identity", identity)
    before = sum(path.stat().st_size for path in vault.glob("*.age"))
    pack = two.name("erase", "\n".join(map(released, range(60))))
    receipt = two.well("cohort", "erase", "--pack", pack, "--yes", *opens)
    assert "RGT-001" in receipt.out
    assert sum(path.stat().st_size for path in vault.glob("*.age")) < before
    assert "searched by its custodian" in (two.hub / "data" / "receipts" / "RGT-001.txt").read_text("utf-8")
    two.well("key", "rotate", *opens, "--reason", "after the erasure")


def test_what_a_change_of_key_forgets_is_said_in_rounded_counts(two: Place) -> None:
    vault, identity = two.vault()
    two.well("key", "vault", "add", "releases", two.partner / "releases.lcpack", "--vault", vault)
    strangers = "".join(f"{released(i)},A{1000 + i}ZZ\n" for i in range(12))
    pack = two.name("forbid", strangers)
    two.well("link", "forbid", "--pack", pack, "--reason", "adoption")
    opens = ("--vault", vault, "--identity", identity, "--reason", "yearly")
    refused = two.say("key", "rotate", *opens)
    assert (refused.code, "--forget-register" in refused.err) == (4, True)
    kept = two.well("key", "rotate", *opens, "--pack", pack, "--json").payload
    assert kept["lost"]["anything"] is False
    would = two.well("--dry-run", "key", "rotate", *opens, "--forget-register")
    assert "Would be lost" in would.out
    said = two.well("key", "rotate", *opens, "--forget-register")
    assert "entries of the do-not-link register  10\n" in said.out
    assert "decisions that two are not one       0\n" in said.out
    two.well("link", "forbid", "--pack", pack, "--reason", "adoption", "--vault", vault)
    assert two.well("key", "rotate", *opens, "--json").payload["lost"]["anything"] is False
    assert two.well("link", "forbid", "--pack", pack, "--reason", "adoption", "--json").payload == {
        "added": 0
    }


def test_a_dry_run_of_everything_new_writes_nothing(two: Place) -> None:
    vault, _ = two.vault()
    left, right, pack = two.linkage("releases"), two.linkage("probation"), two.name("withdraw", released(1))
    apart = two.name("forbid", f"{released(1)},{released(2)}\n", out="apart")
    base = two.hub.parent.parent
    folders = (two.hub, two.partner, vault, base / "config")
    before = snapshot(*folders)
    named = ("partner", "name", "--for", "erase", "--kind", "prison-number", *KEY, "--out", "z.lcpack")
    two.well("--dry-run", *named, typed=released(1), at=two.partner)
    for words in (
        ("cohort", "withdraw", "--pack", pack),
        ("link", "forbid", "--pack", apart, "--reason", "other", "--vault", vault),
        ("key", "vault", "add", "releases", left, "--vault", vault),
        ("link", "run", "--cohort", "leavers", f"releases={left}", f"probation={right}"),
    ):
        assert two.well("--dry-run", *words).out
        assert two.well("--dry-run", *words, "--json").payload
    assert snapshot(*folders) == before
