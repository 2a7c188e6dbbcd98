"""A theory test as plain data: the saved JSON, which ``theory draw --verdicts`` reads (pure)."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from evaluation.theory_tests.association import ALPHA, NEGLIGIBLE
from evaluation.theory_tests.model import GROUND_WORDS, GROUNDS, Judged, LinkEvidence, TheoryTest, Untested


def as_payload(test: TheoryTest) -> dict[str, Any]:
    """Everything; of each link the answer that a drawing shows, empty where no evaluation tested it."""
    return {
        "theory": test.title,
        "made_on": test.made_on,
        "counts": {ground: sum(one.ground == ground for one in test.links) for ground in GROUNDS},
        "links": [_link(one) for one in test.links],
        "unrelated": {
            "bound": NEGLIGIBLE,
            "alpha": ALPHA,
            "adjusted_by": "Holm",
            "pairs_without_a_link": test.missing.pairs,
            "of_them_measured": test.missing.measured,
            "left_out": list(test.missing.left_out),
            "sealed": list(test.missing.closed),
            "statements": [_statement(one) for one in test.missing.judged],
        },
        "untested": [_untested(one) for one in test.untested],
        "refused": list(test.refused),
    }


def _link(one: LinkEvidence) -> dict[str, Any]:
    found = asdict(one) | {"label": GROUND_WORDS[one.ground], "conflicts": list(one.conflicts)}
    found["sources"] = [asdict(source) for source in one.sources]
    if one.association is not None:
        found["association"] = asdict(one.association) | {"adjusted": list(one.association.adjusted)}
    return found


def _statement(one: Judged) -> dict[str, Any]:
    found = {name: value for name, value in asdict(one).items() if name != "independence"}
    pair = asdict(one.independence) | {"given": list(one.independence.given)}
    return pair | found


def _untested(one: Untested) -> dict[str, Any]:
    return asdict(one) | {
        "since": one.since.isoformat() if one.since else None,
        "review_by": one.review_by.isoformat() if one.review_by else None,
        "would_test": list(one.would_test),
    }
