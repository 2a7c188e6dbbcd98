"""Words and links that all pages share (pure)."""

from __future__ import annotations

import datetime as dt
import re

from markupsafe import Markup

from evaluation.reporting.page_one import SECURITY_WORDS
from evaluation.reporting.signs import Mark
from theory_of_change.drawing.signs import LinkState

NOT_SAID = "not said"
EXPLORATORY = ", exploratory"  # behind the name of a run outside the lock
ISO_DAY = re.compile(r"\b\d{4}-\d{2}-\d{2}\b")
MINUS = re.compile(r"(?<![\w–-])-(?=\d)")
SHORT_MONTH = re.compile(r"\b([A-Z][a-z]{2})[a-z]+")
STATE_MEANING = {
    "registered": "Planned. No result is due yet.",
    "running": "Outcomes are coming in.",
    "overdue": "The report is late.",
    "stopped": "Stopped before the end.",
    "reported": "The finding is here.",
    "published": "The finding was published.",
    "disputed": "Somebody disputes the finding.",
    "exploratory": "Run without a plan locked first.",
}


def day_words(iso: str) -> str:
    """A day as people write it, from the first ten signs of an ISO time."""
    if not iso:
        return NOT_SAID
    try:
        day = dt.date.fromisoformat(iso[:10])
    except ValueError:
        return iso
    return f"{day.day} {day:%B %Y}"


def short_day(iso: str) -> str:
    """A day as it stands in tables, kept on one line."""
    return day_words(iso) if not iso else SHORT_MONTH.sub(r"\1", day_words(iso)).replace(" ", "\u00a0")


def dated(text: str) -> str:
    """A text with its ISO days written as people write them, and with true minus signs."""
    return MINUS.sub("−", ISO_DAY.sub(lambda found: day_words(found[0]), text))


def anchor(href: str, text: str) -> Markup:
    """A link, both parts escaped."""
    return Markup('<a href="{}">{}</a>').format(href, text)


def anchors(links: list[Markup]) -> Markup:
    """Several links, a comma between."""
    return Markup(", ").join(links)


def trust_words(security: int) -> str:
    """How far to trust a finding, in words and of five."""
    return f"{SECURITY_WORDS[min(max(security, 0), 5)]} ({security} of 5)"


def file_name(identity: str) -> str:
    """An id as part of a file's name on any machine."""
    return identity.replace(">", "-to-").replace(":", ".").replace("/", "-").replace(" ", "-")


def finding_path(evaluation: str) -> str:
    """Where the page of a finding is."""
    return f"findings/{file_name(evaluation)}.html"


def plan_path(plan: str) -> str:
    """Where the page of a plan is."""
    return f"plans/{file_name(plan)}.html"


def box_path(box: str) -> str:
    """Where the page of a box is."""
    return f"model/box-{file_name(box)}.html"


def link_path(link: str) -> str:
    """Where the page of a link is."""
    return f"model/link-{file_name(link)}.html"


def measure_path(measure: str) -> str:
    """Where the page of a success measure is."""
    return f"measures/{file_name(measure)}.html"


def state_mark(state: LinkState) -> Mark:
    """The sign of a link as a mark; a link without a sign has a dot."""
    tones = {"✓": "works", "0": "none", "~": "unsure", "!": "worse"}
    return Mark(state.sign or "·", state.words, tones.get(state.sign, "open"))  # type: ignore[arg-type]
