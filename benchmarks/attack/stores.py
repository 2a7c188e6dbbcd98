"""Stores: stolen with and without keys, after erasures, as backups; what commands say and leave lying about."""

from __future__ import annotations

import csv
import io
import shutil
import sqlite3
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import typer.main

import cli
from benchmarks.attack.measure import Measured
from benchmarks.attack.projects import Made, command, numbers, random_project, workplace
from cohorts.attacks.canaries import FILES, escapes
from cohorts.attacks.formulas import is_formula
from cohorts.attacks.insider import asks_for_a_person
from cohorts.attacks.key_store import opened, own_key, own_seal
from cohorts.attacks.runs import provoke, verbs_of
from cohorts.backups.store import back_up
from cohorts.custody.token_store import all_tokens, stolen_tokens
from cohorts.gate.scan import scan
from cohorts.pseudonyms import PseudonymKey, tokenise
from cohorts.requests.actions import Order, erase, name_people
from workspace import front_door
from workspace.database import database_path, reading

SHARE_ERASED = 0.1


def _tokens(made: Made, key: PseudonymKey, people: Sequence[str]) -> list[bytes]:
    found: list[bytes] = tokenise(
        pl.Series(people), "nhs-number", key, made.project.settings.project_id
    ).to_list()
    return found


def stolen(seed: int, projects: int, size: int) -> list[Measured]:
    """A thief with the store and a list of everybody in it: who can be found, with which keys."""
    hits = {"no key": 0, "a key of one's own": 0, "the pseudonym key without the seal key": 0, "both keys": 0}
    tried = 0
    with workplace() as folder:
        for number in range(projects):
            made = random_project(folder, (seed, number), size)
            with reading(made.project) as session:
                held, key, seal = (
                    set(stolen_tokens(session)),
                    own_key(made.project),
                    own_seal(made.project, session),
                )
                if key is None or seal is None:
                    raise RuntimeError("a project without its keys")
                plain = set(opened(held, seal))
            rng = np.random.default_rng((seed, number, 1))
            tokens = _tokens(made, key, made.people)
            tried += size
            hits["no key"] += len({one.encode() for one in made.people} & held)
            other = _tokens(made, PseudonymKey("other", rng.bytes(32)), made.people)
            hits["a key of one's own"] += len(set(other) & (held | plain))
            hits["the pseudonym key without the seal key"] += len(set(tokens) & held)
            hits["both keys"] += len(set(tokens) & plain)
            _forget(folder)
    return [
        Measured(
            "stolen store",
            words,
            f"{projects} random projects of {size}",
            "people",
            tried,
            count,
            1 / size,
            "anybody of the list",
            "keys outside the project; tokens stand under a second key, the seal",
            defended=words != "both keys",
        )
        for words, count in hits.items()
    ]


def _forget(folder: Path) -> None:
    """The keys of one project are of no use to the next."""
    for name in ("keys", "config"):
        shutil.rmtree(folder / name, ignore_errors=True)


def erased(seed: int, projects: int, size: int) -> list[Measured]:
    """People are erased; their tokens, sealed and plain, are looked for in every byte that is left, and in a backup."""
    left = backed = naive = tried = 0
    for number in range(projects):
        with workplace() as folder:
            made = random_project(folder, (seed, number), size)
            key = own_key(made.project)
            if key is None:
                raise RuntimeError("a project without its key")
            gone = made.people[: max(1, int(SHARE_ERASED * size))]
            backup = back_up(made.project, folder / "away" / "one.backup", ())
            before = dict(zip(gone, _sealed(made, key, gone), strict=True))
            naive += _deleted_without_care(folder, made, before)
            (made.project.inbox / "people.csv").unlink()
            named = name_people(made.project, "nhs-number", "", None, list(gone))
            erase(made.project, named, Order("erasure"))
            files = [p.read_bytes() for p in made.project.root.rglob("*") if p.is_file()]
            tried += len(gone)
            left += sum(any(_holds(data, forms) for data in files) for forms in before.values())
            archive = _unpacked(backup.file) if backup else []
            backed += sum(any(_holds(data, forms) for data in archive) for forms in before.values())
    where, defence = (
        f"{projects} random projects of {size}",
        "overwriting, a new seal for everybody, a key for each person",
    )
    made_: dict[str, Any] = {
        "target": where,
        "unit": "erased people",
        "tried": tried,
        "guessing": 0.0,
        "guess": "no erased person is in another file",
        "defence": defence,
    }
    return [
        Measured(
            "residue after erasure",
            "rows deleted by SQL, no overwriting",
            succeeded=naive,
            defended=False,
            **made_,
        ),
        Measured(
            "residue after erasure",
            "the program's erasure, every byte of the project",
            succeeded=left,
            **made_,
        ),
        Measured("backups", "a backup from before the erasure, unpacked", succeeded=backed, **made_),
    ]


