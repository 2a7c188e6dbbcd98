"""What deletion leaves behind: free pages, journals, forgotten copies, other databases (pure, on bytes)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from cohorts.attacks.model import Trial, judged

SQLITE = b"SQLite format 3\x00"
DUCKDB = b"DUCK"
ENDINGS = (".sqlite", ".sqlite3", ".db", ".duckdb", ".bak", ".dump", ".sql", ".backup", "-journal", "-wal")
_HEADER = 100


def free_pages_with_content(data: bytes) -> int:
    """Free pages of an SQLite file that still hold something. A page that was overwritten is all zeros."""
    if data[:16] != SQLITE or len(data) < _HEADER:
        return 0
    size = int.from_bytes(data[16:18], "big")
    size = 65_536 if size == 1 else size
    trunk, found, seen = int.from_bytes(data[32:36], "big"), 0, set[int]()
    while trunk and trunk not in seen and trunk * size <= len(data):
        seen.add(trunk)
        page = data[(trunk - 1) * size : trunk * size]
        count = min(int.from_bytes(page[4:8], "big"), size // 4 - 2)
        leaves = [int.from_bytes(page[8 + 4 * i : 12 + 4 * i], "big") for i in range(count)]
        found += any(page[8 + 4 * count :])
        found += sum(any(data[(leaf - 1) * size : leaf * size]) for leaf in leaves)
        trunk = int.from_bytes(page[:4], "big")
    return found


def stray_databases(files: Iterable[tuple[str, bytes]], own: str) -> list[str]:
    """Copies and other databases: by their ending or by their first bytes; the project's own is not one."""
    found = []
    for name, start in files:
        looks = start[:16] == SQLITE or start[8:12] == DUCKDB
        if name != own and (looks or name.lower().endswith(ENDINGS)):
            found.append(name)
    return sorted(found)


def residue(
    database: bytes | None,
    secure_delete: bool | None,
    strays: Sequence[str],
    pragmas: Mapping[str, str],
    erased: tuple[int, int] = (0, 0),
) -> Trial:
    """Deleted rows in the file, and copies beside it. ``database`` is None on a server, where it is not looked at.

    ``erased`` counts people who were erased and erasures that are not tidied up: free pages of those are to be
    overwritten yet.
    """
    pages = free_pages_with_content(database) if database is not None else 0
    found = [f"a copy or another database lies about: {name}" for name in strays[:20]]
    found += ["free pages of the database still hold what was deleted"] if pages else []
    found += ["deleted rows are not overwritten: secure_delete is off"] if secure_delete is False else []
    found += ["an erasure is not tidied up: the space it left may still hold the person"] if erased[1] else []
    asked = ", ".join(f"{name} = {value}" for name, value in pragmas.items())
    place = (
        f"the free pages of the database file ({asked})"
        if database is not None
        else "the project folder only"
    )
    return Trial(
        "residue",
        "What deletion left behind",
        "A copy of the disk: the database file byte by byte, and every file of the project.",
        f"{place}; endings and first bytes of every file outside the database's own; "
        f"{'some people were' if erased[0] else 'nobody was'} erased so far, by the tombstones.",
        tuple(found) or ("nothing deleted is left, and no copy lies about",),
        "secure_delete overwrites what is deleted; the journal is removed after each change; one database file.",
        judged(bool(found)),
        "Backups elsewhere, snapshots of the file system and worn cells of a flash disk are not looked at."
        + ("" if database is not None else " A server keeps its own files: ask whoever runs it to vacuum."),
    )
