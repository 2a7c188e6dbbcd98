"""What an attacker could lay hands on: files of the project, the database byte by byte, identifiers of the inbox."""

from __future__ import annotations

import contextlib
import json
import re
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl
from sqlalchemy import inspect
from sqlmodel import Session

from cohorts.agreements.use_gate import refusals
from cohorts.attacks.formulas import cells_of
from cohorts.attacks.frequency import Field
from cohorts.attacks.parcels import Parcel, parcel_of
from cohorts.attacks.uniqueness import AT_MOST, QUASI_KINDS, Release
from cohorts.errors import CohortError
from cohorts.identifiers import KINDS, faults_in, normalise
from cohorts.partner_files.extracts import ENDINGS, read_extract
from cohorts.partner_files.mapping import AGES, SourceMapping
from cohorts.partner_files.source_file import read_mapping
from cohorts.store import StoredCohort, list_cohorts, list_variables, read_wide
from cohorts.synthetic import MARK
from cohorts.twins.file import NAMED
from workspace.database import database_path
from workspace.errors import LifecourseError
from workspace.postgresql import is_server
from workspace.project import Project
from workspace.statements import run
from workspace.toml_source import read_toml

LARGEST = 64 * 2**20
TABLES = (".csv", ".csv.gz", ".parquet", ".xlsx", ".ods", ".dta", ".sav")
MADE_TEXT = (".html", ".htm", ".csv")
NAMES, BIRTHS = "a text of a column that is not kept", "a birth date of the inbox"
# Fingerprints of one person's tokens: how often one stands there is the number of pairs asked about, not a rank.
# And persons' data keys, which are random.
FINGERPRINTS = frozenset({"cannot_link", "review_mark", "person_key"})
_TOKEN_LIKE = re.compile(r"[0-9a-f]{16,}|[A-Za-z0-9+/_-]{22,}={0,2}")
_KEY_ID = re.compile(r"[0-9a-f]{12,}")
_SYNTHETIC_SIDE = re.compile(rf".*{NAMED}.*\.(?:csv|parquet|dictionary\.json)")


@dataclass(frozen=True, slots=True)
class Loot:
    """The files: those that may be shown or kept (name to bytes), all names with their first bytes, the database."""

    files: dict[str, bytes]
    starts: tuple[tuple[str, bytes], ...]
    database: bytes | None
    own_database: str


def gather_files(project: Project) -> Loot:
    """Read the project folder, apart from the inbox and git, and the records of failures. Before any session opens."""
    own = "" if is_server(project.settings.database_url) else project.shown(database_path(project))
    files: dict[str, bytes] = {}
    starts: list[tuple[str, bytes]] = []
    database: bytes | None = None
    for path in _walk(project.root):
        name = project.shown(path)
        with contextlib.suppress(OSError), path.open("rb") as file:
            data = file.read(LARGEST if name != own else -1)
            starts.append((name, data[:32]))
            if name == own:
                database = data
            elif not name.startswith("inbox/"):
                files[name] = data
    for path in sorted(Path(tempfile.gettempdir()).glob("lifecourse-fault-*.txt")):
        with contextlib.suppress(OSError):
            files[path.name] = path.read_bytes()
    return Loot(files, tuple(starts), database, own)


def _walk(root: Path) -> Iterator[Path]:
    for path in sorted(root.rglob("*")):
        if ".git" not in path.relative_to(root).parts and path.is_file() and not path.is_symlink():
            yield path


def is_twin(name: str) -> bool:
    """Say whether a file is a synthetic twin or its dictionary, by its name."""
    return bool(_SYNTHETIC_SIDE.fullmatch(name))


def known_identifiers(project: Project) -> dict[str, list[str]]:
    """Who is in the inbox: identifiers by kind in canonical form, texts that are not kept (names), birth dates."""
    found: dict[str, set[str]] = {}
    for mapping in _mappings(project):
        for path in sorted(project.inbox.glob("*")):
            if not path.name.lower().endswith(ENDINGS):
                continue
            with contextlib.suppress(LifecourseError, OSError):
                frame = read_extract(path, encoding=mapping.encoding, sheet=mapping.sheet).frame
                if all(item.column in frame.columns for item in mapping.identifiers):
                    _remember(found, mapping, frame)
    return {kind: sorted(texts) for kind, texts in found.items()}


