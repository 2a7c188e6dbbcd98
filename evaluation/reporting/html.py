"""The evaluation report as one file that stands alone: no script, no request, words beside every colour."""

from __future__ import annotations

from evaluation.model import Result
from evaluation.nouns import nouns_of
from evaluation.protection import profile_for
from evaluation.reporting.page_one import page_one
from evaluation.reporting.sections import sections
from evaluation.reporting.signs import COLOURS, INK, PAPER, QUIET, is_exploratory, key_marks
from evaluation.saved.model import Whole
from workspace.settings import DisclosureProfile

TEMPLATE = "report.html"


def render_report(
    result: Result, profile: DisclosureProfile, *, audit_head: str = "", practice: bool = False
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

    Returns
    -------
    str
        One HTML file; the same result gives the same text.
    """
    profile = profile_for(result.primary.units, profile)
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader("evaluation.reporting", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    return environment.get_template(TEMPLATE).render(
        result=result,
        plan=result.plan,
        nouns=nouns_of(result.primary.units, result.method),
        profile=profile,
        first=page_one(result, profile),
        rest=sections(result, profile),
        key=key_marks(),
        colours=COLOURS,
        ink=INK,
        paper=PAPER,
        quiet=QUIET,
        status=status_of(result, practice=practice),
        exploratory=is_exploratory(result.plan),
        version=str(result.provenance.get("lifecourse") or "not recorded"),
        audit_head=audit_head,
    )


def render_whole(whole: Whole) -> str:
    """The report of a result that was kept whole: byte for byte as when it was run."""
    return render_report(whole.result, whole.profile, audit_head=whole.audit_head, practice=whole.practice)


def status_of(result: Result, *, practice: bool) -> tuple[tuple[str, str], ...]:
    """The status line: a word and what it means."""
    said: list[tuple[str, str]] = []
    if practice:
        said.append(("Demonstration", "Everyone in it is made up."))
    if is_exploratory(result.plan):
        said.append(
            (
                "Exploratory",
                "The plan was not locked before outcomes could be seen: a question, not an answer.",
            )
        )
    return tuple(said) or (("Draft", "Not yet released."),)
