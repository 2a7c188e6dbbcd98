"""How evidence looks in a terminal."""

from __future__ import annotations

from evaluation.evidence.actions import Added, Library
from evaluation.evidence.claim_readings import Assessed
from evaluation.evidence.conflicts import Conflict
from evaluation.evidence.figures import printed
from evaluation.evidence.gap_map import Cell, GapMap
from evaluation.evidence.model import Study, Version
from evaluation.evidence.payloads import forest
from evaluation.evidence.pool import Pool
from evaluation.evidence.readings import figure_words, read_version
from evaluation.register import views as register_views
from evaluation.reporting.signs import SIGNS, TONES
from workspace.console import say, table

MOST_SHOWN = 12
SCALE_WORDS = {"smd": "standardised difference", "risk-difference": "difference in risk"}


def p_words(p: float | None) -> str:
    """A p-value as people read it."""
    return "" if p is None else "below 0.001" if p < 0.001 else f"{p:.3f}"


def added(found: tuple[Added, ...], *, written: bool) -> None:
    """What became of each record."""
    for one in found[:MOST_SHOWN]:
        say(f"{one.record.id}: {one.what if written else f'would be {one.what}'}")
    if len(found) > MOST_SHOWN:
        say(f"… and {len(found) - MOST_SHOWN} more.")
    if written:
        say("Kept in evidence/outside/. Put it under git with your plans.")


def library(found: Library) -> None:
    """Studies of others, claims, our own findings; each with how we would read it."""
    if found.studies:
        table(
            ["Study", "Outcome", "Newest figures", "As we would read it", "Versions"],
            [
                [study.id, study.outcome, _newest(readings), _said(readings), str(len(study.versions))]
                for study, readings in found.studies
            ],
            title="Studies of others",
        )
        say()
    if found.claims:
        table(
            ["Claim", "Said by", "As we would read it"],
            [[one.claim.id, one.claim.said_by, one.reading.sentence] for one in found.claims],
            title="Claims (never pooled)",
        )
        say()
    say("Our own findings")
    register_views.register(found.register)
    if found.conflicts:
        say(f"{len(found.conflicts)} pairs of versions differ: lifecourse evidence conflicts")
    for gone in found.gone:
        what = "is missing" if gone.state == "missing" else "is not what this program last wrote"
        say(f"evidence/outside/{gone.record_id}.json {what}; fingerprint of what was written: {gone.sha256}")


def _newest(readings: tuple[tuple[Version, object], ...]) -> str:
    more = f" and {len(readings) - 1} more" if len(readings) > 1 else ""
    return figure_words(readings[0][0]) + more


def _said(readings: tuple[tuple[Version, object], ...]) -> str:
    said = [getattr(reading, "sentence", "") for _, reading in readings]
    return said[0] if len(set(said)) == 1 else f"{len(set(said))} readings: lifecourse evidence show ID"


def one(found: Study | Assessed) -> None:
    """A study with all its versions, or a claim with what would answer it."""
    if isinstance(found, Study):
        _study(found)
    else:
        _claim(found)


def _study(study: Study) -> None:
    say(f"{study.id}: {study.citation}")
    facts = (
        ("programme", study.programme), ("population", study.population), ("place", study.place),
        ("year", str(study.year or "")), ("design", study.design), ("outcome", study.outcome),
        ("measured by", study.measure), ("better", study.better),
        ("matters from", f"{study.minimum_important_difference:g} ({study.mid_source})"
         if study.minimum_important_difference else "not set"),
    )  # fmt: skip
    for name, value in facts:
        if value:
            say(f"  {name:<12} {value}")
    table(
        ["Date", "Part", "Figures", "People", "Source", "As we would read it"],
        [
            [
                version.date,
                version.part,
                figure_words(version),
                f"{version.n:,}" if version.n else "",
                version.source,
                read_version(study, version).sentence,
            ]
            for version in study.versions
        ],
    )
    for version in study.versions:
        if version.note or version.population:
            say(f"  {version.date}  {'; '.join(x for x in (version.population, version.note) if x)}")


def _claim(found: Assessed) -> None:
    claim = found.claim
    say(f"{claim.id}: “{claim.text}”")
    say(f"  said by      {claim.said_by}, {claim.date}{f', {claim.source}' if claim.source else ''}")
    say(f"  they said    compared with: {_plain(claim.comparison)}; chosen: {_plain(claim.chosen)}; "
        f"change: {_plain(claim.change)}; period: {claim.period or 'not said'}")  # fmt: skip
    say(f"  status       a claim{f', tested by {claim.tested_by}' if claim.tested_by else ', not tested'}")
    say(f"  we read it   {found.reading.sentence}")
    if found.design:
        say(f"  to answer it {found.design}")
    for question in found.questions:
        say(f"  to ask       {question}")


def _plain(word: str) -> str:
    return word.replace("-", " ")


def conflicts(found: tuple[Conflict, ...]) -> None:
    """Versions side by side."""
    if not found:
        say("No two versions of one study differ.")
        return
    for pair in found:
        say(f"{pair.study}{f' ({pair.part})' if pair.part else ''}: {', '.join(pair.differs)} differ")
        table(["", "Earlier", "Later"], _beside(pair))
        say(f"  {pair.question}")
        say()


