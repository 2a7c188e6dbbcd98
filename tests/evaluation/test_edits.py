"""Sentences worded by the team: what the result bears is let through, what it does not bear is refused by line."""

from __future__ import annotations

from dataclasses import replace

import pytest

from evaluation.edits.edit_file import edits_text, read_edits
from evaluation.edits.errors import EditRefused
from evaluation.edits.judging import edit_faults
from evaluation.edits.model import EDITED, Edit, Under
from evaluation.edits.sentences import edited_page, generated_sentences, with_edits
from evaluation.model import Result
from evaluation.reporting.html import render_report
from evaluation.reporting.page_one import page_one
from tests.evaluation import report_builders as made
from tests.evaluation.report_reader import PROFILE
from tests.evaluation.report_samples import small_counts
from workspace.toml_source import parse_toml

NAME = "people who reoffended within a year"
RANGE = "between 6 fewer and 3 more in every 100"


def open_result() -> Result:
    """A main outcome that cannot be told yet, a secondary one that looks good."""
    said = {
        "sentence": f"We cannot tell yet whether the programme changed {NAME}: {RANGE}.",
        "can_say": (
            f"On {NAME}, those treated came out {RANGE} than the others (95 % interval).",
            "Neither a benefit nor a harm as large as 5 in every 100 can be ruled out.",
        ),
        "cannot_say": (f"That the programme makes no difference to {NAME}.",),
        "next": ("About 380 more people like these would settle it (four times in five).",),
    }
    wide = made.binary_estimate(value=-0.015, conf_low=-0.06, conf_high=0.03)
    return made.result(
        made.outcome("inconclusive", "uninformative", estimate=wide, said=said),
        made.score("works", "meaningful"),
    )


def edits_of(result: Result, **words: str) -> tuple[Edit, ...]:
    """The file of edits of a result, with some sentences worded anew: ``can_say_1="…"``."""
    told = {name.replace("_", "-"): text for name, text in words.items()}
    whole = generated_sentences(result, PROFILE)
    assert set(told) <= {one.id for one in whole}
    return tuple(
        Edit(one.id, one.under, one.generated, told.get(one.id, one.text), f"edits.toml:{9 + 5 * i}")
        for i, one in enumerate(whole)
    )


def codes(result: Result, **words: str) -> list[str]:
    return [fault.code for fault in edit_faults(result, edits_of(result, **words))]


@pytest.mark.parametrize(
    ("under", "text", "code"),
    [
        ("can_say_2", "The course had no effect on reoffending.", "LC716"),
        ("can_say_2", "“The course had no effect on reoffending.”", "LC716"),
        ("can_say_2", "Thanks to the course fewer people reoffend.", "LC716"),
        ("can_say_2", "There was a significant fall.", "LC716"),
        ("can_say_2", f"On {NAME} there were between 6 and 3 fewer in every 100.", "LC716"),
        ("can_say_1", f"Problem solving came out better, {RANGE}.", "LC717"),
        ("can_say_1", f"The first thing to know is that it lies {RANGE}.", "LC717"),
        ("can_say_2", "Overall the course was a success.", "LC718"),
        ("can_say_2", "Overall the course was not a success.", "LC718"),
        ("next_1", "Extend it: the first results are promising.", "LC718"),
        ("next_1", "Stop it: the course failed.", "LC718"),
        ("can_say_2", "About 7 in every 100 can be ruled out.", "LC719"),
        ("can_say_2", "Twice as many stayed out of trouble.", "LC719"),
        ("can_say_1", f"On {NAME}, those treated did much the same as the others.", "LC719"),
        ("cannot_say_1", "The course was a failure.", "LC718"),
        ("can_say_2", "Reoffending stayed about the same.", "LC716"),
        ("can_say_2", "The course made little difference.", "LC716"),
        ("can_say_2", "Fewer of those on the course reoffended.", "LC718"),
        ("can_say_2", "It worked.", "LC716"),
        ("can_say_2", "There is no evidence that it works.", "LC716"),
        ("can_say_2", "We did not find an effect.", "LC716"),
        ("can_say_2", "The effect was nil.", "LC716"),
        ("can_say_2", "The pilot worked for people in both prisons.", "LC718"),
        ("can_say_2", "It is likely that the course helps.", "LC718"),
        ("can_say_2", "We saw real progress.", "LC718"),
        ("next_1", "Tell partners that it works.", "LC716"),
        ("can_say_2", "  ", "LC715"),
    ],
)
def test_a_sentence_that_goes_beyond_an_open_result_is_refused(under: str, text: str, code: str) -> None:
    result = open_result()
    found = edit_faults(result, edits_of(result, **{under: text}))
    assert code in [fault.code for fault in found], found
    place = next(e.where for e in edits_of(result) if e.id == under.replace("_", "-"))
    assert {fault.where for fault in found} == {place}
    assert all(fault.hint for fault in found)


@pytest.mark.parametrize(
    ("under", "text"),
    [
        ("can_say_1", f"Of {NAME} there were {RANGE} among those treated (95 % interval)."),
        ("can_say_2", "A benefit of 5 in every 100 is still possible, and so is a harm of that size."),
        ("cannot_say_1", "That the course failed, or that it had no effect: we do not know yet."),
        ("next_1", "The research lead asks two more prisons to join by 31 March 2027 (ACT-014)."),
        ("next_1", "Do not call it a success or a failure before more people were followed up."),
        ("next_1", "Recruit more prisons before the next run."),
        ("next_1", "We cannot say whether it was a success."),
    ],
)
def test_a_sentence_that_says_the_same_in_other_words_is_let_through(under: str, text: str) -> None:
    assert edit_faults(open_result(), edits_of(open_result(), **{under: text})) == ()