def _sealed(made: Made, key: PseudonymKey, people: Sequence[str]) -> list[tuple[bytes, ...]]:
    """The identifier and the token of each person, plain and as it stands in the store."""
    with reading(made.project) as session:
        seal = own_seal(made.project, session)
        held = stolen_tokens(session)
        plain = opened(held, seal) if seal else []
        assert set(plain) == set(all_tokens(session)["token"].to_list())
    stands = dict(zip(plain, held, strict=True))
    return [
        (one.encode(), token, token.hex().encode(), stands[token])
        for one, token in zip(people, _tokens(made, key, people), strict=True)
    ]


def _holds(data: bytes, forms: Sequence[bytes]) -> bool:
    return any(form in data for form in forms)


def _deleted_without_care(folder: Path, made: Made, people: dict[str, tuple[bytes, ...]]) -> int:
    """What a plain DELETE leaves, in a copy whose settings are SQLite's own defaults."""
    copy = folder / "copy.sqlite"
    shutil.copyfile(database_path(made.project), copy)
    store = sqlite3.connect(copy)
    store.execute("PRAGMA secure_delete = OFF")
    store.executemany("DELETE FROM pseudonym WHERE token = ?", [(forms[-1],) for forms in people.values()])
    store.commit()
    store.close()
    data = copy.read_bytes()
    copy.unlink()
    return sum(_holds(data, forms) for forms in people.values())


def _unpacked(file: Path) -> list[bytes]:
    with zipfile.ZipFile(file) as archive:
        return [file.read_bytes(), *(archive.read(name) for name in archive.namelist())]


def canaries(_seed: int, quick: bool) -> list[Measured]:
    """Wrong files with marked values through every command that reads files; and a program that prints its locals."""
    program = front_door.command_of(cli.app)

    def run(words: Sequence[str]) -> object:
        return program(front_door.hoisted(words), standalone_mode=False)

    provoked = provoke(run, quick=quick)
    made: dict[str, Any] = {
        "attack": "values in errors, tracebacks and logs",
        "unit": "commands",
        "guessing": 0.0,
        "guess": "no marked value is in a text made elsewhere",
        "defence": "messages name file, column, row and rule; locals are never shown",
    }
    careless = provoke(_careless, quick=True)
    return [
        Measured(
            against="every command that reads a file",
            target=f"{len(FILES)} wrong files",
            tried=len(provoked),
            succeeded=len(escapes(provoked)),
            **made,
        ),
        Measured(
            against="a program that quotes the line it fails on",
            target=f"{len(FILES)} wrong files",
            tried=len(careless),
            succeeded=len(escapes(careless)),
            defended=False,
            **made,
        ),
    ]


def _careless(words: Sequence[str]) -> int:
    path = next((Path(word) for word in words if word.endswith(".csv")), None)
    print(path.read_text("utf-8").splitlines()[1:] if path else "")
    return 1


