"""[delivery] and the selected_… keys of a plan, every fault with its line."""

from __future__ import annotations

from collections.abc import Mapping

from evaluation.explaining import errors as _codes  # noqa: F401 - declares what is raised here
from evaluation.explaining.planned import RIGHT_PEOPLE, Delivery, Selection
from evaluation.plan import Design, PlannedOutcome
from theory_of_change.model import Measure
from workspace.toml_source import Section

LEAST_RETEST, MOST_RETEST = 0.01, 0.99
LIMITS = (
    ("planned", "dose"),
    ("enough", "dose"),
    ("reach", "enough"),
    ("fidelity_at_least", "fidelity"),
    ("right_people_at_least", "right_people"),
)
SELECTED = ("selected_above", "selected_below", "retest", "norm_mean", "norm_sd")
NO_ROW_A_PERSON = "is looked at person by person, and this plan's data have no row a person"


def read_delivery(
    section: Section | None, design: Design, outcomes: tuple[PlannedOutcome, ...], *, panel: bool
) -> Delivery | None:
    """Read [delivery]; nothing where the plan has none."""
    if section is None:
        return None
    delivery = Delivery(
        dose=section.text("dose"),
        planned=section.number("planned", above=0),
        enough=section.number("enough", above=0),
        reach=section.number("reach", above=0, high=1),
        fidelity=section.text("fidelity"),
        fidelity_at_least=section.number("fidelity_at_least", above=0),
        similar_help=section.text("similar_help"),
        right_people=section.text("right_people"),
        right_people_at_least=section.number("right_people_at_least", RIGHT_PEOPLE, above=0, high=1)
        or RIGHT_PEOPLE,
    )
    section.finish()
    if not delivery.columns:
        section.fault("LC525", "", "[delivery] names no column", 'Add dose = "…", or remove the section.')
    _limits(delivery, section)
    if panel or design.time or any(outcome.timing and outcome.timing.intervals for outcome in outcomes):
        section.fault("LC528", "", f"delivery {NO_ROW_A_PERSON}", "Remove the section.")
    _elsewhere(delivery, section, design, outcomes)
    return delivery


def _limits(delivery: Delivery, section: Section) -> None:
    """Limits without what they are held against."""
    for limit, column in LIMITS:
        if section.has(limit) and not section.has(column):
            section.fault("LC526", limit, f"'{limit}' needs '{column}' beside it", f"Add {column} = ….")
    if delivery.planned and delivery.enough and delivery.enough > delivery.planned:
        said = f"'enough' ({delivery.enough:g}) is more than 'planned' ({delivery.planned:g})"
        section.fault("LC526", "enough", said, "Correct one of them.")


def _elsewhere(
    delivery: Delivery, section: Section, design: Design, outcomes: tuple[PlannedOutcome, ...]
) -> None:
    """Columns that the plan uses for something that delivery must not be."""
    names = {"dose": delivery.dose, "fidelity": delivery.fidelity, "similar_help": delivery.similar_help}
    for key, name in {**names, "right_people": delivery.right_people}.items():
        if not name:
            continue
        if name in {outcome.measure for outcome in outcomes}:
            section.fault("LC527", key, f"'{name}' is an outcome of this plan", "Name another column.")
        elif name == design.treatment:
            section.fault(
                "LC527", key, f"'{name}' is the treatment: it says who should have had it, not who had", "Remove it."
            )  # fmt: skip
        elif key in names and name in design.adjusters:
            said = f"'{name}' is a covariate: adjusting for what was delivered takes part of the effect away"
            section.fault("LC527", key, said, "Take it out of covariates.")


def read_selection(
    section: Section | None,
    outcomes: tuple[PlannedOutcome, ...],
    measures: Mapping[str, Measure],
    *,
    panel: bool,
) -> Selection | None:
    """Read the keys of [population] on a choice by a threshold; the norm comes from the plan, else from the measure.

    They need the outcomes, which are read later than the section is finished: :func:`know` the keys before that.
    """
    if section is None or not any(section.has(key) for key in ("selected_on", *SELECTED)):
        return None
    on = section.text("selected_on")
    ends = [section.number(key) for key in SELECTED[:2]]
    retest = section.number("retest", low=LEAST_RETEST, high=MOST_RETEST)
    mean, sd = section.number("norm_mean"), section.number("norm_sd", above=0)
    if not on or (ends[0] is None) == (ends[1] is None):
        said = "a choice on a threshold needs 'selected_on' and one of 'selected_above' and 'selected_below'"
        section.fault(
            "LC531", "selected_on", said, 'selected_on = "…" with selected_above = … (at or above).'
        )
        return None
    if panel:
        section.fault(
            "LC528", "selected_on", f"a choice on a threshold {NO_ROW_A_PERSON}",
            'before-after has its own keys: chosen_by = "threshold", threshold, retest, population_mean.',
        )  # fmt: skip
        return None
    chosen = [outcome for outcome in outcomes if chosen_on(on, outcome)]
    if not chosen:
        section.fault(
            "LC532", "selected_on", f"no outcome has '{on}' as its baseline", f'Add baseline = "{on}" to it.'
        )
        return None
    known = [measures.get(name) for name in (_stem(on), *(outcome.measure for outcome in chosen))]
    norm = next((m for m in known if m and m.norm_mean is not None and m.norm_sd is not None), None)
    if mean is None and sd is None and norm is not None:
        mean, sd = norm.norm_mean, norm.norm_sd
    if mean is None or sd is None:
        section.fault(
            "LC533", "selected_on", "there is no mean and SD of everybody", "Add norm_mean and norm_sd."
        )
        return None
    above = ends[0] is not None
    return Selection(on, (ends[0] if above else ends[1]) or 0.0, above, retest, mean, sd)


def know(section: Section) -> None:
    """Let a section know the keys of a choice on a threshold, before it reports those nobody asked for."""
    section.asked.update(("selected_on", *SELECTED))


def chosen_on(on: str, outcome: PlannedOutcome) -> bool:
    """Say whether people were chosen on this outcome: by its baseline, or by the same measure at another wave."""
    numbers = outcome.kind in ("continuous", "ordinal")
    return numbers and (outcome.baseline == on or _stem(outcome.measure) == _stem(on))


def _stem(name: str) -> str:
    return name.partition("@")[0]