def _mappings(project: Project) -> list[SourceMapping]:
    found = []
    for path in sorted(project.sources.glob("*.toml")):
        with contextlib.suppress(CohortError):
            found.append(read_mapping(read_toml(path, CohortError)))
    return found


def _remember(found: dict[str, set[str]], mapping: SourceMapping, frame: pl.DataFrame) -> None:
    for item in mapping.identifiers:
        if item.kind in KINDS and item.kind != "local-id":
            values = normalise(frame[item.column], item.kind)
            good = values.filter(faults_in(values, item.kind).is_null())
            found.setdefault(item.kind, set()).update(good.to_list())
    for column in mapping.ignore:
        if column in frame.columns and frame[column].n_unique() > frame.height / 2:
            found.setdefault(NAMES, set()).update(frame[column].drop_nulls().str.strip_chars().to_list())
    for variable in mapping.variables:
        if variable.kind in AGES and variable.column in frame.columns:
            texts = frame[variable.column].drop_nulls().str.slice(0, 10)
            if texts.n_unique() > 1:
                found.setdefault(BIRTHS, set()).update(texts.to_list())


def token_fields(session: Session) -> list[Field]:
    """Every column of bytes, and of token-like text beside a participant, with its multiplicities. Counts only."""
    looked = inspect(session.connection())
    fields = []
    for table in sorted(set(looked.get_table_names()) - FINGERPRINTS):
        columns = looked.get_columns(table)
        about_people = any("participant" in column["name"] for column in columns)
        for column in columns:
            kind, name = str(column["type"]).upper(), str(column["name"])
            binary = kind.startswith(("BLOB", "BYTEA"))
            if binary or (
                about_people and kind.startswith(("TEXT", "VARCHAR")) and _is_token_like(session, table, name)
            ):
                fields.append(_field(session, table, name))
    return fields


def _is_token_like(session: Session, table: str, column: str) -> bool:
    rows = run(session, f"SELECT {column} FROM {table} WHERE {column} IS NOT NULL LIMIT 50").fetchall()  # noqa: S608
    return bool(rows) and all(_TOKEN_LIKE.fullmatch(str(row[0])) for row in rows)


def _field(session: Session, table: str, column: str) -> Field:
    counted = f"SELECT COUNT(*) AS n FROM {table} WHERE {column} IS NOT NULL GROUP BY {column}"  # noqa: S608
    row = run(
        session,
        f"SELECT COALESCE(SUM(n), 0), COALESCE(MAX(n), 0), COALESCE(SUM(CASE WHEN n > 1 THEN n ELSE 0 END), 0) "  # noqa: S608
        f"FROM ({counted}) AS counted",
    ).one()
    return Field(table, column, int(row[0]), int(row[1]), int(row[2]))


def key_ids(session: Session) -> list[str]:
    """The names of all keys that the store speaks of."""
    looked = inspect(session.connection())
    found: set[str] = set()
    for table in sorted(looked.get_table_names()):
        if any(str(column["name"]) == "key_id" for column in looked.get_columns(table)):
            rows = run(session, f"SELECT DISTINCT key_id FROM {table}").fetchall()  # noqa: S608
            found |= {name for row in rows for name in _KEY_ID.findall(str(row[0]))}
    return sorted(found)


def secure_delete(session: Session, project: Project) -> tuple[bool | None, dict[str, str]]:
    """Whether deleted rows are overwritten, and the settings that say so; nothing of a server."""
    if is_server(project.settings.database_url):
        return None, {}
    asked = {name: str(run(session, f"PRAGMA {name}").scalar()) for name in ("secure_delete", "journal_mode")}
    return asked["secure_delete"] == "1", asked


def erasures(session: Session) -> tuple[int, int]:
    """How many people were erased, and how many erasures are not tidied up yet."""
    erased = run(session, "SELECT COUNT(*) FROM tombstone").scalar()
    pending = run(session, "SELECT COUNT(*) FROM pending_erasure").scalar()
    return int(erased), int(pending)


