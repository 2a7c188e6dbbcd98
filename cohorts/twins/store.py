"""A synthetic twin at the edge: what the store and the sources say of a cohort, and the files that are written."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl
from sqlmodel import Session

from cohorts.agreements.use_gate import permit_use
from cohorts.errors import CohortError
from cohorts.partner_files.mapping import VariableColumn
from cohorts.partner_files.source_file import read_mapping
from cohorts.store import StoredCohort, StoredVariable, find_cohort, flow_facts, list_variables, read_wide
from cohorts.synthetic import CannotPlant, PlantedEffect, synthesise
from cohorts.twins.file import FORMATS, NAMED, Making, dictionary_text, notes, table_bytes
from cohorts.twins.summary import Blueprint, ColumnFacts, dictionary_blueprint, summarise
from theory_of_change.model import Measure
from theory_of_change.store import load_measures
from workspace import console
from workspace.audit import record, rounded
from workspace.database import reading
from workspace.entering import entering
from workspace.errors import LifecourseError
from workspace.front_door import program_version
from workspace.project import Project
from workspace.settings import DisclosureProfile
from workspace.toml_source import read_toml


@dataclass(frozen=True, slots=True)
class Wish:
    """What the command was asked for; ``people`` 0 means as many as the cohort has, rounded."""

    cohort: str
    out: Path
    form: str = ""
    people: int = 0
    seed: int = 1
    effects: tuple[str, ...] = ()
    arm: str = ""
    dictionary_only: bool = False


@dataclass(frozen=True, slots=True)
class Twin:
    """What was made, and where it was written."""

    cohort: str
    table: str
    dictionary: str
    people: int
    columns: int
    basis: str
    notes: tuple[str, ...]
    written: bool


def make_twin(project: Project, wish: Wish) -> Twin:
    """Make a synthetic cohort and its dictionary. A dry run does everything but write."""
    path, form = _target(wish.out, wish.form)
    effects = _effects(wish.effects, wish.arm)
    with reading(project) as session:
        stored = find_cohort(session, wish.cohort)
        variables = () if wish.dictionary_only else list_variables(session, stored.cohort_id)
        columns = {(v.name, wave) for v in variables for wave in set(v.waves) - set(v.sealed_waves)}
        profile = permit_use(session, project, stored, "synthetic data", columns)
        blueprint = _blueprint(session, project, stored, profile, dictionary_only=wish.dictionary_only)
    people = wish.people or blueprint.people
    if people < profile.threshold:
        raise CohortError(
            "LC819",
            f"a twin of fewer than {profile.threshold} rows is no use to a plan",
            f"Write --people {profile.threshold} or more.",
        )
    try:
        frame = synthesise(blueprint, people, wish.seed, effects)
    except CannotPlant as problem:
        raise CohortError(
            "LC856", str(problem), "lifecourse cohort show COHORT lists the variables."
        ) from None
    basis = "dictionary" if wish.dictionary_only else "summaries"
    name, title = stored.definition.name, stored.definition.title
    making = Making(name, title, program_version(), wish.seed, people, basis, effects, profile)
    beside = path.with_name(f"{path.stem}.dictionary.json")
    if not console.current().dry_run:
        with entering(project) as (session, leave):
            details = {"people": rounded(people), "seed": wish.seed, "basis": basis, "planted": len(effects)}
            record(session, "cohort.synthesise", stored.cohort_id, details)
            leave({beside: dictionary_text(blueprint, making), path: table_bytes(frame, form, making)})
    return Twin(
        stored.cohort_id, project.shown(path), project.shown(beside), people, frame.width, basis,
        tuple(notes(blueprint)), written=not console.current().dry_run,
    )  # fmt: skip


def _target(out: Path, form: str) -> tuple[Path, str]:
    """The path with SYNTHETIC in its name, and the format its ending or --format says."""
    ending = out.suffix.lower().removeprefix(".")
    chosen = form or ending or "csv"
    if chosen not in FORMATS or (ending and ending != chosen):
        raise CohortError("LC857", "the ending of --out does not fit the format", "Use .csv or .parquet.")
    name = out.stem if NAMED in out.stem else f"{NAMED}-{out.stem}"
    path = out.with_name(f"{name}.{chosen}")
    if path.exists() or path.with_name(f"{path.stem}.dictionary.json").exists():
        raise CohortError("LC857", "there is a file of that name already", "Name a new one.", where=path.name)
    return path, chosen


def _effects(said: Sequence[str], arm: str) -> tuple[PlantedEffect, ...]:
    found = []
    for text in said:
        name, _, size = text.partition("=")
        with contextlib.suppress(ValueError):
            if name and arm and abs(float(size)) < 1e12:
                found.append(PlantedEffect(name.strip(), arm, float(size)))
    if len(found) != len(said):
        raise CohortError(
            "LC856", "an effect is not of the form VARIABLE=SIZE with an --arm", "Write --effect y=0.1 …"
        )
    if arm and not found:
        raise CohortError(
            "LC856", "--arm names an arm, but no --effect says what it changes", "Add --effect."
        )
    return tuple(found)


def _blueprint(
    session: Session,
    project: Project,
    stored: StoredCohort,
    profile: DisclosureProfile,
    *,
    dictionary_only: bool,
) -> Blueprint:
    """Summaries of the people where there are enough of them; sealed values are never read."""
    facts = column_facts(project, stored, list_variables(session, stored.cohort_id))
    if dictionary_only:
        return dictionary_blueprint(facts, 10 * profile.threshold)
    if flow_facts(session, stored.cohort_id).enrolled < profile.threshold:
        raise CohortError(
            "LC819",
            f"the cohort has fewer than {profile.threshold} people: no summary of them may leave",
            "lifecourse cohort synthesise … --dictionary-only",
        )
    open_ones = [fact for fact in facts if not fact.sealed]
    frame = read_wide(session, stored.cohort_id, [(fact.variable, fact.wave) for fact in open_ones])
    headings = {f"{f.variable}@{f.wave}{end}": f"{f.heading}{end}" for f in open_ones for end in ("", "!")}
    # In the order of the values: the numbers people have hang on the seal and must decide nothing.
    ordered = frame.sort(pl.exclude("participant"), nulls_last=True)
    return summarise(ordered.rename(headings), facts, profile)


def column_facts(
    project: Project, stored: StoredCohort, variables: Sequence[StoredVariable]
) -> list[ColumnFacts]:
    """Each variable at each wave it came at, with what the sources, else the measures, declare of it."""
    declared = _declared(project, stored.definition.name)
    measures = list(_measures(project).values())
    months = {wave.name: wave.months for wave in stored.definition.waves}
    return [
        _facts(variable, wave, months.get(wave, 0.0), declared.get(variable.name, []), measures)
        for variable in variables
        for wave in variable.waves
    ]


def _facts(
    variable: StoredVariable,
    wave: str,
    months: float,
    specs: Sequence[VariableColumn],
    measures: Sequence[Measure],
) -> ColumnFacts:
    heading = variable.name if len(variable.waves) == 1 else f"{variable.name}@{wave}"
    lows = [s.minimum for s in specs]
    highs = [s.maximum for s in specs]
    if not specs:  # the source is gone: the measure may still know its scale
        found = [m for m in measures if variable.name in (m.id, m.variable)]
        lows, highs = [m.minimum for m in found], [m.maximum for m in found]
    codes = tuple(dict.fromkeys(code for spec in specs for code in spec.codes))
    return ColumnFacts(
        heading, variable.name, wave, months, variable.kind, variable.unit,
        next((s.label for s in specs if s.label), ""), variable.labels, codes,
        _widest(lows, min), _widest(highs, max), sealed=wave in variable.sealed_waves,
    )  # fmt: skip


def _widest(ends: Sequence[float | None], pick: Callable[[list[float]], float]) -> float | None:
    """The widest end, or none where one of them is open."""
    known = [end for end in ends if end is not None]
    return pick(known) if known and len(known) == len(ends) else None


def _declared(project: Project, cohort: str) -> dict[str, list[VariableColumn]]:
    """What the sources of a cohort declare of each variable; a mapping that cannot be read declares nothing."""
    found: dict[str, list[VariableColumn]] = {}
    for path in sorted(project.sources.glob("*.toml")):
        with contextlib.suppress(CohortError):
            mapping = read_mapping(read_toml(path, CohortError))
            for spec in mapping.variables if mapping.cohort == cohort else ():
                found.setdefault(spec.name, []).append(spec)
    return found


def _measures(project: Project) -> dict[str, Measure]:
    try:
        return load_measures(project)
    except LifecourseError:  # a theory with faults knows no scales; that is for theory check to say
        return {}
