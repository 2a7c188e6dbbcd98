"""The catalogue is whole, and theory.toml is found, refused or written."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from theory_of_change import store
from theory_of_change.errors import TheoryError
from theory_of_change.model import RATIO_EFFECTS, Measure
from theory_of_change.theory_file import starter_theory
from workspace.project import Project, create_project

CATALOGUE = store.load_catalogue()
ENDLESS = ("crime-harm-index", "crime-severity-score")  # sums of weights have no upper end


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return create_project(tmp_path / "mersey", "Mersey", practice=True)


def test_the_catalogue_holds_the_measures_the_cohorts_need() -> None:
    assert set(CATALOGUE) >= {
        "absence-rate",
        "attainment-score",
        "cognitive-score",
        "good-level-of-development",
        "neet-16-17",
        "persistent-absence",
        "proven-reoffending-binary",
        "sdq-total",
        "suspension-or-exclusion",
        "time-to-first-arrest",
    }
    assert set(CATALOGUE) >= {
        "asq3", "crime-harm-index", "crime-severity-score", "homicide", "predicted-reoffending",
        "proven-reoffending-frequency", "recorded-violence", "sdq-externalising", "sdq-internalising", "severe-absence",
        "sharp-object-admissions", "srds-variety", "srds-volume", "suspensions", "swemwbs", "violence-admissions",
        "wemwbs",
    }  # fmt: skip


@pytest.mark.parametrize("measure", CATALOGUE.values(), ids=CATALOGUE)
def test_every_catalogue_measure_is_complete(measure: Measure) -> None:
    for value in (measure.unit, measure.source, measure.version, measure.licence, measure.definition):
        assert value.strip()
    assert measure.missing.strip()
    assert measure.mid_source.strip()
    assert measure.minimum is not None
    assert measure.maximum is not None or measure.kind == "count" or measure.id in ENDLESS
    assert measure.minimum_important_difference is not None or measure.mid_source.startswith(
        "None is offered"
    )
    assert measure.catalogue
    if measure.mid_effect in RATIO_EFFECTS and measure.minimum_important_difference is not None:
        assert measure.minimum_important_difference < 1


@pytest.mark.parametrize("measure", CATALOGUE.values(), ids=CATALOGUE)
def test_working_defaults_are_never_marked_as_checked(measure: Measure) -> None:
    if measure.mid_source.startswith("Working default"):
        assert not measure.mid_verified


@pytest.mark.parametrize(
    ("id_", "better", "effect", "mid"),
    [
        ("proven-reoffending-binary", "lower", "risk-difference", 0.05),
        ("time-to-first-arrest", "lower", "hazard-ratio", 0.85),
        ("sdq-total", "lower", "difference", 1.2),
        ("absence-rate", "lower", "difference", 1),
        ("suspension-or-exclusion", "lower", "risk-difference", 0.03),
        ("good-level-of-development", "higher", "risk-difference", 0.03),
        ("cognitive-score", "higher", "difference", 3),
    ],
)
def test_directions_and_smallest_differences_are_as_agreed(
    id_: str, better: str, effect: str, mid: float
) -> None:
    measure = CATALOGUE[id_]
    assert (measure.better, measure.mid_effect, measure.minimum_important_difference) == (better, effect, mid)


def test_reoffending_waits_six_months_after_its_twelve() -> None:
    measure = CATALOGUE["proven-reoffending-binary"]
    assert (measure.follow_up_months, measure.waiting_months) == (12, 6)


def test_the_sdq_key_covers_all_25_items_once_and_each_informant_has_bands() -> None:
    sdq = CATALOGUE["sdq-total"]
    assert sdq.scoring is not None
    items = sorted(item for scale in sdq.scoring.scales for item in scale.items)
    assert items == list(range(1, 26))
    assert [scale.name for scale in sdq.scoring.scales if not scale.in_total] == ["prosocial"]
    assert {bands.informant for bands in sdq.bands} == {"parent", "teacher", "self"}
    for bands in sdq.bands:
        top = 40 if bands.scale == "total" else 10
        assert min(band.low for band in bands.bands) == 0
        assert max(band.high for band in bands.bands) == top


def test_a_threshold_that_changed_over_the_years_is_a_break() -> None:
    assert [item.at for item in CATALOGUE["persistent-absence"].breaks] == ["2010/11", "2015/16", "2020"]
    assert CATALOGUE["good-level-of-development"].breaks[0].at == "2021/22"


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ('version = "1"', "", "LC302"),
        ("[[0, 13], [14, 16], [17, 40]]", "[[0, 13], [15, 16], [17, 40]]", "LC336"),
        ("[[0, 13], [14, 16], [17, 40]]", "[[0, 13], [14, 40]]", "LC336"),
        ("items = [3, 8, 13, 16, 24]", 'items = ["3"]', "LC303"),
        ("reverse = [7]", "reverse = [8]", "LC336"),
        ('id = "sdq-total"', 'id = "cognitive-score"', "LC205"),
    ],
)
def test_a_spoilt_catalogue_is_refused(tmp_path: Path, old: str, new: str, code: str) -> None:
    shutil.copytree(store.CATALOGUE, tmp_path, dirs_exist_ok=True)
    path = tmp_path / "development.toml"
    path.write_text(path.read_text().replace(old, new))
    with pytest.raises(TheoryError) as error:
        store.load_catalogue(tmp_path)
    assert code in {fault.code for fault in error.value.faults}


def test_a_project_without_a_theory_says_how_to_make_one(project: Project) -> None:
    with pytest.raises(TheoryError) as error:
        store.load_theory(project)
    assert (error.value.code, error.value.faults[0].hint) == ("LC208", "lifecourse theory new")


def test_a_theory_is_read_back_and_another_never_started_over_it(project: Project) -> None:
    store.refuse_if_present(project)
    project.theory_file.write_text(starter_theory("Mersey"), encoding="utf-8")
    assert store.load_theory(project).title == "Mersey"
    with pytest.raises(TheoryError) as error:
        store.refuse_if_present(project)
    assert error.value.code == "LC207"
    assert store.load_theory(project).title == "Mersey"


def test_the_measures_of_a_project_are_the_catalogue_and_its_own(project: Project) -> None:
    assert store.load_measures(project) == CATALOGUE
    own = '\n[[measure]]\nid = "mine"\nbased_on = "absence-rate"\n'
    project.theory_file.write_text(starter_theory("Mersey") + own, encoding="utf-8")
    assert set(store.load_measures(project)) == {*CATALOGUE, "mine"}
