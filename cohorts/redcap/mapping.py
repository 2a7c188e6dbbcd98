"""First mapping files for a REDCap project: one, and one more for each repeating instrument (pure)."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from cohorts.definition import CohortDefinition
from cohorts.redcap.branching import EVENT
from cohorts.redcap.dictionary import Dictionary, Field
from cohorts.redcap.export import GROUP, Event
from cohorts.redcap.fields import BIRTH, Kept, Passed, identifier_of, is_date, kept_as
from cohorts.redcap.keys import LAST, LAYOUT, LEFT_OUT
from workspace.toml_source import toml_text

_OWN = "REDCap's own columns"
_SILENT = "its form has no values yet: read it once it has, or now with --repeating if it is one that repeats"
_ELSEWHERE = "read by another source of this project"
_STARTS = re.compile(r"enrol|consent|referr|random|start|admi|release|index|baseline|intake|registr")
_WIDTH = 100


@dataclass(frozen=True, slots=True)
class RedcapProject:
    """What is known of a project: dictionary, headings of the export, events with waves, repeats, missing codes.

    ``silent`` are forms without a value in a project where forms repeat: whether these do cannot be told.
    """

    name: str
    dictionary: Dictionary
    headings: tuple[str, ...]
    events: tuple[Event, ...]
    waves: Mapping[str, str]
    asked_at: Mapping[str, tuple[str, ...]]
    repeating: tuple[str, ...]
    missing: Mapping[str, str]
    cohort: CohortDefinition
    age: str = "age_at_index"
    silent: tuple[str, ...] = ()


@dataclass
class _Draft:
    """One mapping on the way: what it keeps, and the headings it does not read by reason."""

    project: RedcapProject
    forms: Collection[str]
    blocks: list[str] = field(default_factory=list)
    ignored: dict[str, list[str]] = field(default_factory=dict)
    names: set[str] = field(default_factory=set)

    def ignore(self, reason: str, columns: Iterable[str]) -> None:
        """Headings of the export that are not read."""
        there = [column for column in columns if column in self.project.headings]
        if there:
            self.ignored.setdefault(reason, []).extend(there)

    def keep(self, item: Field, kept: Sequence[Kept]) -> None:
        """The blocks of a field, for those of its columns that the export has."""
        limits = self._events(item)
        for one in kept:
            if one.column not in self.project.headings:
                continue
            name = one.name
            while name in self.names:
                name += "_x"
            self.names.add(name)
            head = ["[[variable]]", f"column = {toml_text(one.column)}", f'name = "{name}"']
            self.blocks.append("\n".join([*head, *one.lines, *limits]) + "\n")

    def _events(self, item: Field) -> tuple[str, ...]:
        held = self.project.asked_at.get(item.form, ())
        if not self.project.events or not held or set(held) >= set(self.project.waves):
            return ()
        return (f"events = [{', '.join(toml_text(event) for event in held)}]",)


def redcap_mappings(project: RedcapProject) -> dict[str, str]:
    """The mapping files by source name, the one that does not repeat first. No value of the export is in them."""
    texts = {project.name: _main(project)}
    for form in project.repeating:
        texts[f"{project.name}-{form.replace('_', '-')}"[:63]] = _repeat(project, form)
    return texts


def _main(project: RedcapProject) -> str:
    fields = [item for item in project.dictionary.fields if item.form not in project.repeating]
    identifiers = _identifiers(project, fields)
    index = _index_date(project, fields)
    draft = _Draft(project, {item.form for item in fields})
    age = project.age if index else ""
    used = {project.dictionary.record.name, *identifiers.values(), index}
    for item in fields:
        if item.name not in used:
            _put(draft, item, Passed(_SILENT) if item.form in project.silent else kept_as(item, age))
    blocks = [_identifier(project.dictionary.record.name, "local-id", "true")]
    blocks += [_identifier(column, kind, "false") for kind, column in identifiers.items()]
    blocks += [f"[[index_date]]\ncolumn = {toml_text(index)}\n"] if index else []
    blocks += _arm(project)
    return _text(project, draft, project.name, blocks, enrols=bool(index), form="")


def _repeat(project: RedcapProject, form: str) -> str:
    draft = _Draft(project, {form})
    for item in project.dictionary.of(form):
        if item is not project.dictionary.record:
            _put(draft, item, kept_as(item, ""))
    name = f"{project.name}-{form.replace('_', '-')}"[:63]
    blocks = [_identifier(project.dictionary.record.name, "local-id", "true")]
    return _text(project, draft, name, blocks, enrols=False, form=form)


def _put(draft: _Draft, item: Field, found: tuple[Kept, ...] | Passed) -> None:
    if isinstance(found, Passed):
        draft.ignore(found.reason, item.columns)
    else:
        draft.keep(item, found)


def _identifiers(project: RedcapProject, fields: Sequence[Field]) -> dict[str, str]:
    """The first field of each kind of national identifier; a flag does not matter, as only a pseudonym is kept."""
    found: dict[str, str] = {}
    for item in fields:
        kind = identifier_of(item)
        if (
            kind
            and kind not in found
            and item.name in project.headings
            and item is not project.dictionary.record
        ):
            found[kind] = item.name
    return found


def _index_date(project: RedcapProject, fields: Sequence[Field]) -> str:
    """A date that may be the day people count from: named like the cohort's index event, or like a beginning."""
    dates = [
        item for item in fields if is_date(item) and not item.identifies and item.name in project.headings
    ]
    event = project.cohort.index_event.lower()
    words = [word[:6] for word in re.findall(r"[a-z]{5,}", event)]
    births = "birth" in event
    said = [item.name for item in dates if any(word in item.name for word in words)]
    starts = [item.name for item in dates if _STARTS.search(item.name)]
    fitting = [name for name in (*said, *starts) if births or not BIRTH.search(name)]
    return next(iter(fitting), "")


