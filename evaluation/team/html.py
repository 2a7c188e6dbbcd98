"""A report as one HTML file: no script, no request, the look of the evaluation report."""

from __future__ import annotations

from evaluation.reporting.signs import COLOURS, INK, PAPER, QUIET
from evaluation.team.paper import Paper

TEMPLATE = "team.html"


def as_html(paper: Paper) -> str:
    """The report as HTML; the same report gives the same text."""
    from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined

    packages = ("evaluation.team", "evaluation.reporting")
    environment = Environment(
        loader=ChoiceLoader([PackageLoader(package, "templates") for package in packages]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    return environment.get_template(TEMPLATE).render(
        report=paper, exploratory=False, colours=COLOURS, ink=INK, paper=PAPER, quiet=QUIET
    )
