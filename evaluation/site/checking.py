"""A whole site held against its rules: links, pages, drawings, colours, numbers, words, files (pure)."""

from __future__ import annotations

import hashlib
import json
import posixpath
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import unquote

from evaluation.claims.documents import from_html
from evaluation.claims.linter import lint
from evaluation.claims.model import Language, Subject
from evaluation.claims.subjects import subjects_of
from evaluation.reporting.page_tree import Element, read_page
from evaluation.site.building import LIST, STYLE
from evaluation.site.colour_rules import colour_faults, drawing_colours
from evaluation.site.drawing_rules import drawing_faults
from evaluation.site.number_rules import number_faults
from evaluation.site.page_rules import OUTSIDE, page_faults, style_faults
from evaluation.site.words import finding_path
from workspace.errors import Fault

REPORTS, DATA = "reports/", "data/"


def check_site(
    files: Mapping[str, bytes], fingerprints: Mapping[str, str], language: Language
) -> tuple[Fault, ...]:
    """Every fault of a site, file by file.

    Parameters
    ----------
    files
        Every file of the folder by its name with forward slashes.
    fingerprints
        What the build listed: names and SHA-256.
    language
        Words about people to point at.
    """
    texts = {name: data.decode("utf-8", "replace") for name, data in files.items() if name.endswith(".html")}
    pages = {name: read_page(text) for name, text in texts.items()}
    payloads = {name: payload for name, data in files.items() if (payload := _payload(name, data))}
    css = files.get(STYLE, b"").decode("utf-8", "replace")
    faults = [*_belongs(files, fingerprints), *style_faults(STYLE, css), *colour_faults(STYLE, css)]
    for name, page in pages.items():
        faults += page_faults(name, page)
        faults += drawing_faults(name, page, own=not name.startswith(REPORTS))
        faults += drawing_colours(name, page)
        faults += _links(name, page, files, pages)
    for payload in payloads.values():
        faults += number_faults(str(payload["evaluation"]), payload, pages)
    faults += _words(texts, payloads, language)
    return tuple(sorted(faults, key=lambda fault: (fault.where, fault.code, fault.problem)))


def _payload(name: str, data: bytes) -> dict[str, Any] | None:
    if not name.startswith(DATA) or not name.endswith(".json"):
        return None
    try:
        found = json.loads(data)
    except ValueError:
        return None
    return found if isinstance(found, dict) and "outcomes" in found else None


def _belongs(files: Mapping[str, bytes], fingerprints: Mapping[str, str]) -> Iterator[Fault]:
    for name, wanted in fingerprints.items():
        if name not in files:
            yield Fault("LC749", name, "the file is gone")
        elif hashlib.sha256(files[name]).hexdigest() != wanted:
            yield Fault("LC749", name, "the file was changed since the site was built")
    for name in files:
        if name not in fingerprints and name != LIST and name.endswith((".html", ".js")):
            yield Fault("LC749", name, "the page is not of this build")


def _links(
    name: str, page: Element, files: Mapping[str, bytes], pages: Mapping[str, Element]
) -> Iterator[Fault]:
    for one in page.all("a", "link"):
        address = one.get("href")
        if not address or OUTSIDE.match(address):
            if one.tag == "a" and not address:
                yield Fault("LC740", f"{name}:{one.line}", "a link has no address")
            continue
        if one.tag == "a" and not one.text:
            yield Fault("LC740", f"{name}:{one.line}", "a link has no words")
        path, _, place = address.partition("#")
        target = posixpath.normpath(posixpath.join(posixpath.dirname(name), unquote(path))) if path else name
        if target not in files:
            yield Fault("LC740", f"{name}:{one.line}", f"it names {target}, which is not there")
        elif place and not any(there.get("id") == place for there in pages[target].walk()):
            yield Fault("LC740", f"{name}:{one.line}", f"there is no place '{place}' on {target}")


def _words(
    texts: Mapping[str, str], payloads: Mapping[str, dict[str, Any]], language: Language
) -> Iterator[Fault]:
    """Errors of the check of claims, on the site's own pages; of findings against their own results."""
    subjects: dict[str, tuple[Subject, ...]] = {}
    for payload in payloads.values():
        subjects[finding_path(str(payload["evaluation"]))] = subjects_of(payload)
    for name, text in texts.items():
        if name.startswith(REPORTS):
            continue
        for one in lint(from_html(text), subjects.get(name, ()), language):
            if one.severity == "error":
                said = f"'{one.phrase}' ({one.rule}): {one.why}"
                yield Fault("LC748", f"{name}, {one.where}", said, one.instead)
