"""Claims, actions that need a look, and what was heard and done (pure)."""

from __future__ import annotations

from evaluation.evidence.claim_readings import Assessed
from evaluation.reporting.signs import SIGNS, TONES, Mark, capital
from evaluation.reporting.tables import Table
from evaluation.site.model import Held, Page
from evaluation.site.words import anchor, dated, day_words, finding_path
from evaluation.wording import ANSWER_WORDS

NIL = (
    "Nil return: no action is late, off track or without an owner, and everything that was heard is answered."
)


def claims_page(held: Held) -> Page:
    """What others say works, in their own words, with what it comes to."""
    view = {"claims": tuple(_claim(held, one) for one in held.library.claims)}
    lead = "What others say works. A claim is not a finding: it stays open until somebody tests it."
    return Page("claims.html", "Claims", "claims", "claims.html", view, lead)


def _claim(held: Held, one: Assessed) -> dict[str, object]:
    claim, words = one.claim, ANSWER_WORDS[one.reading.answer]
    tested = anchor(finding_path(claim.tested_by), claim.tested_by) if claim.tested_by in held.wholes else ""
    tone = TONES[one.reading.answer]
    return {
        "id": claim.id,
        "text": claim.text,
        "who": f"{claim.said_by or 'not said by whom'}, {day_words(claim.date)}",
        "source": claim.source,
        "mark": Mark(SIGNS[tone], capital(words), tone),
        "reading": capital(one.reading.sentence),
        "tested": tested,
        "design": one.design,
        "questions": one.questions,
    }


def actions_page(held: Held) -> Page:
    """Exceptions only; where there are none, that is said."""
    late = [(one, why) for one in held.actions if (why := one.exception(held.today))]
    unheard = [(one, why) for one in held.voices if (why := one.exception(held.today))]
    rows = [(one.id, one.text, one.owner or "nobody", capital(dated(why))) for one, why in late]
    rows += [
        (one.id, f"Answer what was heard: {one.theme}", "the core team", capital(dated(why)))
        for one, why in unheard
    ]
    head = ("Action", "What", "Who", "Why it needs a look")
    open_ones = sum(one.open for one in held.actions)
    view = {
        "table": Table("Actions that need a look", head, tuple(rows)) if rows else None,
        "nil": NIL,
        "line": f"{open_ones} {'action is' if open_ones == 1 else 'actions are'} open in all.",
    }
    lead = "Only what is late, off track or without an owner."
    return Page("actions.html", "Actions", "actions", "actions.html", view, lead)


def voice_page(held: Held) -> Page:
    """You said, we did; stories only where those who told them still agree that everybody may read them."""
    shown = [one for one in held.voices if one.may_be_shown("public", held.today)]
    view = {
        "said": tuple(
            (f"{one.who}, {day_words(one.heard)}", one.text, one.answer or "Not answered yet.")
            for one in shown
            if not one.story
        ),
        "stories": tuple((one.text, one.theme, one.answer) for one in shown if one.story),
        "kept": len(held.voices) - len(shown),
    }
    lead = "What young people and communities told us, and what was done about it."
    return Page("voice.html", "Voice: what we heard", "voice", "voice.html", view, lead)
