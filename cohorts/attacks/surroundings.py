"""What commands leave around a project: histories of shells, the list of processes, the temporary folder (pure)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from cohorts.attacks.key_material import forms_of, places_with_keys
from cohorts.attacks.model import Trial, judged
from cohorts.attacks.traces import known_in, patterns_in, unpacked

CONFIRMED = frozenset({"NHS number", "UPN", "PNC ID", "prison number"})


@dataclass(frozen=True, slots=True)
class Around:
    """What lies around: files by a plain name (a kind of history, a name in the temporary folder), command lines."""

    histories: Mapping[str, bytes]
    temporary: Mapping[str, bytes]
    processes: bytes


def own_lines(history: bytes, words: Iterable[str] = ("lifecourse",)) -> bytes:
    """The lines of a history that call this program: other lines are nobody's business here."""
    wanted = [word.encode() for word in words]
    return b"\n".join(line for line in history.splitlines() if any(word in line for word in wanted))


def surroundings(around: Around, known: Mapping[str, Sequence[str]], secrets_: Sequence[bytes]) -> Trial:
    """Look for identifiers and keys in what commands leave behind outside the project."""
    own = {f"the history of {name}": own_lines(data) for name, data in around.histories.items()}
    own["the list of processes"] = around.processes
    left = {f"{name} in the temporary folder": data for name, data in around.temporary.items()}
    forms = [form for secret in secrets_ for form in forms_of(secret)]
    found = []
    for name, packed in sorted((own | left).items()):
        data = unpacked(name.partition(")")[0], packed)
        kinds = {kind for kind, texts in known.items() if known_in(data, texts)}
        if name in own:
            kinds |= set(patterns_in(data)) & CONFIRMED
            kinds |= {"a key"} if places_with_keys({name: data}, secrets_) else set()
        elif any(form in data for form in forms):
            kinds.add("a key")
        if kinds:
            found.append(f"{name} holds what looks like: {', '.join(sorted(kinds))}")
    return Trial(
        "surroundings",
        "What commands leave around a project",
        "Somebody at the same machine, who reads histories of shells, the list of processes, the temporary folder.",
        f"lines that call this program in {len(around.histories)} histories, the command lines of running processes, "
        f"{len(around.temporary)} files of this program in the temporary folder: identifiers of the inbox and "
        "the project's keys; in histories and command lines also any number with its check character, and any key.",
        tuple(found) or ("nothing was found",),
        "No command takes an identifier, a key or a passphrase as a word: they are asked for, or read from a file.",
        judged(bool(found)),
        "This user's histories and processes only; names of files are words too, so never call a file after a person.",
    )