def test_what_the_program_wrote_is_never_refused() -> None:
    for result in (open_result(), small_counts(), made.result(made.outcome(), made.score())):
        assert edit_faults(result, edits_of(result)) == ()


def test_no_effect_may_be_said_where_equivalence_was_shown_and_success_where_it_works() -> None:
    none = made.result(made.outcome("no-meaningful-effect", ""))
    works = made.result(made.outcome("works", "meaningful"))
    assert codes(none, can_say_2="The course had no effect on reoffending.") == []
    assert codes(none, can_say_2="Reoffending stayed about the same.") == []
    assert "LC718" in codes(none, can_say_2="The course was a success.")
    assert codes(works, can_say_2="The course was a success.") == []
    assert "LC718" in codes(works, can_say_2="The course was a failure.")
    assert "LC716" in codes(works, can_say_2="The course had no effect on reoffending.")


def test_a_figure_that_is_withheld_cannot_be_written_back_and_no_message_holds_one() -> None:
    result = small_counts()
    first = generated_sentences(result, PROFILE)[0]
    words = f"{first.text} It was 9.4 fewer in every 100 of 412 people."
    found = edit_faults(result, edits_of(result, **{first.id.replace("-", "_"): words}))
    assert "LC719" in [fault.code for fault in found]
    told = " ".join(f"{fault.problem} {fault.hint}" for fault in found)
    assert "The result says: from" not in told


def test_the_word_exploratory_stays() -> None:
    line = "This is an exploratory finding: it suggests a question, it does not settle one."
    result = made.result(made.outcome(said={"can_say": (made.verdict("works").can_say[0], line)}))
    assert codes(result, can_say_2="It suggests a question.") == ["LC722"]
    assert codes(result, can_say_2="We only explored this, as an exploratory question.") == []


def test_a_sentence_is_neither_dropped_nor_doubled_nor_taken_from_another_result() -> None:
    result = open_result()
    edits = edits_of(result)
    assert [f.code for f in edit_faults(result, edits[1:])] == ["LC715"]
    assert [f.code for f in edit_faults(result, (*edits, edits[0]))] == ["LC715", "LC715"]
    other = replace(edits[0], generated="On wages, those treated came out higher.")
    assert [f.code for f in edit_faults(result, (other, *edits[1:]))] == ["LC720"]


def test_a_sentence_the_team_adds_is_held_against_the_result_like_any_other() -> None:
    result = open_result()

    def added(under: Under, text: str) -> list[str]:
        extra = Edit(f"{under}-added-1", under, "", text, "edits.toml:99")
        return [f.code for f in edit_faults(result, (*edits_of(result), extra))]

    assert added("next", "The partnership lead decides in June 2027.") == []
    assert added("can-say", "The course was a great success.") == ["LC718"]


def test_page_one_marks_the_words_of_the_team_and_keeps_the_program_s_beside_them() -> None:
    result = open_result()
    words = "A benefit of 5 in every 100 is still possible, and so is a harm of that size."
    edits = (
        *edits_of(result, can_say_2=words),
        Edit("next-added-1", "next", "", "Ask again in June 2027.", "x:1"),
    )
    shown = with_edits(generated_sentences(result, PROFILE), edits)
    first = edited_page(page_one(result, PROFILE), shown)
    assert first.can_say[1] == f"{words} {EDITED}"
    assert first.can_say[0] == page_one(result, PROFILE).can_say[0]
    assert first.steps[-1] == f"Ask again in June 2027. {EDITED}"
    assert [one.generated for one in shown if one.edited] == [page_one(result, PROFILE).can_say[1], ""]
    assert words in render_report(result, PROFILE, shown=shown)
    untouched = generated_sentences(result, PROFILE)
    assert render_report(result, PROFILE, shown=untouched) == render_report(result, PROFILE)


def test_the_file_of_edits_reads_back_what_was_written_with_the_lines_of_the_texts() -> None:
    whole = generated_sentences(open_result(), PROFILE)
    text = edits_text("EVAL-003", whole)
    edits = read_edits(parse_toml(text, "reports/edits/EVAL-003.toml", EditRefused), "EVAL-003")
    assert [(e.id, e.generated, e.text) for e in edits] == [(s.id, s.generated, s.text) for s in whole]
    for edit in edits:
        line = int(edit.where.rpartition(":")[2])
        assert text.splitlines()[line - 1].startswith("text = ")


def test_every_slip_in_the_file_is_told_at_once() -> None:
    slips = (
        'evaluation = "EVAL-004"\nshort = 1\n[[sentence]]\nid = "headline-1"\ngenerated = "x"\n'
        'text = "y"\n[[added]]\nunder = "top"\ntext = "z"\n'
    )
    with pytest.raises(EditRefused) as caught:
        read_edits(parse_toml(slips, "edits.toml", EditRefused), "EVAL-003")
    assert [(f.code, f.where) for f in caught.value.faults] == [
        ("LC715", "edits.toml:1"), ("LC715", "edits.toml:4"), ("LC715", "edits.toml:8"), ("LC715", "edits.toml:2"),
    ]  # fmt: skip
    assert caught.value.exit_code == 1
