"""Pages as HTML, with the styles and the parts of the report (pure)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from evaluation.reporting.html import report_templates
from evaluation.reporting.signs import COLOURS, INK, PAPER, QUIET, key_marks
from evaluation.site.model import SECTIONS, Held, Page
from evaluation.site.words import day_words

if TYPE_CHECKING:
    from jinja2 import Environment

PALETTE = {"colours": COLOURS, "ink": INK, "paper": PAPER, "quiet": QUIET}


def environment() -> Environment:
    """Templates of the site, and those of the report, which it shares."""
    from jinja2 import ChoiceLoader, PackageLoader

    report = report_templates()
    loaders = [PackageLoader("evaluation.site", "templates"), report.loader]
    return report.overlay(loader=ChoiceLoader([one for one in loaders if one is not None]))


def style(templates: Environment) -> str:
    """The one style sheet: the report's, and what the site adds."""
    return "\n".join(templates.get_template(name).render(**PALETTE) for name in ("report.css", "site.css"))


def chrome(held: Held, version: str) -> dict[str, Any]:
    """What stands on every page."""
    return {
        "name": held.name,
        "practice": held.practice,
        "sections": SECTIONS,
        "contact": held.contact or held.name,
        "newest": newest_entry(held),
        "version": version,
    }


def newest_entry(held: Held) -> str:
    """The day of the newest entry in the register; the clock stands nowhere on the site."""
    days = [run.run_at for entry in held.register.entries for run in entry.runs]
    days += [note.noted_at for entry in held.register.entries for note in entry.notes]
    days += [entry.plan.locked_at for entry in held.register.entries]
    return day_words(max(days, default=""))


def render_page(templates: Environment, page: Page, site: dict[str, Any]) -> str:
    """One page; the same values give the same text."""
    return templates.get_template("site.html").render(
        page=page,
        view=page.view,
        site=site,
        key=key_marks(),
        exploratory=bool(page.view.get("exploratory")),
        **PALETTE,
    )
