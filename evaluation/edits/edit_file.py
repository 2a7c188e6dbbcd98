"""The file of edits as TOML: written with every sentence of page one, read back with line numbers (pure)."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from typing import cast

from evaluation.edits.errors import EditRefused
from evaluation.edits.model import HEADINGS, Edit, Shown, Under
from workspace.errors import Fault
from workspace.toml_source import KeyCodes, Section, TomlSource, toml_text, top

CODES = KeyCodes(unknown="LC715", missing="LC715", wrong="LC715")
HEAD = """# Sentences of page one of {name}. Word them anew in `text`; leave `id` and `generated` as they are.
# Then run: lifecourse report edit {name}
# It holds your words against the result, and enters them in the audit log. The report marks them as the team's.
# A sentence of your own goes at the end, as:  [[added]]  under = "next"  text = "…"
# (under: can-say, cannot-say or next; what cannot be said begins with That).

evaluation = {quoted}
"""


def edits_text(name: str, sentences: Sequence[Shown]) -> str:
    """A new file of edits, with the program's own words to begin with."""
    parts = [HEAD.format(name=name, quoted=toml_text(name))]
    parts += [
        f"\n[[sentence]]  # {one.heading}\nid = {toml_text(one.id)}\ngenerated = {toml_text(one.generated)}\n"
        f"text = {toml_text(one.text)}\n"
        for one in sentences
    ]
    return "".join(parts)


def read_edits(source: TomlSource, name: str) -> tuple[Edit, ...]:
    """The edits of a file.

    Raises
    ------
    EditRefused
        LC715 for every key or value that is wrong, all at once.
    """
    faults: list[Fault] = []
    file = top(source, faults, CODES)
    about = file.text("evaluation", required=True)
    if about and about != name:
        file.fault("LC715", "evaluation", f"the file is of '{about}', not of '{name}'", "Correct its name.")
    edits = [_sentence(table) for table in file.tables("sentence")]
    edits += [_added(table, i) for i, table in enumerate(file.tables("added"), 1)]
    file.finish()
    if faults:
        raise EditRefused.gather(faults)
    return tuple(edits)


def _sentence(table: Section) -> Edit:
    name, generated = table.text("id", required=True), table.text("generated", required=True)
    under = name.rpartition("-")[0]
    if name and under not in HEADINGS:
        table.fault("LC715", "id", f"there is no sentence '{name}'", "Ids are those the program wrote.")
    text = table.text("text")
    table.finish()
    return Edit(name, cast(Under, under), generated, text.strip(), table.where("text"))


def _added(table: Section, number: int) -> Edit:
    under = table.text("under", required=True, one_of=tuple(HEADINGS))
    text = table.text("text", required=True)
    table.finish()
    return Edit(f"{under}-added-{number}", cast(Under, under), "", text.strip(), table.where("text"))


def fingerprint_of(edits: Sequence[Edit]) -> str:
    """What the audit log keeps of the words: their fingerprint, never the words."""
    said = [[edit.id, edit.generated, edit.text] for edit in edits]
    return hashlib.sha256(json.dumps(said, ensure_ascii=False).encode("utf-8")).hexdigest()
