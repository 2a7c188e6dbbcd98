"""Traces of people: identifiers, names, birth dates and contact details where none belong (pure, on bytes).

Two ways: patterns with their check digits, which need to know nobody; and the very identifiers of the inbox, which
miss nothing that is written as the partner wrote it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

import polars as pl

from cohorts.attacks.model import Trial, judged
from cohorts.gate.documents import PICTURES, ZIPPED, contents_of
from cohorts.identifiers import check_of_nhs, check_of_pnc, check_of_upn

_UPN = "ABCDEFGHJKLMNPQRTUVWXYZ"
SHORTEST = 6
PACKED = (".pdf", *ZIPPED, *PICTURES)
_DATA_URI = re.compile(r"data:[\w/+.-]+;base64,[A-Za-z0-9+/=\s]+")
_DRAWING = re.compile(r"\s(?:d|points|transform|style)=\"[^\"]*\"|<style.*?</style>", re.DOTALL)
_HEX = re.compile(r"\b[0-9a-f]{32,}\b")


def _nhs(text: str) -> bool:
    digits = re.sub(r"\D", "", text)
    if len(set(digits)) == 1:
        return False
    return check_of_nhs(digits[:9]) == int(digits[9])


def _upn(text: str) -> bool:
    return check_of_upn(text[1:]) == text[0]


def _pnc(text: str) -> bool:
    found = re.fullmatch(r"(?:\d\d)?(\d\d)/(\d{7})([A-Z])", text)
    return found is not None and check_of_pnc(found[1] + found[2]) == found[3]


def _yes(_text: str) -> bool:
    return True


@dataclass(frozen=True, slots=True)
class Pattern:
    """A kind of trace: how it looks, and whether its check character fits."""

    name: str
    shape: re.Pattern[str]
    fits: Callable[[str], bool] = _yes
    in_store: bool = True


PATTERNS = (
    Pattern("NHS number", re.compile(r"(?<![\w.+/=-])\d{3}[ -]?\d{3}[ -]?\d{4}(?![\w/=-])(?!\.\d)"), _nhs),
    Pattern("UPN", re.compile(rf"(?<![\w+/=])[{_UPN}]\d{{11}}[\d{_UPN}](?![\w+/=])"), _upn),
    Pattern("PNC ID", re.compile(r"(?<![\w/])(?:\d\d)?\d\d/\d{7}[A-Z](?![\w/])"), _pnc),
    Pattern("prison number", re.compile(r"(?<![\w+/=])[A-Z]\d{4}[A-Z]{2}(?![\w+/=])")),
    Pattern("postcode", re.compile(r"(?<![\w+/=])[A-Z]{1,2}\d[A-Z\d]? ?\d[ABD-HJLNP-UW-Z]{2}(?![\w+/=])")),
    Pattern("e-mail address", re.compile(r"(?<![\w.+-])[\w.+-]+@[\w-]+\.[\w.]{2,}")),
    Pattern("mobile number", re.compile(r"(?<![\w.+/=-])(?:\+44 ?|0)7\d{3} ?\d{3} ?\d{3}(?![\w/=-])")),
    Pattern(
        "birth date", re.compile(r"(?<![\w/-])\d{1,2}/\d{1,2}/(?:19|20)\d\d(?![\w/-])"), _yes, in_store=False
    ),
)


def patterns_in(data: bytes, *, store: bool = False) -> dict[str, int]:
    """How many traces of each kind a file holds; of the store's raw bytes only what a check digit confirms."""
    text = data.decode("utf-8", "replace") if not store else data.decode("latin-1")
    text = _HEX.sub(" ", _DRAWING.sub(" ", _DATA_URI.sub(" ", text)))
    chosen = [p for p in PATTERNS if not store or (p.in_store and p.fits is not _yes)]
    counts = {p.name: sum(p.fits(hit[0]) for hit in p.shape.finditer(text)) for p in chosen}
    return {name: n for name, n in counts.items() if n}


def unpacked(name: str, data: bytes) -> bytes:
    """What can be read in a file: of Word files, workbooks, PDFs and pictures their words, of all others their bytes.

    Packed bytes hide words, and offsets of a PDF look like numbers of people.
    """
    if not name.lower().endswith(PACKED):
        return data
    held = contents_of(name, data)
    return "\n".join((*held.texts, *held.cells)).encode("utf-8")


def without(data: bytes, words: Iterable[str]) -> bytes:
    """The same bytes with some words blanked out."""
    for word in words:
        data = data.replace(word.encode(), b" " * len(word))
    return data


def known_in(data: bytes, known: Iterable[str]) -> int:
    """How many different known texts occur in a file; never which."""
    needles = {
        n.encode(e, "replace").decode("latin-1")
        for n in known
        if len(n) >= SHORTEST
        for e in ("utf-8", "cp1252")
    }
    if not needles:
        return 0
    hits = pl.Series([data.decode("latin-1")]).str.extract_many(sorted(needles), overlapping=True)
    return int(hits.explode().drop_nulls().n_unique())


def traces(
    files: Mapping[str, bytes],
    database: bytes | None,
    known: Mapping[str, Iterable[str]],
    in_store: Iterable[str],
    key_ids: Iterable[str] = (),
) -> Trial:
    """Scan outputs and the raw bytes of the database.

    ``key_ids`` are names of keys, of which the store is full: twelve hexadecimal digits. Where all are decimal, the
    byte before them in the file can make one look like a pupil number, so they are blanked out first.

    ``known`` maps a kind to texts of the inbox that say who somebody is; ``in_store`` names the kinds that may not
    stand in the database either (birth dates may, where they are the index date).
    """
    needles = {kind: sorted(set(texts)) for kind, texts in known.items()}
    found = []
    for name, packed in sorted(files.items()):
        data = unpacked(name, packed)
        kinds = set(patterns_in(data)) | {kind for kind, texts in needles.items() if known_in(data, texts)}
        found += [f"{name} holds what looks like: {', '.join(sorted(kinds))}"] if kinds else []
    if database is not None:
        kinds = set(patterns_in(without(database, key_ids), store=True))
        kinds |= {kind for kind in set(in_store) & set(needles) if known_in(database, needles[kind])}
        found += [f"the database holds what looks like: {', '.join(sorted(kinds))}"] if kinds else []
    total = sum(len(texts) for texts in needles.values())
    return Trial(
        "traces",
        "Names, numbers and dates of people where none belong",
        "Whatever is published or kept: reports, evidence, public pages, plans, logs, records of failures, the "
        "database byte by byte; and the partner files.",
        f"{len(PATTERNS)} patterns with their check digits and {5 * round(total / 5):,} texts of the inbox in "
        f"{len(files):,} files{' and the database' if database is not None else ''}.",
        tuple(found) or ("nothing was found",),
        "Identifiers become tokens at the door; what no rule names is not read; errors hold no cell.",
        judged(bool(found)),
        f"Texts of fewer than {SHORTEST} characters, such as short surnames, are not looked for; nor is free text "
        "without a pattern.",
    )
