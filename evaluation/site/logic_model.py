"""The logic model with what is known of every link, and a page for each box and each link (pure)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from evaluation.explaining.facts import LinkReading
from evaluation.explaining.protection import shown_links
from evaluation.reporting.signs import LOW_SECURITY, capital, is_exploratory
from evaluation.reporting.tables import Table
from evaluation.saved.model import Whole
from evaluation.site.model import Held, Page
from evaluation.site.words import NOT_SAID, anchor, box_path, day_words, finding_path, link_path, state_mark
from theory_of_change.drawing.legend import count_line
from theory_of_change.drawing.parts import MOST_BOXES, of_priority, priorities_in_use
from theory_of_change.drawing.picture import draw_theory
from theory_of_change.drawing.signs import STATES, state_key
from theory_of_change.drawing.svg import svg_text
from theory_of_change.drawing.verdict_file import FINDINGS
from theory_of_change.model import Box, Link, Theory
from theory_of_change.priorities import spoken_name

KINDS = {
    "activity": "What we do",
    "output": "What people get",
    "outcome": "What should change",
    "impact": "What it is for",
    "factor": "Outside our hands",
}
NO_MODEL = "No theory of change was written yet."
NO_EXPECTATION = "the theory does not say"


def model_pages(held: Held) -> tuple[Page, ...]:
    """The drawing with its table, then a page for each box and each link."""
    theory = held.theory
    if theory is None or not theory.boxes:
        return (Page("model.html", "Logic model", "model", "model.html", {"drawings": (), "none": NO_MODEL}),)
    verdicts = verdicts_of(held, theory)
    return (
        _drawn(theory, verdicts),
        *(_box_page(theory, box, verdicts) for box in theory.boxes),
        *(_link_page(held, theory, link, verdicts) for link in theory.links),
    )


def readings_of(held: Held) -> Iterator[tuple[Whole, LinkReading]]:
    """What each newest finding says of the links it tested, the newest finding first."""
    newest = [entry.findings[0] for entry in held.register.entries if entry.findings]
    for run in sorted(newest, key=lambda run: (run.run_at, run.evaluation_id), reverse=True):
        whole = held.wholes.get(run.evaluation_id)
        for reading in shown_links(whole.result, whole.profile) if whole else ():
            yield whole, reading  # type: ignore[misc]


def verdicts_of(held: Held, theory: Theory) -> dict[str, str]:
    """The answer of each link: the newest finding's, else that its test was stopped or is planned."""
    known = {link.id for link in theory.links}
    answers: dict[str, str] = {}
    for whole, reading in readings_of(held):
        answer = _answer(whole, reading)
        if answer and reading.link in known:
            answers.setdefault(reading.link, answer)
    for entry in held.register.entries:
        if not entry.is_planned or entry.findings:
            continue
        stopped = any(note.kind == "stop" for note in entry.notes)
        for link in entry.plan.links:
            if link in known:
                answers.setdefault(link, "stopped" if stopped else "planned")
    return answers


def _answer(whole: Whole, reading: LinkReading) -> str:
    """The answer a sign is given for: none from an exploration; of a weak comparison only that things go together."""
    answer = FINDINGS.get(reading.finding, "")
    if is_exploratory(whole.result.plan):
        return ""
    weak = reading.security is not None and reading.security <= LOW_SECURITY
    return "associated" if weak and answer in ("works", "too-small-to-matter", "harms") else answer


def _drawn(theory: Theory, verdicts: dict[str, str]) -> Page:
    pictures = [_picture(theory, verdicts, "")]
    names = priorities_in_use(theory)
    if len(theory.boxes) > MOST_BOXES and names:
        pictures = [
            _picture(of_priority(theory, name), verdicts, spoken_name(theory.priorities, name))
            for name in names
        ]
    states = {link.id: state_key(link, verdicts) for link in theory.links}
    counts = Counter(states.values())
    view = {
        "none": "",
        "note": theory.note,
        "drawings": tuple(pictures),
        "legend": tuple((state_mark(STATES[key]), counts[key]) for key in STATES if counts[key]),
        "line": count_line(theory, states),
        "links": _links_table(theory, theory.links, states, ""),
        "boxes": _boxes_table(theory),
    }
    lead = "How we think change happens, step by step, and what has been tested of it."
    return Page("model.html", "Logic model", "model", "model.html", view, lead)


def _picture(theory: Theory, verdicts: dict[str, str], heading: str) -> dict[str, object]:
    states = {link.id: state_key(link, verdicts) for link in theory.links}
    return {
        "heading": heading,
        "svg": svg_text(draw_theory(theory, verdicts, heading).scene),
        "links": _links_table(theory, theory.links, states, "") if heading else None,
    }


