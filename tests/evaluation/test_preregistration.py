"""A plan as a document: in sentences, under the headings of the form, and never blank where the plan is silent."""

from __future__ import annotations

import io
from dataclasses import replace
from typing import Any

import docx
import pytest
from docx.oxml.ns import qn

from evaluation.amending.model import Sort, Version
from evaluation.decidable import Projection
from evaluation.plan import canonical, fingerprint
from evaluation.preregistration.document import Document, Grid, as_markdown, escaped
from evaluation.preregistration.eef import eef
from evaluation.preregistration.osf import osf
from evaluation.preregistration.said import Source
from evaluation.preregistration.word import as_word
from tests.commands.test_every_method_in_a_project import CASES
from tests.evaluation.studies import make_plan, read
from theory_of_change.model import Box, Link, Theory

BINARY = 'minimum_important_difference = 0.05\nmid_source = "break-even"\nexpected_rate = 0.3\n'
PLAN = make_plan(kind="binary", better="lower", outcome=BINARY, where="age >= 18", covariates=["prior"])
EARLIER = replace(PLAN, design=replace(PLAN.design, covariates=()))
OSF = (
    "Study information", "Hypotheses", "Design plan", "Blinding", "Randomisation", "Sampling plan", "Existing data",
    "Sample size", "Stopping rule", "Variables", "Measured variables", "Analysis plan", "Statistical models",
    "Inference criteria", "Data exclusion", "Missing data", "Exploratory analyses",
)  # fmt: skip
EEF = (
    "Version history", "Introduction", "Design overview", "Sample size calculations overview",
    "Primary outcome analysis", "Secondary outcome analysis", "Subgroup analyses",
    "Additional analyses and robustness checks", "Longitudinal follow-up analyses", "Imbalance at baseline",
    "Missing data", "Compliance", "Intra-cluster correlations", "Effect size calculation",
)  # fmt: skip


def version(number: int, plan: Any, kind: Sort, state: str) -> Version:
    return Version(
        plan.id, number, fingerprint(plan), canonical(plan), kind, "The file came late.", state, "", f"2026-0{number}",
        "Jo",
    )  # fmt: skip


LOCK = version(1, EARLIER, "lock", "baseline seen")
AMENDED = (LOCK, version(2, PLAN, "amendment", "baseline seen"))
LATE = (LOCK, version(2, PLAN, "deviation", "outcomes seen"))


def source(**changes: Any) -> Source:
    return replace(Source(PLAN, AMENDED, None, Projection(0.0456, 0.61, "")), **changes)


def words_of(document: Document) -> str:
    return as_markdown(document)


@pytest.mark.parametrize(("form", "headings"), [(osf, OSF), (eef, EEF)])
def test_a_document_has_the_headings_of_its_form_and_no_part_is_blank(
    form: Any, headings: tuple[str, ...]
) -> None:
    document = form(source())
    assert [name for name in headings if name not in [part.heading for part in document.parts]] == []
    assert [part.heading for part in document.parts if part.level > 1 and not part.body] == []
    text = words_of(document)
    for said in (
        "by at least 0.05 (risk difference: 5 in every 100)",
        "break-even",
        "those for whom: age \\>= 18",
        "Covariates, known before the programme: prior.",
        "two-sided, of 95 %",
        "the 90 % interval lies inside it",
        "Missing data: complete cases.",
        "of y is 0.046; 0.05 (risk difference: 5 in every 100) matters",
        "is 61 %",
        "an expected rate of 0.3",
        "The file came late.",
        "design.covariates from not set to prior",
        "the average effect on everyone in the study (ATE)",
        fingerprint(PLAN),
    ):
        assert said in text, said
    assert "Not stated in the plan." in text


def test_the_stamp_says_draft_locked_or_locked_too_late() -> None:
    draft = osf(source(versions=())).stamp
    assert draft[0] == "DRAFT: this plan is not locked. It may change without a trace."
    assert "this is version 2" in osf(source()).stamp[0]
    assert not any("exploratory" in line for line in osf(source()).stamp)
    late = osf(source(versions=LATE)).stamp
    assert any("registered after outcomes could be seen" in line for line in late)
    assert any("not in this document" in line for line in osf(source(file_differs=True)).stamp)


def test_what_is_not_known_is_said() -> None:
    text = words_of(eef(source(projection=None, unknown="the agreement has lapsed", versions=())))
    assert "not worked out: the agreement has lapsed." in text
    assert "The plan is not locked yet." in text
    bare = make_plan()
    text = words_of(osf(Source(bare, (), None, None)))
    assert "No smallest difference that matters is stated" in text
    assert "No covariates are used." in text


def test_the_links_of_the_theory_are_said_in_its_words() -> None:
    theory = Theory(
        title="T",
        boxes=(
            Box("A1", "activity", "Aid on the day of release", tier="tertiary"),
            Box("O1", "outcome", "Fewer arrests"),
        ),
        links=(Link("A1", "O1", because="people can pay a first rent", expect="lower"),),
    )
    linked = replace(PLAN, links=("A1>O1",))
    text = words_of(osf(source(plan=linked, theory=theory)))
    assert "Aid on the day of release leads to Fewer arrests, because people can pay a first rent." in text
    assert "A1\\>O1" in words_of(osf(source(plan=linked)))


@pytest.mark.parametrize("case", CASES[::3], ids=lambda case: case.name)
def test_plans_of_every_method_can_be_written(case: Any) -> None:
    plan = read(case.text)
    for form in (osf, eef):
        text = words_of(form(Source(plan, (), None, None)))
        assert plan.title in text
        for outcome in plan.outcomes:
            assert escaped(outcome.measure) in text


def test_a_word_file_has_real_headings_a_language_and_rows_of_headings_that_repeat() -> None:
    document = eef(source())
    made = docx.Document(io.BytesIO(as_word(document)))
    assert (made.core_properties.title, made.core_properties.language) == (PLAN.title, "en-GB")
    assert (made.core_properties.author, made.core_properties.comments) == ("", "")
    assert made.styles.element.find(f".//{qn('w:rPrDefault')}//{qn('w:lang')}").get(qn("w:val")) == "en-GB"
    headings = [
        (p.style.name, p.text) for p in made.paragraphs if p.style and p.style.name.startswith("Heading")
    ]
    assert headings == [(f"Heading {part.level}", part.heading) for part in document.parts]
    texts = [p.text for p in made.paragraphs]
    for part in document.parts:
        assert [block for block in part.body if isinstance(block, str) and block not in texts] == []
    grids = [block for part in document.parts for block in part.body if isinstance(block, Grid)]
    assert len(made.tables) == len(grids) == 6
    for table, grid in zip(made.tables, grids, strict=True):
        assert [tuple(cell.text for cell in row.cells) for row in table.rows] == [grid.head, *grid.rows]
        assert table.rows[0]._tr.find(f".//{qn('w:tblHeader')}") is not None


def test_what_people_wrote_stays_text() -> None:
    nasty = "# A\n<script>alert(1)</script> | [x](y) *z*"
    assert escaped(nasty) == "\\# A \\<script\\>alert(1)\\</script\\> \\| \\[x\\](y) \\*z\\*"
    made = docx.Document(io.BytesIO(as_word(osf(source(plan=replace(PLAN, title=nasty))))))
    assert any("<script>alert(1)</script>" in p.text for p in made.paragraphs)
