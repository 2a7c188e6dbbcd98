"""How results side by side look in a terminal and as JSON."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from evaluation.side_by_side.agreement import Agreement
from evaluation.side_by_side.saved import SavedOutcome, SavedResult
from evaluation.wording import ANSWER_WORDS, DETAIL_WORDS
from workspace.console import say, table

Pair = tuple[SavedResult, SavedResult]


def agreement_payload(results: Pair, found: Agreement) -> dict[str, Any]:
    """Both results on the outcome, and whether they agree."""
    return {
        "outcome": found.one.measure,
        "results": [
            {
                "evaluation": result.name,
                "plan": result.plan,
                "method": result.method,
                "answer": one.answer,
                "detail": one.detail,
                "security": one.security,
                "estimate": asdict(one.effect),
            }
            for result, one in zip(results, (found.one, found.other), strict=True)
        ],
        "ways": found.ways,
        "same_answer": found.same_answer,
        "comparator_sensitive": found.sensitive,
        "each_interval_holds_the_other": found.held,
        "sentence": found.sentence,
    }


def show_agreement(results: Pair, found: Agreement) -> None:
    """A column a result, the sentence below."""
    both = found.one, found.other
    say(f"{found.one.name or found.one.measure}: two results side by side")
    rows = [
        ["Plan", *(result.plan for result in results)],
        ["Method", *(result.method for result in results)],
        ["Effect", *(one.effect.words(one.unit) for one in both)],
        ["Answer", *(_answer(one) for one in both)],
        ["Security", *(f"{one.security} of 5" for one in both)],
    ]
    table(["", *(result.name for result in results)], rows)
    say(found.sentence)


def _answer(outcome: SavedOutcome) -> str:
    detail = DETAIL_WORDS.get(outcome.detail, "")
    return f"{ANSWER_WORDS.get(outcome.answer, outcome.answer)}{': ' + detail if detail else ''}"


def sensitivity_payload(result: SavedResult) -> dict[str, Any]:
    """Each outcome with every other way of asking."""
    return {
        "evaluation": result.name,
        "outcomes": [
            {
                "measure": one.measure,
                "role": one.role,
                "answer": one.answer,
                "fragile": any(way.turns for way in one.ways),
                "ways": [
                    {"name": way.name, "estimate": asdict(way.effect), "turns_the_verdict": way.turns}
                    for way in one.ways
                ],
            }
            for one in result.outcomes
        ],
    }


def show_sensitivity(result: SavedResult) -> None:
    """A table for each outcome, the plan's own way first."""
    for number, one in enumerate(result.outcomes):
        if number:
            say()
        say(f"{one.name or one.measure} ({one.role}): {ANSWER_WORDS.get(one.answer, one.answer)}")
        if not one.ways:
            say("  It was asked in no other way.")
            continue
        rows = [["as planned", one.effect.words(one.unit), ""]]
        rows += [[w.name, w.words(one.unit), "turns it" if w.turns else "no"] for w in one.ways]
        table(["Asked", "Effect", "Turns the verdict"], rows)
        turning = [way.name for way in one.ways if way.turns]
        say(f"  Fragile: changes under {'; '.join(turning)}." if turning else "  Nothing turns it.")