def _links_table(theory: Theory, links: tuple[Link, ...], states: dict[str, str], up: str) -> Table:
    rows = tuple(
        (
            anchor(up + link_path(link.id), link.id.replace(">", " → ")),
            _text(theory, link.from_box),
            _text(theory, link.to_box),
            state_mark(STATES[states[link.id]]),
            link.expect or NO_EXPECTATION,
        )
        for link in links
    )
    head = ("Link", "From", "To", "What is known", "What we expect")
    return Table("Every link and what is known of it", head, rows)


def _boxes_table(theory: Theory) -> Table:
    rows = tuple(
        (anchor(box_path(box.id), box.id), box.text, KINDS[box.kind], _measured(theory, box))
        for box in theory.boxes
    )
    return Table("Every box", ("Box", "What it says", "Kind", "How it is measured"), rows)


def _text(theory: Theory, box_id: str) -> str:
    box = theory.box(box_id)
    return box.text if box else box_id


def _measured(theory: Theory, box: Box) -> str:
    if box.kind in ("activity", "output", "factor") and not box.measures:
        return "not asked for"
    named = [measure.name for measure in theory.measures_of(box.id)]
    return "; ".join(named) or box.not_measurable or "no measure yet"


def _box_page(theory: Theory, box: Box, verdicts: dict[str, str]) -> Page:
    states = {link.id: state_key(link, verdicts) for link in theory.links}
    into = tuple(link for link in theory.links if link.to_box == box.id)
    out = tuple(link for link in theory.links if link.from_box == box.id)
    facts = [
        ("Kind", KINDS[box.kind]),
        ("When", f"{box.term} term" if box.term else ""),
        ("Tier", box.tier),
        ("Priority", ", ".join(spoken_name(theory.priorities, one) for one in theory.priorities_of(box))),
        ("Place", box.place),
        ("Age", box.age_band),
        (
            "Makes it",
            {"risk": "more likely (risk)", "protective": "less likely (protective)"}.get(box.factor_sign, ""),
        ),
        ("How it is measured", _measured(theory, box)),
        ("To be looked at again by", day_words(box.review_by.isoformat()) if box.review_by else ""),
    ]
    view = {
        "facts": [(name, value) for name, value in facts if value],
        "into": _links_table(theory, into, states, "../") if into else None,
        "out": _links_table(theory, out, states, "../") if out else None,
        "shown": [
            text for text, there in (("Nothing leads here.", into), ("It leads nowhere.", out)) if not there
        ],
    }
    return Page(box_path(box.id), f"{box.id}: {box.text}", "model", "box.html", view)


def _link_page(held: Held, theory: Theory, link: Link, verdicts: dict[str, str]) -> Page:
    facts = [
        ("Because", link.because),
        ("It takes for granted that", link.assumption),
        ("We expect", link.expect),
        ("Worth it from", link.worthwhile),
        ("Time it takes", f"{link.lag_months} months" if link.lag_months is not None else ""),
        ("What could go wrong", link.could_harm),
        ("Other explanations", "; ".join(link.rivals)),
        ("Outside factors", "; ".join(_text(theory, name) for name in link.factors)),
        ("Evidence from elsewhere", "; ".join(link.evidence)),
        ("Test named in the theory", link.test),
        ("To be looked at again by", day_words(link.review_by.isoformat()) if link.review_by else ""),
    ]
    tests = tuple(
        _test_row(whole, reading) for whole, reading in readings_of(held) if reading.link == link.id
    )
    answers = {_answer(whole, reading) for whole, reading in readings_of(held) if reading.link == link.id}
    head = ("Evaluation", "Expected", "Seen", "What it says of the link", "Trust, of 5")
    view = {
        "mark": state_mark(STATES[state_key(link, verdicts)]),
        "ends": tuple(
            (f"../{box_path(end)}", f"{end}: {_text(theory, end)}") for end in (link.from_box, link.to_box)
        ),
        "facts": [
            (name, value or NOT_SAID)
            for name, value in facts
            if value or name in ("Because", "What could go wrong")
        ],
        "tests": Table("Tests of this link, the newest first", head, tests) if tests else None,
        "differ": len(answers - {""}) > 1,
    }
    title = f"{link.id.replace('>', ' → ')}: {_text(theory, link.to_box)}"
    return Page(link_path(link.id), title, "model", "link.html", view)


def _test_row(whole: Whole, reading: LinkReading) -> tuple[str, ...]:
    seen = f"{reading.seen}. {reading.evidence}" if reading.evidence else reading.seen
    said = f"{reading.finding}. {reading.note}" if reading.note else reading.finding
    said = f"explored only: {said}" if is_exploratory(whole.result.plan) else said
    trust = "not rated" if reading.security is None else str(reading.security)
    link = anchor(f"../{finding_path(whole.result.evaluation)}", whole.result.plan.title)
    return (link, reading.expected or NO_EXPECTATION, capital(seen), capital(said), trust)
