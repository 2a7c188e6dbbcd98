"""Codes about rights and erasure."""

from __future__ import annotations

CODES: dict[str, tuple[str, str, str]] = {
    "LC890": (
        "There is no seal key",
        "Tokens are kept sealed under a key outside the project, so that an old copy of the database is worthless "
        "after an erasure. The key of this database was not found.",
        "Restore the .seal file from its safe copy, or restore a backup with lifecourse restore.",
    ),
    "LC891": (
        "The seal key does not fit the database",
        "The database is an older or newer state than the seal key, as when a copy of its file from before an "
        "erasure was put back. The key of that state was destroyed by the erasure.",
        "Put the right database back, or restore a backup with lifecourse restore.",
    ),
    "LC892": (
        "The seal key cannot be used",
        "The file cannot be read as a seal key, its secret does not fit its id, or it is another project's.",
        "Restore the .seal file from its safe copy.",
    ),
    "LC893": (
        "Nobody was named",
        "A request names people by identifiers typed at a prompt, piped in, or in a small file; never as words of "
        "the command, where others could read them.",
        "Give --kind and type the identifier when asked, pipe it in, or give --source and --file.",
    ),
    "LC894": (
        "The erasure was not confirmed",
        "An erasure cannot be taken back, so it is asked for twice.",
        "Answer yes when asked, or give --yes.",
    ),
    "LC895": (
        "The rights request cannot be used",
        "There is no request of that id, it was answered already, or it is of another kind.",
        "lifecourse cohort rights lists the requests.",
    ),
    "LC896": (
        "The identifier does not have the form of its kind",
        "It is malformed, a placeholder, or its check character does not fit. It is not shown here.",
        "Look at the request again and type it as it is written there.",
    ),
    "LC897": (
        "A word is not one of those a request knows",
        "Kinds, scopes, reasons, exemptions and decisions are codes, so that no free text about a person is kept.",
        "Use one of the words the message lists.",
    ),
}
