"""One page in the forms that people ask for: HTML, Word, PDF."""

from __future__ import annotations

from typing import Literal, get_args

from cohorts.gate.outgoing import Outgoing
from evaluation.errors import EvaluationError
from evaluation.printed import errors as _codes  # noqa: F401 - declares the codes raised here
from workspace.errors import did_you_mean

Form = Literal["html", "word", "pdf", "all"]


def checked_form(asked: str) -> Form:
    """A form by its name.

    Raises
    ------
    EvaluationError
        LC710 where there is no such form.
    """
    for form in get_args(Form):
        if asked.lower() == form:
            return form  # type: ignore[no-any-return]
    raise EvaluationError(
        "LC710",
        f"a report is not made as '{asked}'.{did_you_mean(asked, get_args(Form))}",
        "Ask for --to html, --to word, --to pdf or --to all.",
    )


def in_forms(name: str, page: str, form: Form, subjects: tuple[str, ...]) -> tuple[Outgoing, ...]:
    """A page of ours as files on their way out: all are made of the one page, so none says anything else.

    Parameters
    ----------
    name
        The path below the target folder, without an ending.
    page
        The whole HTML of a report: one ``h1``, tables with captions, drawings as SVG with a title.
    form
        Which files to make.
    subjects
        Whose numbers the page bears.
    """
    made: list[Outgoing] = []
    if form in ("html", "all"):
        made.append(Outgoing(f"{name}.html", page.encode("utf-8"), subjects))
    if form in ("word", "all"):
        from evaluation.word.report import word_report

        made.append(Outgoing(f"{name}.docx", word_report(page), subjects))
    if form in ("pdf", "all"):
        from evaluation.printed.browser import print_page

        made.append(Outgoing(f"{name}.pdf", print_page(page), subjects))
    return tuple(made)
