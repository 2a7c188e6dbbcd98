"""A whole site as files: pages, full reports, data, the style sheet, and a list of what belongs to it (pure)."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Sequence
from html import unescape

from cohorts.gate.outgoing import Outgoing
from evaluation.reporting.html import render_whole
from evaluation.result import as_payload
from evaluation.site.about import about_page
from evaluation.site.cohorts_page import cohorts_page
from evaluation.site.delivery_pages import actions_page, claims_page, voice_page
from evaluation.site.evidence_map import map_page
from evaluation.site.findings import data_path, finding_pages, report_path
from evaluation.site.home import home_page
from evaluation.site.logic_model import model_pages
from evaluation.site.measures import measure_pages
from evaluation.site.model import Held, Page, Released
from evaluation.site.plans import plan_pages
from evaluation.site.rendering import chrome, environment, render_page, style
from workspace.console import to_json

LIST = "site.json"
STYLE = "style.css"
CELL = re.compile(r"<t[dh](?: scope=\"row\")?>(.*?)</t[dh]>", re.DOTALL)
TAG = re.compile(r"<[^>]+>")
WITHHELD = re.compile(r"too few|fewer than \d|withheld|not shown", re.IGNORECASE)


def site_pages(held: Held) -> tuple[Page, ...]:
    """Every page of the site."""
    return (
        home_page(held),
        *finding_pages(held),
        *model_pages(held),
        map_page(held),
        *measure_pages(held),
        cohorts_page(held),
        *plan_pages(held),
        claims_page(held),
        actions_page(held),
        voice_page(held),
        about_page(held),
    )


def site_files(held: Held, version: str) -> tuple[Outgoing, ...]:
    """Everything that is written, the list of it last. The same project on the same day gives the same bytes."""
    templates, site = environment(), chrome(held, version)
    files = [
        Outgoing(page.path, render_page(templates, page, site).encode("utf-8"), page.subjects, page.outputs)
        for page in site_pages(held)
    ]
    for name, whole in sorted(held.wholes.items()):
        page = render_whole(whole, held.worded.get(name, ()), released=True)
        files.append(Outgoing(report_path(name), page.encode("utf-8"), (name,)))
        data = to_json(as_payload(whole.result, whole.profile)) + "\n"
        files.append(Outgoing(data_path(name), data.encode("utf-8"), (name,)))
    files.append(Outgoing(STYLE, style(templates).encode("utf-8")))
    files.append(Outgoing(LIST, listed(files)))
    return tuple(files)


def listed(files: Sequence[Outgoing]) -> bytes:
    """What belongs to the site, with fingerprints, so that a later build removes what no longer does."""
    names = {one.name: hashlib.sha256(one.data).hexdigest() for one in files}
    return (json.dumps({"files": dict(sorted(names.items()))}, indent=1) + "\n").encode("utf-8")


def released(files: Iterable[Outgoing]) -> Released:
    """How many cells of tables hold a number, and how many say that one is withheld."""
    numbers = withheld = 0
    for file in files:
        if file.name.endswith(".html"):
            for cell in cells(file.data.decode("utf-8")):
                withheld += bool(WITHHELD.search(cell))
                numbers += not WITHHELD.search(cell) and any(letter.isdigit() for letter in cell)
    return Released(numbers, withheld)


def cells(page: str) -> list[str]:
    """The words of every cell of every table."""
    return [" ".join(unescape(TAG.sub(" ", found)).split()) for found in CELL.findall(page)]