def _beside(pair: Conflict) -> list[list[str]]:
    rows = [
        ("date", pair.earlier.date, pair.later.date),
        ("figures", figure_words(pair.earlier), figure_words(pair.later)),
        ("people", str(pair.earlier.n or ""), str(pair.later.n or "")),
        ("population", pair.earlier.population, pair.later.population),
        ("source", pair.earlier.source, pair.later.source),
        ("reported by", pair.earlier.reported_by, pair.later.reported_by),
    ]
    return [list(row) for row in rows if row[1] or row[2]]


def pool(found: Pool) -> None:
    """A pooled answer: the average, the spread, the next place, and what it hangs on."""
    scale = found.question.scale
    table(
        ["Study", "Design", "Effect", "95 % interval", "Weight"],
        [
            [
                f"{row['label']}{' (own)' if row['origin'] == 'own' else ''}{' (disputed)' if row['disputed'] else ''}",
                row["design"],
                f"{row['value']:.3g}",
                f"{row['conf_low']:.3g} to {row['conf_high']:.3g}",
                f"{100 * row['weight']:.1f} %",
            ]
            for row in forest(found)
        ],
    )
    say()
    for line in pool_lines(found):
        say(line)
    if found.moderators:
        table(
            ["On the scale of analysis", "Coefficient", "95 % interval", "p"],
            [
                [m.name, f"{m.value:.4g}", f"{m.conf_low:.4g} to {m.conf_high:.4g}", f"{p_words(m.p_value)}"]
                for m in (found.average, *found.moderators)
            ],
        )
    for left in found.left_out:
        say(f"Left out: {left.label}: {left.reason}.")
    if scale == "smd":
        say("A standardised difference is in standard deviations of the outcome.")


def pool_lines(found: Pool) -> list[str]:
    """The pooled answer in sentences."""
    scale, average, spread = found.question.scale, found.average, found.spread
    low, high = (printed(end, scale) for end in (average.conf_low, average.conf_high))
    margin, name = found.question.margin, SCALE_WORDS.get(scale, _plain(scale))
    lines = []
    if not found.moderators:
        lines += [
            f"On average over {len(found.studies)} studies: {found.reading.sentence}.",
            f"{name.capitalize()} {printed(average.value, scale):.3g}, 95 % interval {low:.3g} to {high:.3g}; "
            f"better is {found.question.better}; difference that matters: {f'{margin:g}' if margin else 'none'} "
            f"({found.margin_source}).",
        ]
    lines.append(f"Model: {found.model}.")
    q = f", Q {spread.q:.1f} on {spread.q_df}, p {p_words(spread.q_p)}" if spread.q is not None else ""
    lines.append(f"True effects differ with tau2 {spread.tau2:.3g}; I2 {100 * spread.i2:.0f} %{q}.")
    lines += [found.new_place] if found.new_place else []
    if found.asymmetry:
        lines.append(
            f"Small studies: Egger's t {found.asymmetry[0]:.2f} on {found.asymmetry[1]}, "
            f"p {p_words(found.asymmetry[2])}; {found.filled} studies seem to be missing (trim and fill). "
            "Neither tells missing studies from "
            "small ones that truly differ."
        )
    randomised = {row.candidate.study for row in found.rows if "randomised" in row.candidate.design}
    lines.append(f"{len(randomised)} of {len(found.studies)} studies were randomised.")
    if found.flipped_by:
        lines.append(f"Fragile: the answer is another one {'; '.join(found.flipped_by)}.")
    elif found.otherwise:
        lines.append(f"The answer is the same under all {len(found.otherwise)} other settings tried.")
    return lines


def gap_map(found: GapMap) -> None:
    """Outcomes down, activities across; a dot is a gap."""
    heads = [name for name, _ in found.columns]
    cells = {(cell.outcome, cell.column): cell for cell in found.cells}
    table(
        ["Outcome", *heads],
        [[row, *(cell_words(cells[row, column]) for column in heads)] for row, _ in found.rows],
    )
    say()
    for name, text in (*found.rows, *found.columns):
        if text:
            say(f"  {name}  {text}")
    say(KEY)
    say(gap_words(found))


def gap_words(found: GapMap) -> str:
    """How many cells hold no study; a claim fills none, and what is not placed has no cell to fill."""
    return f"{len(found.gaps)} of {len(found.placed)} cells are gaps."


KEY = (
    "A cell: studies: effects that ✓ work, 0 make no worthwhile difference, ~ cannot be told yet, ! harm, ? cannot be "
    "assessed; "
    "the best security of our own; the most that others' designs could earn; claims. · is a gap."
)


def cell_words(cell: Cell) -> str:
    """A cell in a few signs."""
    if cell.is_gap and not cell.claims:
        return "·"
    signs = " ".join(f"{SIGNS[TONES[answer]]}×{count}" for answer, count in cell.answers)  # type: ignore[index]
    parts = [f"{cell.studies}: {signs}" if cell.studies else "·"]
    parts += [f"security {cell.security}"] if cell.security is not None else []
    parts += [f"at most {cell.at_most}"] if cell.at_most is not None else []
    parts += [f"{cell.claims} claim{'s' if cell.claims > 1 else ''}"] if cell.claims else []
    return ", ".join(parts)
