"""Everything that the upper floors write outside the store goes by one door; whatever else writes is here, with why."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
DOOR = "cohorts/gate/writing.py"
KEYS = "a key or what is locked under one; never a figure"
MAPPING = "a file that people fill in: no number of theirs is in it"
PACK = "encrypted between partners; agreements and packs have a gate of their own"
ROWS = "rows for a safe setting: cohorts/releases has its own gate, register and manifest"
STORED = "an inner copy of the store, encrypted"
WRITERS = {
    "cohorts/agreements/sharing.py": MAPPING,
    "cohorts/areas/store.py": MAPPING,
    "cohorts/attacks/actions.py": "evidence of attacks for the custodian, counts rounded; its own refusal of places",
    "cohorts/attacks/runs.py": "bait in a copy of the project that is thrown away",
    "cohorts/backups/key_list.py": STORED,
    "cohorts/backups/store.py": STORED,
    "cohorts/custody/custodian.py": KEYS,
    "cohorts/custody/key_files.py": KEYS,
    "cohorts/custody/retirement.py": "a receipt about a key: its id and a day",
    "cohorts/custody/rotation.py": KEYS,
    "cohorts/custody/seal_store.py": KEYS,
    "cohorts/custody/vault_store.py": KEYS,
    "cohorts/packs/link_store.py": PACK,
    "cohorts/packs/names_store.py": PACK,
    "cohorts/packs/store.py": PACK,
    "cohorts/releases/actions.py": ROWS,
    "cohorts/releases/notices.py": ROWS,
    "cohorts/partner_files/sealed_shelves.py": "rows of a file that is being read, sealed under a key in memory",
    "cohorts/requests/erasure.py": "the receipt of an erasure, for the person: private",
    "cohorts/store.py": MAPPING,
    "cohorts/twins/store.py": "made-up people only, marked as such in every row",
    "evaluation/evidence/evidence_store.py": "outside evidence typed in by the team; exact results of few are refused",
    "evaluation/preregistration/word.py": "the same plan as bytes of a document, in memory",
    "evaluation/printed/browser.py": "a page for the browser in a temporary folder: a report that leaves by the door",
    "evaluation/replication/actions.py": "a pack's rows in a folder of its owner's, as they leave in the pack",
    "evaluation/store.py": "a new plan: its template, before anything was run",
}
CALLS = (
    "write_atomically",
    "written_beside",
    "entering",
    "write_text",
    "write_bytes",
    "write_csv",
    "write_parquet",
    "write_json",
    "to_csv",
)


def writes(path: Path) -> list[int]:
    """The lines of a file on which something may be written to a file."""
    return [
        node.lineno
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and ((_named(node) in CALLS and _to_a_file(node)) or _opens(node))
    ]


def _named(node: ast.Call) -> str:
    return node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")


def _to_a_file(node: ast.Call) -> bool:
    """A frame written to nothing, or to a buffer in memory, stays inside."""
    buffered = (
        node.args and isinstance(node.args[0], ast.Name) and node.args[0].id in ("buffer", "out", "written")
    )
    return _named(node) in ("write_atomically", "written_beside", "entering") or (
        bool(node.args or node.keywords)
        and not (_named(node) not in ("write_text", "write_bytes") and buffered)
    )


def _opens(node: ast.Call) -> bool:
    if _named(node) not in ("open", "fdopen"):
        return False
    after_path = isinstance(node.func, ast.Name) or _named(node) == "fdopen"
    said = [*node.args[after_path:], *(word.value for word in node.keywords if word.arg == "mode")]
    return any(isinstance(one, ast.Constant) and isinstance(one.value, str) and set("wax+") & set(one.value)
               and len(one.value) <= 3 for one in said)  # fmt: skip


def upstairs() -> list[Path]:
    return sorted(path for floor in ("cohorts", "evaluation") for path in (ROOT / floor).rglob("*.py"))


def test_nothing_upstairs_writes_but_by_the_door() -> None:
    found = {p.relative_to(ROOT).as_posix(): lines for p in upstairs() if (lines := writes(p))}
    loose = {name: lines for name, lines in found.items() if name not in WRITERS and name != DOOR}
    assert loose == {}, "write it by cohorts.gate.writing.write_outgoing, or say here why not"


def test_every_reason_is_still_needed() -> None:
    for name, reason in WRITERS.items():
        path = ROOT / name
        assert path.is_file(), name
        assert reason
        assert writes(path) or ".save(" in path.read_text(encoding="utf-8"), f"{name} writes nothing any more"


@pytest.mark.parametrize(
    "text",
    [
        'open("a", "w")',
        'p.open("wb")',
        'p.write_text("x")',
        'write_atomically(p, "x")',
        'frame.write_csv("a.csv")',
    ],
)
def test_the_ways_of_writing_are_seen(tmp_path: Path, text: str) -> None:
    (tmp_path / "a.py").write_text(text, encoding="utf-8")
    assert writes(tmp_path / "a.py") == [1]


def test_reading_is_no_writing(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text('open("a")\np.open("rb")\nframe.write_csv()\n', encoding="utf-8")
    assert writes(tmp_path / "a.py") == []
