"""Keys of a plan that name a period."""

from __future__ import annotations

import contextlib
import datetime as dt

from evaluation.panels.axis import NotATime, canonical_period
from evaluation.plan import Design, PlannedOutcome, Population
from workspace.errors import Fault
from workspace.toml_source import Section

HINT = 'Write it as the time column does: start = 2005, start = 2014-03-01, start = "2014-03" or "2014-Q1".'


def read_period(section: Section, key: str, *, required: bool = False) -> str:
    """A period as canonical text; empty where it is not named. Numbers, dates and texts are taken."""
    if not section.has(key):
        if required:
            section.fault(
                section.codes.missing, "", f"{section.title} has no '{key}'", f"Add {key} = … to it."
            )
        return ""
    return _period(section, key, section.values[key])


def read_periods(section: Section, key: str) -> tuple[str, ...]:
    """A list of periods as canonical texts."""
    if not section.has(key):
        return ()
    value = section.values[key]
    found = [_period(section, key, item) for item in (value if isinstance(value, list) else [value])]
    return tuple(item for item in found if item)


def read_windows(section: Section, key: str) -> tuple[tuple[str, str], ...]:
    """A list of windows, each the first and the last period of it: ``[["2020-03", "2021-06"]]``."""
    if not section.has(key):
        return ()
    value = section.values[key]
    pairs = value if isinstance(value, list) else []
    if not pairs or not all(isinstance(pair, list) and len(pair) == 2 for pair in pairs):
        section.fault(
            section.codes.wrong,
            key,
            f"'{key}' must be a list of windows",
            f'{key} = [["2020-03", "2021-06"]]',
        )
        return ()
    return tuple((_period(section, key, first), _period(section, key, last)) for first, last in pairs)


def waves_of_cohort(
    file: Section,
    population: Population,
    design: Design,
    outcomes: tuple[PlannedOutcome, ...],
    *,
    panel: bool,
) -> None:
    """A cohort's people are followed from wave to wave: what says so belongs together."""
    if not panel or not any(outcome.waves for outcome in outcomes):
        return
    waves = {outcome.waves for outcome in outcomes}
    said = [
        (not population.cohort, ("outcome", 0, "waves"), "'waves' belong to a cohort: others have a row a period"),
        ((design.unit, design.time) != ("participant", "wave"), ("design",),
         f"method '{design.method}' follows a cohort's people from wave to wave"),
        (len(waves) != 1 or () in waves, ("outcome", 0), "every outcome of such a plan names the same 'waves'"),
    ]  # fmt: skip
    hint = 'Write unit = "participant", time = "wave" and in every outcome waves = ["…", "…"].'
    for wrong, path, problem in said:
        if wrong:
            file.faults.append(Fault("LC406", file.source.where(path), problem, hint))


def _waves(section: Section) -> list[str]:
    """The waves the plan's first outcome names, where it is about a cohort: periods may be named by them."""
    population, outcomes = section.source.data.get("population"), section.source.data.get("outcome")
    if not isinstance(population, dict) or "cohort" not in population or not isinstance(outcomes, list):
        return []
    found = outcomes[0].get("waves") if outcomes and isinstance(outcomes[0], dict) else None
    return [str(wave) for wave in found] if isinstance(found, list) else []


def _period(section: Section, key: str, value: object) -> str:
    if str(value) in (waves := _waves(section)):
        return str(waves.index(str(value)) + 1)
    text = value.isoformat() if isinstance(value, dt.date) else str(value)
    if not isinstance(value, bool) and isinstance(value, str | int | float | dt.date):
        with contextlib.suppress(NotATime):
            return canonical_period(text)
    section.fault(section.codes.wrong, key, f"'{key}' must name a period", HINT)
    return ""