def _identifier(column: str, kind: str, required: str) -> str:
    return f'[[identifier]]\ncolumn = {toml_text(column)}\nkind = "{kind}"\nrequired = {required}\n'


def _arm(project: RedcapProject) -> list[str]:
    """Which arm a record is in, read from its events: yes or no for two arms, else a category."""
    arms = sorted({event.arm for event in project.events})
    first = next((wave for wave in project.waves.values() if wave != LEFT_OUT), "")
    if len(arms) < 2 or not first:
        return []
    two = len(arms) == 2
    value = {arm: str(place) if two else toml_text(f"arm {arm}") for place, arm in enumerate(arms)}
    recode = ", ".join(f"{toml_text(event.name)} = {value[event.arm]}" for event in project.events)
    codes = [] if two else [f"codes = [{', '.join(value[arm] for arm in arms)}]"]
    name, kind = (f"in_arm_{arms[1]}", "binary") if two else ("arm", "category")
    return [
        "\n".join(
            [
                "[[variable]]", f'column = "{EVENT}"', f'name = "{name}"', f'kind = "{kind}"', *codes,
                f"recode = {{ {recode} }}", f'wave = "{first}"',
            ]
        )
        + "\n"
    ]  # fmt: skip


def _text(
    project: RedcapProject, draft: _Draft, name: str, blocks: Sequence[str], *, enrols: bool, form: str
) -> str:
    known = {
        column for item in project.dictionary.fields if item.form in draft.forms for column in item.columns
    }
    known.add(project.dictionary.record.name)
    own = [heading for heading in project.headings if _is_own(heading, project)]
    others = [heading for heading in project.headings if heading not in known and heading not in own]
    draft.ignore(_ELSEWHERE, [heading for heading in others if _base(heading) not in _base_names(draft)])
    draft.ignore(
        "missing codes of ticked boxes; carried into their options",
        [h for h in others if _base(h) in _base_names(draft)],
    )
    draft.ignore(_OWN, [heading for heading in own if heading != EVENT or not project.events])
    lines = [
        "# How this REDCap project is read. Every line is a guess from its dictionary: check it against the agreement,",
        f"# then try it without writing anything:  lifecourse source inspect FILE --source {name}",
        "[source]",
        f'id = "{name}"',
        f'title = "{name}"',
        f'organisation = "REDCap {project.name}"    # record ids are this project\'s own: the same in all its sources',
        f'cohort = "{project.cohort.name}"',
        f"enrols = {'true' if enrols else 'false'}          # do people in this file join the cohort?",
        'dates = "yyyy-mm-dd"     # as raw exports write them, whatever the form shows',
        'rejects = "stop"         # or "set-aside"',
        f'layout = "{LAYOUT}"',
        *(
            [
                f'repeat_instrument = "{form}"',
                f'repeat = "{LAST}"          # or "first", or the number of an instance',
            ]
            if form
            else []
        ),
        *_waves(project),
        "# data_until = 2026-03-31",
        f"missing = {{ {', '.join(f'{toml_text(c)} = {toml_text(r)}' for c, r in project.missing.items())} }}",
        *_ignore(draft),
        "",
    ]
    return "\n".join([*lines, *blocks, *draft.blocks])


def _base(heading: str) -> str:
    return heading.partition("___")[0] if "___" in heading else ""


def _base_names(draft: _Draft) -> set[str]:
    fields = draft.project.dictionary.fields
    return {item.name for item in fields if item.type == "checkbox" and item.form in draft.forms}


def _is_own(heading: str, project: RedcapProject) -> bool:
    ends = {f"{form}_{end}" for form in project.dictionary.forms for end in ("complete", "timestamp")}
    return heading.startswith("redcap_") or heading in ends


def _waves(project: RedcapProject) -> list[str]:
    if not project.events:
        return [f'wave = "{project.cohort.waves[0].name}"']
    out = [event for event, wave in project.waves.items() if wave == LEFT_OUT]
    said = f"# No wave was found for {', '.join(out)}: their rows are left out until you name a wave."
    pairs = ", ".join(f"{toml_text(event)} = {toml_text(wave)}" for event, wave in project.waves.items())
    return [f'wave_column = "{EVENT}"', *([said] if out else []), f"waves = {{ {pairs} }}"]


def _ignore(draft: _Draft) -> list[str]:
    """The headings that are not read, each under its reason."""
    lines = ["ignore = ["]
    for reason, columns in draft.ignored.items():
        lines.append(f"  # {reason}")
        line = " "
        for column in dict.fromkeys(columns):
            if len(line) + len(column) > _WIDTH:
                lines.append(line)
                line = " "
            line += f" {toml_text(column)},"
        lines.append(line)
        if reason == _OWN and GROUP in columns:
            lines.append(f"  # {GROUP} says the site: map it as a category if the agreement names it")
    return [*lines, "]"]