def event_dates(session: Session) -> pl.DataFrame:
    """What others might know of people: the days and months of what happened to them; one row an event that stands."""
    rows = run(session, "SELECT participant_id, event_date FROM event WHERE recorded_to IS NULL").fetchall()
    shape = {"participant": pl.Int64, "day": pl.String}
    return pl.DataFrame([tuple(row) for row in rows], schema=shape, orient="row")


def parcels(project: Project, loot: Loot) -> list[Parcel]:
    """Backups anywhere in the project, prepared packs in the inbox, and vaults: each with the bytes it is made of."""
    found = [p for name, data in sorted(loot.files.items()) if (p := parcel_of(name, data))]
    for path in _walk(project.inbox) if project.inbox.is_dir() else ():
        with contextlib.suppress(OSError):
            found += [p] if (p := parcel_of(project.shown(path), path.read_bytes(), inbox=True)) else []
    return found


def row_releases(loot: Loot, variables: Iterable[str], root: Path) -> list[Release]:
    """Tables in the project, outside the inbox, that look like one row a person."""
    known, found = set(variables), []
    for name in sorted(loot.files):
        if not name.lower().endswith(TABLES) or not (root / name).is_file():
            continue
        with contextlib.suppress(LifecourseError, OSError):
            frame = read_extract(root / name).frame
            bare = {column.split("@")[0] for column in frame.columns}
            if len(bare & known) >= 2 or bare & {"participant", "pseudonym", *KINDS}:
                marked = NAMED in name and MARK in frame.columns and set(frame[MARK]) == {"1"}
                found.append(Release(name, frame, marked))
    return found


def quasi_frames(session: Session, project: Project) -> list[tuple[str, pl.DataFrame, tuple[str, ...]]]:
    """Each cohort with its unsealed values, and what others might know: categories, yes-or-no facts and ages.

    Cohorts whose data no agreement allows to be read any more are left out.
    """
    return [
        found
        for stored in list_cohorts(session)
        if not refusals(session, project, stored, "security") and (found := _quasi(session, stored))[1].height
    ]


def _quasi(session: Session, stored: StoredCohort) -> tuple[str, pl.DataFrame, tuple[str, ...]]:
    """Every unsealed column, and the names of the few that others are most likely to know."""
    unsealed = [
        (variable, wave)
        for variable in list_variables(session, stored.cohort_id)
        for wave in variable.waves
        if wave not in variable.sealed_waves
    ]
    frame = read_wide(session, stored.cohort_id, [(variable.name, wave) for variable, wave in unsealed])
    names = [f"{variable.name}@{wave}" for variable, wave in unsealed]
    quasi = [f"{v.name}@{wave}" for v, wave in unsealed if v.kind in QUASI_KINDS and wave == v.waves[0]]
    return stored.definition.name, frame.select("index_date", *names), tuple(quasi[:AT_MOST])


def tables_that_leave(loot: Loot, root: Path) -> dict[str, list[str]]:
    """The cells of every CSV, workbook and HTML file outside the inbox."""
    found: dict[str, list[str]] = {}
    for name, data in loot.files.items():
        if name.lower().endswith(MADE_TEXT):
            found[name] = cells_of(name, data)
        elif name.lower().endswith((".xlsx", ".ods")):
            with contextlib.suppress(LifecourseError, OSError):
                frame = read_extract(root / name).frame
                found[name] = [
                    *frame.columns,
                    *(str(c) for row in frame.rows() for c in row if c is not None),
                ]
    return found


def published_results(loot: Loot) -> list[tuple[str, dict[str, Any]]]:
    """Evaluation results as JSON, wherever they lie in the project."""
    found = []
    for name, data in sorted(loot.files.items()):
        if name.endswith(".json"):
            with contextlib.suppress(ValueError):
                result = json.loads(data)
                if isinstance(result, dict) and {"flow", "outcomes"} <= set(result):
                    found.append((name, result))
    return found


def texts_to_scan(loot: Loot) -> dict[str, bytes]:
    """Every file that holds text, apart from twins: their rows are looked at by themselves."""
    skipped = (".parquet", ".gz", ".png", ".jpg", ".woff2", ".age", ".key")
    return {n: d for n, d in loot.files.items() if not is_twin(n) and not n.lower().endswith(skipped)}
