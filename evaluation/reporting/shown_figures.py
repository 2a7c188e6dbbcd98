"""What of a method's figures and tables a report shows, outcome by outcome (pure)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from evaluation.figures import Figure
from evaluation.model import OutcomeResult, Result
from evaluation.protection import may_show
from evaluation.reporting.fact_tables import fact_table, for_analysts
from evaluation.reporting.figure_words import figure_tables, how_to_read, too_long
from evaluation.reporting.figures import draw_figure
from evaluation.reporting.signs import capital, is_exploratory
from evaluation.reporting.tables import Table
from workspace.settings import DisclosureProfile

LONGEST_PRINTED, WIDEST_PRINTED = 45, 9
NOTHING = "Nothing in it could be estimated, so it is not drawn."
TOO_MANY = "There are too many numbers for a page: they stand in the result as JSON, under figures."
PLACEBOS_LEFT = "The numbers of each placebo stand in the result as JSON, under figures."


@dataclass(frozen=True, slots=True)
class ShownFigure:
    """A drawing with how to read it and its numbers; ``printed`` says whether the numbers go on paper too."""

    title: str
    svg: str
    reading: str
    tables: tuple[Table, ...]
    left_out: str
    printed: bool


@dataclass(frozen=True, slots=True)
class ShownFacts:
    """A method's table with its note."""

    table: Table
    note: str


@dataclass(frozen=True, slots=True)
class Drawn:
    """What one outcome's method drew: the main figure, those that serve doubts, and tables."""

    name: str
    main: ShownFigure | None
    others: tuple[ShownFigure, ...]
    facts: tuple[ShownFacts, ...]
    for_analysts: tuple[ShownFacts, ...]


def drawn_outcomes(result: Result, profile: DisclosureProfile) -> tuple[Drawn, ...]:
    """Figures and tables of every outcome whose numbers may be shown; none where a method draws nothing."""
    stamp = "Exploratory. " if is_exploratory(result.plan) else ""
    return tuple(_drawn(outcome, i, stamp, profile) for i, outcome in enumerate(result.outcomes))


def _drawn(outcome: OutcomeResult, place: int, stamp: str, profile: DisclosureProfile) -> Drawn:
    if not may_show(outcome.kind, outcome.estimate, profile):
        return Drawn(outcome.name, None, (), (), ())
    figures = [
        _figure(figure, f"figure-{place}-{i}", stamp)
        for i, figure in enumerate(outcome.figures)
        if figure.lines
    ]
    facts = [(facts, ShownFacts(fact_table(facts, outcome.name), facts.note)) for facts in outcome.tables]
    return Drawn(
        outcome.name,
        figures[0] if figures else None,
        tuple(figures[1:]),
        tuple(shown for one, shown in facts if one.rows and not for_analysts(one)),
        tuple(shown for one, shown in facts if one.rows and for_analysts(one)),
    )


def _figure(figure: Figure, prefix: str, stamp: str) -> ShownFigure:
    drawing = draw_figure(figure, title=f"{stamp}{figure.title}", prefix=prefix)
    name = capital(figure.title)
    if not drawing.svg:
        return ShownFigure(name, "", NOTHING, (), "", printed=False)
    tables, left_out = _within(figure_tables(figure))
    printed = all(len(t.rows) <= LONGEST_PRINTED and len(t.head) <= WIDEST_PRINTED for t in tables)
    return ShownFigure(name, drawing.svg, how_to_read(figure, cut=drawing.cut), tables, left_out, printed)


def _within(tables: Sequence[Table]) -> tuple[tuple[Table, ...], str]:
    """The tables a page can carry: without single placebos where those are too many, or none."""
    if not too_long(tables):
        return tuple(tables), ""
    main = tuple(table for table in tables if not table.caption.endswith("one by one"))
    return ((), TOO_MANY) if too_long(main) or len(main) == len(tables) else (main, PLACEBOS_LEFT)
