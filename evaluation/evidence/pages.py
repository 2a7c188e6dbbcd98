"""A pooled answer and the gap map as one HTML file each: no script, no request, words beside every sign (pure)."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from html import escape

from evaluation.evidence.funnel import FunnelPlot, funnel_plot
from evaluation.evidence.gap_map import GapMap
from evaluation.evidence.payloads import forest
from evaluation.evidence.pool import Pool
from evaluation.evidence.views import KEY, cell_words, gap_words, pool_lines
from evaluation.reporting.charts import ForestRow, forest_svg, multiples
from evaluation.reporting.signs import INK, PAPER, SIGNS, TONES, Mark, capital
from evaluation.wording import ANSWER_WORDS

STYLE = (
    f"body{{font:16px/1.5 Arial,Helvetica,sans-serif;color:{INK};background:{PAPER};max-width:60rem;margin:2rem auto;"
    "padding:0 1rem}table{border-collapse:collapse}th,td{border:1px solid #b1b4b6;padding:.3rem .6rem;text-align:left;"
    "vertical-align:top}td.gap{background:#f3f2f1}svg{max-width:100%;height:auto}"
)


def pool_page(found: Pool) -> str:
    """The pooled answer with its forest (drawn where a difference that matters is set)."""
    rows = [
        [
            r["label"],
            r["design"],
            f"{r['value']:.3g}",
            f"{r['conf_low']:.3g} to {r['conf_high']:.3g}",
            f"{100 * r['weight']:.1f} %",
        ]
        for r in forest(found)
    ]
    parts = [
        *(f"<p>{escape(line)}</p>" for line in pool_lines(found)),
        *_drawn(found),
        _table(["Study", "Design", "Effect", "95 % interval", "Weight"], rows),
        *_funnel(funnel_plot(found)),
        _list("Left out", (f"{one.label}: {one.reason}" for one in found.left_out)),
        _list("Under other settings", (f"{one.name}: {ANSWER_WORDS[one.answer]}" for one in found.otherwise)),
    ]
    return _page(f"What is known of {found.asked.outcome}", parts)


def _drawn(found: Pool) -> list[str]:
    """The forest, and its numbers as a table."""
    margin, question = found.question.margin, found.question
    if margin is None or found.moderators:
        return []
    unit = abs(math.log(margin)) if question.is_ratio else margin
    turn = 1 if question.better == "higher" else -1
    rows = []
    for row in found.rows:
        half = 1.959963984540054 * float(row.found.std_error or 0.0)
        ends = sorted(turn * (row.found.value + side * half) / unit for side in (-1, 1))
        mark = Mark("", f"{100 * row.weight:.0f} % of the weight", "open")
        rows.append(ForestRow(row.candidate.label, turn * row.found.value / unit, ends[0], ends[1], mark))
    ends = sorted(turn * end / unit for end in (found.average.conf_low, found.average.conf_high))
    tone = TONES[found.reading.answer]
    mark = Mark(SIGNS[tone], capital(ANSWER_WORDS[found.reading.answer]), tone)
    rows.append(ForestRow("On average", turn * found.average.value / unit, ends[0], ends[1], mark))
    title = f"Effects on {found.asked.outcome}, in differences that matter"
    numbers = [[row.name, *multiples(row)] for row in rows]
    heads = ["In differences that matter; above 0 is better", "Effect", "95 % interval"]
    return [f"<figure>{forest_svg(rows, title=title, prefix='pool')}</figure>", _table(heads, numbers)]


def _funnel(found: FunnelPlot | None) -> list[str]:
    """The funnel with how to read it, and its numbers as a table."""
    if found is None:
        return []
    said = f"<figure><figcaption><strong>{escape(found.title)}.</strong> {escape(found.reading)}</figcaption>"
    table = _table(["Study", f"Effect ({found.scale})", "Standard error"], found.rows)
    return [f"<h2>{escape(found.heading)}</h2>", f"{said}{found.svg}</figure>", table]


def map_page(found: GapMap) -> str:
    """The gap map as a table; gaps are grey and say so."""
    cells = {(cell.outcome, cell.column): cell for cell in found.cells}
    head = "".join(f"<th scope='col'>{_named(name, text)}</th>" for name, text in found.columns)
    body = []
    for row, text in found.rows:
        line = "".join(
            f"<td class='gap'>{'gap' if not cells[row, c].claims else 'gap, ' + escape(cell_words(cells[row, c]))}</td>"
            if cells[row, c].is_gap
            else f"<td>{escape(cell_words(cells[row, c]))}</td>"
            for c, _ in found.columns
        )
        body.append(f"<tr><th scope='row'>{_named(row, text)}</th>{line}</tr>")
    grid = f"<table><thead><tr><th scope='col'>Outcome</th>{head}</tr></thead><tbody>{''.join(body)}</tbody></table>"
    said = f"<p>{escape(gap_words(found))}</p><p>{escape(KEY)}</p>"
    return _page(f"Where there is evidence, by outcome and {found.across}", [said, grid])


def _named(name: str, text: str) -> str:
    return escape(f"{name}: {text}" if text else name)


def _table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    head = "".join(f"<th scope='col'>{escape(name)}</th>" for name in heads)
    body = "".join(
        "<tr>" + "".join(f"<td>{escape(str(cell))}</td>" for cell in row) + "</tr>" for row in rows
    )
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def _list(title: str, items: Iterable[str]) -> str:
    found = [f"<li>{escape(item)}</li>" for item in items]
    return f"<h2>{escape(title)}</h2><ul>{''.join(found)}</ul>" if found else ""


def _page(title: str, parts: Iterable[str]) -> str:
    return (
        f"<!doctype html>\n<html lang='en-GB'><head><meta charset='utf-8'>"
        "<meta name='viewport' content='width=device-width, initial-scale=1'>"
        f"<title>{escape(title)}</title><style>{STYLE}</style></head>\n"
        f"<body><main><h1>{escape(title)}</h1>\n{chr(10).join(part for part in parts if part)}\n</main></body></html>\n"
    )
