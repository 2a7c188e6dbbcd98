"""What the words of a claim from elsewhere tell."""

from __future__ import annotations

import pytest

from evaluation.claims.reading import LEAVE_OUT, read_claim

HOTSPOTS = "Violent crime fell by more than 36% in hotspots... the evidence shows it's working"


def test_a_fall_where_it_was_worst_cannot_be_told_yet_and_the_designs_that_would_answer_are_named() -> None:
    read = read_claim(HOTSPOTS)
    assert read.assessment == "cannot tell yet: worst areas chosen, no comparison named"
    assert read.standing == "cannot-tell-yet"
    assert (read.names_worst, read.names_comparison, read.relative_change) == (True, False, True)
    assert read.causal == ("the evidence shows",)
    assert read.figures == ("by more than 36%",)
    assert any("Displacement difference" in need for need in read.needs)
    assert any("just missed" in need for need in read.needs)
    assert any("Synthetic control" in need for need in read.needs)
    assert read.needs[-1] == LEAVE_OUT
    assert read_claim(f"“{HOTSPOTS}”") == read


@pytest.mark.parametrize(
    ("text", "standing", "lacks"),
    [
        ("Knife crime is down 6.5% since we took office.", "cannot-tell-yet", "before and after only"),
        ("Participants reoffended less than the national average.", "cannot-tell-yet", "no comparison named"),
        ("In a trial 35% v 48% reoffended.", "to-be-checked", ""),
        (
            "Reoffending fell by between 2 and 9 percentage points compared with matched people.",
            "to-be-checked",
            "",
        ),
        (
            "Exclusions fell by 20% compared with similar schools.",
            "to-be-checked",
            "a number without its range",
        ),
        ("Mentors turned my life around.", "no-claim", ""),
        ("We run sessions on Mondays.", "no-claim", ""),
        ("", "no-claim", ""),
    ],
)
def test_claims_are_sorted_by_what_they_can_be_held_against(text: str, standing: str, lacks: str) -> None:
    read = read_claim(text)
    assert read.standing == standing
    assert lacks in read.lacks if lacks else read.lacks == ()
    assert bool(read.needs) == (standing == "cannot-tell-yet")


def test_a_claim_that_links_to_a_finding_names_it() -> None:
    assert read_claim("EVAL-003 found between 4 and 12 fewer in every 100.").findings == ("EVAL-003",)