def left_about(seed: int, people: int) -> list[Measured]:
    """Identifiers typed at the prompt: do they stand in the command line, or in anything left in a temporary folder?"""
    with workplace() as folder:
        made = random_project(folder, (seed,), 60)
        found = 0
        for one in made.people[:people]:
            words = ("cohort", "withdraw", "--kind", "nhs-number")
            done = command(*words, cwd=made.project.root, typed=f"{one}\n")
            temporary = made.project.root.parent / "temporary"
            texts = [p.read_bytes() for p in temporary.rglob("*") if p.is_file()]
            said = " ".join(words).encode() + done.stdout + done.stderr + b"".join(texts)
            if done.returncode:
                raise RuntimeError("the command to be watched did not run")
            found += one.encode() in said
    return [
        Measured(
            "process arguments, shell history, temporary files",
            "identifiers typed when asked, or piped in",
            "a random project",
            "commands",
            people,
            found,
            0.0,
            "no number is in a text made elsewhere",
            "no identifier, key or passphrase is ever a word of a command",
        )
    ]


def insider(_seed: int) -> list[Measured]:
    """Every command and its options: which reads about one person?"""
    verbs = verbs_of(typer.main.get_command(cli.app))
    found = sum(asks_for_a_person(verb) for verb in verbs)
    return [
        Measured(
            "insider trawl",
            "commands that take a person",
            "the whole program",
            "commands",
            len(verbs),
            found,
            0.0,
            "none",
            "no command reads a person; every look at counts is in the audit log",
        )
    ]


def formulas(seed: int, size: int) -> list[Measured]:
    """Cells that a spreadsheet runs: through the gate, and quoted as the standard for CSV asks."""
    rng = np.random.default_rng(seed)
    starts = ("=", "+", "-", "@", "\t=", "\r=")
    calls = ('HYPERLINK("http://x","y")', "cmd|' /C calc'!A0", "SUM(A1:A9)*cmd", 'WEBSERVICE("x")', "1+1+A1")
    through = plain = 0
    for _ in range(size):
        cell = str(rng.choice(starts)) + str(rng.choice(calls))
        text = io.StringIO()
        csv.writer(text, quoting=csv.QUOTE_ALL).writerows([["area", "n"], [cell, 10]])
        plain += any(
            is_formula(one) for row in csv.reader(io.StringIO(text.getvalue(), newline="")) for one in row
        )
        through += not any("spreadsheet" in one.said for one in scan("table.csv", text.getvalue().encode()))
    made: dict[str, Any] = {
        "attack": "formulas in tables",
        "unit": "cells",
        "tried": size,
        "guessing": 0.0,
        "guess": "none",
        "target": f"{size} made-up cells in CSV files",
        "defence": "the last look at the bytes refuses",
    }
    return [
        Measured(against="quoted as RFC 4180 asks", succeeded=plain, defended=False, **made),
        Measured(against="the gate", succeeded=through, **made),
    ]


def strangers(seed: int, projects: int, size: int) -> list[Measured]:
    """Is somebody in the store? Asked by whoever has it, of members and of strangers, without a key."""
    rng = np.random.default_rng(seed)
    right = tried = 0
    with workplace() as folder:
        for number in range(projects):
            made = random_project(folder, (seed, number), size)
            others = [one for one in numbers(rng, 2 * size) if one not in made.people][:size]
            data = database_path(made.project).read_bytes()
            for member, stranger in zip(made.people, others, strict=True):
                one, other = (_looks_held(data, each) for each in (member, stranger))
                right += bool(rng.integers(2)) if one == other else one > other
                tried += 1
            _forget(folder)
    return [
        Measured(
            "membership of the store",
            "unkeyed hashes of an identifier looked for in its bytes",
            f"{projects} random projects of {size}",
            "pairs of people",
            tried,
            right,
            0.5,
            "either of the two",
            "tokens are keyed twice",
            expected="guessing",
        )
    ]


def _looks_held(data: bytes, number: str) -> int:
    import hashlib

    return sum(
        way(number.encode()).digest()[:16] in data for way in (hashlib.sha256, hashlib.md5, hashlib.sha1)
    )
