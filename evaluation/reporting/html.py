"""The evaluation report as one file that stands alone: no script, no request, words beside every colour."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import TYPE_CHECKING, Any

from evaluation.checklists.filled import filled
from evaluation.checklists.model import Checked
from evaluation.checklists.places import Report, numbers_in, section_numbers
from evaluation.edits.model import Shown
from evaluation.edits.sentences import edited_page
from evaluation.model import Result
from evaluation.nouns import nouns_of
from evaluation.protection import profile_for
from evaluation.reporting.page_one import page_one
from evaluation.reporting.sections import sections
from evaluation.reporting.signs import COLOURS, INK, PAPER, QUIET, is_exploratory, key_marks, why_exploratory
from evaluation.saved.model import Whole
from workspace.settings import DisclosureProfile

if TYPE_CHECKING:
    from jinja2 import Environment

TEMPLATE = "report.html"


def render_report(
    result: Result,
    profile: DisclosureProfile,
    *,
    audit_head: str = "",
    practice: bool = False,
    shown: Sequence[Shown] = (),
    released: bool = False,
) -> str:
    """The report of one evaluation as HTML.

    Parameters
    ----------
    result
        The evaluation. Its primary outcome carries page one.
    profile
        Which counts are withheld and how the others are rounded.
    audit_head
        The head of the audit chain, printed in the footer when given.
    practice
        Whether the project holds made-up people only.
    shown
        The sentences of page one where the team worded some; without any they are the program's own.
    released
        Whether it goes out with the evidence site, and is a draft no longer.

    Returns
    -------
    str
        One HTML file; the same result gives the same text.
    """
    said = _said(result, profile, audit_head, shown=shown, practice=practice, released=released)
    page = _page(said)  # once without checklists: they name its tables by number, and stand behind them all
    return _page(said | {"checked": _checked(said, page)})


def report_checklists(whole: Whole) -> tuple[Checked, ...]:
    """The checklists of a report, with the places they name as they are in it."""
    said = _said(whole.result, whole.profile, whole.audit_head, practice=whole.practice)
    return _checked(said, _page(said))


def _checked(said: dict[str, Any], page: str) -> tuple[Checked, ...]:
    return filled(Report(said["result"], said["first"], said["rest"], numbers_in(page)))


def _said(
    result: Result,
    profile: DisclosureProfile,
    audit_head: str,
    *,
    shown: Sequence[Shown] = (),
    practice: bool,
    released: bool = False,
) -> dict[str, Any]:
    """All that the templates print."""
    profile = profile_for(result.primary.units, profile)
    rest = sections(result, profile)
    return {
        "result": result,
        "plan": result.plan,
        "nouns": nouns_of(result.primary.units, result.method),
        "profile": profile,
        "first": edited_page(page_one(result, profile), shown),
        "rest": rest,
        "checked": (),
        "checklists_number": section_numbers(rest)["checklists"],
        "key": key_marks(),
        "colours": COLOURS,
        "ink": INK,
        "paper": PAPER,
        "quiet": QUIET,
        "status": status_of(result, practice=practice, released=released),
        "exploratory": is_exploratory(result.plan),
        "version": str(result.provenance.get("lifecourse") or "not recorded"),
        "audit_head": audit_head,
    }


def _page(said: dict[str, Any]) -> str:
    return report_templates().get_template(TEMPLATE).render(**said)


@cache
def report_templates() -> Environment:
    """The templates of the report, read once however many reports are made."""
    from jinja2 import Environment, PackageLoader, StrictUndefined

    return Environment(
        loader=PackageLoader("evaluation.reporting", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )


def render_whole(whole: Whole, shown: Sequence[Shown] = (), *, released: bool = False) -> str:
    """The report of a result that was kept whole: byte for byte as when it was run, but for words of the team.

    ``released`` says in its status line that it is out.
    """
    return render_report(
        whole.result,
        whole.profile,
        audit_head=whole.audit_head,
        practice=whole.practice,
        shown=shown,
        released=released,
    )


def status_of(result: Result, *, practice: bool, released: bool = False) -> tuple[tuple[str, str], ...]:
    """The status line: a word and what it means."""
    said: list[tuple[str, str]] = []
    if practice:
        said.append(("Demonstration", "Everyone in it is made up."))
    if is_exploratory(result.plan):
        said.append(("Exploratory", why_exploratory(result.plan)))
    draft = ("Released", "On the evidence site.") if released else ("Draft", "Not yet released.")
    return tuple(said) or (draft,)
