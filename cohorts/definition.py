"""What a cohort is: whom it takes, from when it counts, at which waves, and when an outcome is ripe (pure)."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field, replace

from cohorts.errors import CohortError
from cohorts.expressions import RuleFault, read_rule
from cohorts.lives.definition import LifeDefinition, names_of, read_life_definition
from cohorts.lives.windows import SCHOOL_YEARS
from workspace.errors import Fault
from workspace.toml_source import KeyCodes, Section, TomlSource, top

CODES = KeyCodes(unknown="LC801", missing="LC802", wrong="LC803")


@dataclass(frozen=True, slots=True)
class Wave:
    """A point of follow-up: its name and how many months after the index date it is due.

    Its window opens and closes some months before and after (0 and 0: no window is kept). ``school_year`` makes it
    due at the end of that school year of a child whose index date is the birth, whatever the months say.
    """

    name: str
    months: float
    title: str = ""
    opens: float = 0.0
    closes: float = 0.0
    school_year: str = ""


@dataclass(frozen=True, slots=True)
class MeasureWindow:
    """A measure of the template: at which wave, after how long it is complete, and how long records take."""

    measure: str
    wave: str
    follow_up_months: float
    waiting_months: float = 0.0


@dataclass(frozen=True, slots=True)
class CohortDefinition:
    """A cohort as it is declared. Built from a template and never changed afterwards."""

    name: str
    title: str
    template: str
    template_version: str
    index_event: str
    eligibility: str
    eligibility_words: str
    waves: tuple[Wave, ...]
    measures: tuple[MeasureWindow, ...]
    life: LifeDefinition = field(default_factory=LifeDefinition)

    def wave(self, name: str) -> Wave | None:
        """The wave of that name."""
        return next((wave for wave in self.waves if wave.name == name), None)

    def as_json(self) -> str:
        """Canonical JSON: sorted keys, no spaces."""
        return json.dumps(asdict(self), sort_keys=True, separators=(",", ":"), ensure_ascii=False)

    @classmethod
    def from_json(cls, text: str) -> CohortDefinition:
        """Read back what :meth:`as_json` wrote."""
        data = json.loads(text)
        data["waves"] = tuple(Wave(**wave) for wave in data["waves"])
        data["measures"] = tuple(MeasureWindow(**measure) for measure in data["measures"])
        data["life"] = LifeDefinition.from_data(data.get("life", {}))
        return cls(**data)


def read_definition(
    source: TomlSource, name: str, title: str = "", eligible: str | None = None
) -> CohortDefinition:
    """Read a template and give it a name; ``eligible`` replaces its rule. All faults at once, with lines."""
    faults: list[Fault] = []
    file = top(source, faults, CODES)
    head = file.table("template", required=True)
    rule, words, event, template, version, heading, cluster = "", "", "", "", "", "", ""
    if head:
        cluster = head.text("cluster")
        template, version = head.text("id", required=True), head.text("version", required=True)
        heading = head.text("title", required=True)
        head.finish()
    index = file.table("index", required=True)
    if index:
        event = index.text("event", required=True)
        index.finish()
    gate = file.table("eligibility")
    if gate:
        rule, words = gate.text("rule"), gate.text("words")
        _check_rule(rule, gate, faults)
        gate.finish()
    wave_sections = file.tables("wave")
    waves = tuple(_wave(section) for section in wave_sections)
    _refuse_doubles(wave_sections, waves)
    names = {wave.name for wave in waves}
    windows = tuple(_window(section, names) for section in file.tables("measure"))
    life = replace(read_life_definition(file, names), cluster=cluster)
    windows += _derived_windows(life, windows)
    file.finish()
    if faults:
        raise CohortError.gather(faults)
    if eligible is not None:
        rule, words = eligible, ""
        _check_option(eligible)
    return CohortDefinition(
        name, title or heading, template, version, event, rule, words, waves, windows, life
    )


def _derived_windows(life: LifeDefinition, windows: tuple[MeasureWindow, ...]) -> tuple[MeasureWindow, ...]:
    """A derived variable is ripe when its window and its waiting time are over."""
    taken = {(window.measure, window.wave) for window in windows}
    return tuple(
        MeasureWindow(name, item.wave, max(item.to_months, 0.0), item.waiting_months)
        for item in life.derived
        for name in names_of(item)
        if (name, item.wave) not in taken
    )


def _check_rule(rule: str, gate: Section, faults: list[Fault]) -> None:
    try:
        if rule:
            read_rule(rule)
    except RuleFault as problem:
        faults.append(Fault(CODES.wrong, gate.where("rule"), str(problem)))


def _check_option(rule: str) -> None:
    try:
        if rule:
            read_rule(rule)
    except RuleFault as problem:
        raise CohortError(CODES.wrong, str(problem), where="--eligible") from None


def _refuse_doubles(sections: list[Section], waves: tuple[Wave, ...]) -> None:
    names = [wave.name for wave in waves]
    for number, (section, name) in enumerate(zip(sections, names, strict=True)):
        if name and name in names[:number]:
            section.fault(CODES.wrong, "name", f"there are two waves '{name}'", "Keep one, or rename it.")


def _wave(section: Section) -> Wave:
    name = section.text("name", required=True)
    months = section.number("months", 0.0, required=True, low=-1200, high=1200) or 0.0
    found = Wave(
        name,
        months,
        section.text("title"),
        section.number("opens", 0.0, low=0, high=120) or 0.0,
        section.number("closes", 0.0, low=0, high=120) or 0.0,
        section.text("school_year", one_of=("", *SCHOOL_YEARS)),
    )
    section.finish()
    return found


def _window(section: Section, waves: set[str]) -> MeasureWindow:
    measure = section.text("measure", required=True)
    wave = section.text("wave", required=True, one_of=sorted(waves))
    follow_up = section.number("follow_up_months", 0.0, low=0, high=1200) or 0.0
    waiting = section.number("waiting_months", 0.0, low=0, high=1200) or 0.0
    section.finish()
    return MeasureWindow(measure, wave, follow_up, waiting)
