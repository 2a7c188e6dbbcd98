"""Everything one project has let out, attacked at once: the demonstration, and random projects run to the end."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from benchmarks.attack.measure import Measured
from benchmarks.attack.projects import command, random_project, workplace
from benchmarks.attack.tables import GUESS, NINTH
from cohorts.attacks import store as loot_store
from cohorts.attacks.traces import known_in, unpacked
from tests.commands.small_project import PLAN
from workspace.files import write_atomically
from workspace.project import Project
from workspace.settings import read_settings

AUTHORITY = "the bench, made-up and public data only"
OUTCOMES = """[source]
id = "arrests"
title = "Arrests"
cohort = "leavers"
wave = "12-months"
data_until = 2025-12-31
[[identifier]]
column = "nhs"
kind = "nhs-number"
[[variable]]
column = "arrested"
name = "arrested"
kind = "binary"
"""
AID = PLAN.replace("convictions", "priors")
MADE = (
    ("report", "evaluation", "EVAL-001", "--to", "word"),
    ("report", "annex", "EVAL-001"),
    ("site", "build"),
)


def _must(words: Sequence[str | Path], cwd: Path) -> None:
    done = command(*words, cwd=cwd)
    if done.returncode:
        raise RuntimeError(f"{' '.join(map(str, words[:2]))}: {done.stderr.decode()[-300:]}")


def demonstration(_seed: int, quick: bool) -> list[Measured]:
    """The demonstration with its reports in every form, annexes, site, replication pack and twin."""
    with workplace() as folder:
        _must(("demo", "practice"), folder)
        root = folder / "practice"
        for name in ("EVAL-001", "EVAL-002", "EVAL-003", "EVAL-004"):
            _must(("report", "annex", name), root)
        _must(("site", "build"), root)
        _must(("report", "replication", "EVAL-001", "--out", "reports/pack.zip"), root)
        _must(("cohort", "synthesise", "prison-leavers", "--out", "reports/twin.csv"), root)
        return _attacked(root, "the demonstration, with annexes, site, pack and twin", quick=quick)


def random_ones(seed: int, projects: int, quick: bool) -> list[Measured]:
    """Random projects from partner file to site."""
    rows: list[Measured] = []
    for number in range(projects):
        with workplace() as folder:
            rng = np.random.default_rng((seed, number))
            size = int(rng.integers(80, 400))
            made = random_project(folder, (seed, number), size)
            root = made.project.root
            _load_outcomes(made.project, made.people, rng)
            _must(("theory", "new"), root)
            _must(("plan", "lock", "aid", "--waive", "a bench"), root)
            _must(("evaluate", "run", "aid"), root)
            for words in MADE:
                _must(words, root)
            _must(("cohort", "synthesise", "leavers", "--out", "reports/twin.csv"), root)
            rows += _attacked(root, "", quick=quick)
    return _summed(rows, f"{projects} random projects, from partner file to site")


def _load_outcomes(project: Project, people: Sequence[str], rng: np.random.Generator) -> None:
    write_atomically(project.sources / "arrests.toml", OUTCOMES)
    write_atomically(project.plans / "aid.toml", AID)
    seen = [one for one in people if rng.random() < 0.93]
    rows = [f"{one},{int(rng.random() < 0.35)}" for one in seen]
    (project.inbox / "arrests.csv").write_text("\n".join(["nhs,arrested", *rows]) + "\n", encoding="utf-8")
    _must(("source", "load", "arrests", "inbox/arrests.csv", "--sealed"), project.root)


def _attacked(root: Path, target: str, *, quick: bool) -> list[Measured]:
    """What the program's own attack says of the whole project, and a search of all that was made for anybody."""
    words = ["attack", "--authority", AUTHORITY, "--json", *(["--quick"] if quick else [])]
    done = command(*words, cwd=root)
    said = json.loads(done.stdout)
    tried = [one for one in said["attacks"] if one["verdict"] != "not-applicable"]
    found: dict[str, Any] = {"target": target, "guessing": 0.0, "guess": "nobody is named by chance"}
    broken = [str(one["name"]) for one in tried if one["verdict"] == "fail"]
    texts, hits = _named_in(root)
    joined = next(one for one in said["attacks"] if one["name"] == "joint")
    hidden, exact, close = _joint_counts(joined)
    name = "all outputs of a project together"
    return [
        Measured(
            name,
            "every attack of lifecourse attack",
            unit="attacks",
            tried=len(tried),
            succeeded=len(broken),
            defence="all of them",
            note=", ".join(broken),
            **found,
        ),
        Measured(
            name,
            "identifiers, names and birth dates of the partner files",
            unit="texts",
            tried=texts,
            succeeded=hits,
            defence="what no rule names is not read",
            **found,
        ),
        Measured(
            name,
            "screens of one cohort by every arm, laid side by side",
            target=target,
            unit="hidden counts",
            tried=hidden,
            succeeded=exact,
            guessing=NINTH,
            guess=GUESS,
            expected="guessing",
            defence="each command keeps second counts back",
            note=f"{close} known closer than 1 to 9",
        ),
    ]


def _named_in(root: Path) -> tuple[int, int]:
    """Texts of the inbox that say who somebody is, and how many of them stand in anything that was made."""
    project = Project(root, read_settings(root / "lifecourse.toml"))
    loot = loot_store.gather_files(project)
    known = loot_store.known_identifiers(project)
    texts = [text for kind, some in known.items() if kind != loot_store.BIRTHS for text in some]
    made = {
        n: d
        for n, d in loot_store.texts_to_scan(loot).items()
        if n.startswith(("public/", "reports/", "evidence/"))
    }
    whole = b"\n".join(unpacked(name, data) for name, data in made.items())
    return len(texts), known_in(whole, texts)


def _joint_counts(trial: dict[str, Any]) -> tuple[int, int, int]:
    hidden = int(str(trial["tried"]).split()[0].replace(",", ""))
    pairs = [line.split(": ")[1].split() for line in trial["found"] if "commands over" in line]
    return hidden, sum(int(p[0]) for p in pairs), sum(int(p[5]) for p in pairs)


def _summed(rows: Sequence[Measured], target: str) -> list[Measured]:
    """The same attack on several projects as one row."""
    frame = pl.DataFrame({"against": [row.against for row in rows]}).unique(maintain_order=True)
    summed = []
    for against in frame["against"].to_list():
        same = [row for row in rows if row.against == against]
        first = same[0]
        notes = "; ".join(
            dict.fromkeys(row.note for row in same if row.note and not row.note.startswith("0 "))
        )
        summed.append(
            Measured(
                first.attack,
                against,
                target,
                first.unit,
                sum(r.tried for r in same),
                sum(r.succeeded for r in same),
                first.guessing,
                first.guess,
                first.defence,
                first.defended,
                first.expected,
                notes,
            )
        )
    return summed
