"""Records of evidence out of TOML, and out of the JSON they are kept as; every fault with its line (pure)."""

from __future__ import annotations

import datetime as dt
import json
import re
from typing import Any, cast

from evaluation.errors import EvaluationError
from evaluation.evidence.errors import EVIDENCE_KEYS
from evaluation.evidence.figures import contradictions
from evaluation.evidence.json_lines import json_lines
from evaluation.evidence.model import (
    CHANGES,
    CHOSEN,
    COMPARISONS,
    RATIO_SCALES,
    SCALES,
    Change,
    Chosen,
    Claim,
    Comparison,
    Counts,
    Moderators,
    Record,
    Scale,
    Study,
    Version,
)
from evaluation.methods.registry import METHODS
from evaluation.model import Better
from workspace.errors import Fault
from workspace.toml_source import LARGEST, Section, TomlSource, top

ID = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
OTHER_DESIGNS = ("other-with-comparison", "other-without-comparison", "not-said")
DESIGNS = (*METHODS, *OTHER_DESIGNS)
BETTER = ("lower", "higher")
COUNTS = ("events_treated", "n_treated", "events_comparison", "n_comparison")


def read_records(source: TomlSource) -> tuple[Record, ...]:
    """Every study and claim of a file; all faults at once."""
    faults: list[Fault] = []
    file = top(source, faults, EVIDENCE_KEYS)
    records: list[Record] = [_study(section) for section in file.tables("study")]
    records += [_claim(section) for section in file.tables("claim")]
    if not records and not faults:
        file.fault(
            "LC551", "", "the file holds no [[study]] and no [[claim]]", "See: reference of evidence keys."
        )
    seen: set[str] = set()
    for record in records:
        if record.id in seen:
            file.fault("LC554", "", f"the id '{record.id}' stands in the file twice", "Give each its own id.")
        seen.add(record.id)
    file.finish()
    if faults:
        raise EvaluationError.gather(faults)
    return tuple(records)


def parse_json(text: str, name: str) -> TomlSource:
    """A record as it is kept: the same keys as in TOML, days as texts."""
    try:
        data = json.loads(text)
    except (ValueError, RecursionError) as problem:
        line = getattr(problem, "lineno", 1)
        raise EvaluationError(
            "LC558", "the file is not valid JSON", "Restore it from git.", where=f"{name}:{line}"
        ) from None
    if not isinstance(data, dict):
        raise EvaluationError("LC558", "the file holds no record", "Restore it from git.", where=f"{name}:1")
    return TomlSource(name, _with_days(data), json_lines(text))


def _with_days(value: Any, key: str = "") -> Any:
    if isinstance(value, dict):
        return {name: _with_days(item, name) for name, item in value.items()}
    if isinstance(value, list):
        return [_with_days(item) for item in value]
    if key == "date" and isinstance(value, str) and DAY.fullmatch(value):
        try:
            return dt.date.fromisoformat(value)
        except ValueError:
            return value
    return value


def _id(section: Section) -> str:
    found = section.text("id", required=True)
    if found and not (ID.fullmatch(found) and len(found) <= 60):
        section.fault(
            "LC552", "id", "'id' is not a short name", "Small letters, digits and hyphens; it names a file."
        )
    return found


def _study(section: Section) -> Study:
    versions = tuple(_version(one) for one in section.tables("version"))
    if not versions:
        section.fault(
            "LC551", "", f"{section.title} has no version", "Add [[study.version]] with its figures."
        )
    margin = section.number("minimum_important_difference", above=0)
    found = Study(
        id=_id(section),
        citation=section.text("citation", required=True),
        outcome=section.text("outcome", required=True),
        better=cast(Better, section.text("better", "lower", required=True, one_of=BETTER)),
        design=section.text("design", "not-said", required=True, one_of=DESIGNS),
        versions=tuple(sorted(versions, key=lambda version: version.date)),
        place=section.text("place"),
        year=section.integer("year", low=1900),
        programme=section.text("programme"),
        population=section.text("population"),
        measure=section.text("measure"),
        unit=section.text("unit"),
        activity=section.text("activity"),
        stage=section.text("stage"),
        minimum_important_difference=margin,
        mid_source=section.text("mid_source"),
        moderators=_moderators(section),
    )
    if margin is not None and not found.mid_source:
        hint = "Say where it comes from: a guide, a threshold, a break-even sum."
        section.fault(
            "LC551", "minimum_important_difference", "a difference that matters has no mid_source", hint
        )
    if margin == 1 and any(version.scale in RATIO_SCALES for version in versions):
        section.fault("LC552", "minimum_important_difference", "a ratio of 1 is no difference", "Like 0.85.")
    section.finish()
    return found


def _moderators(section: Section) -> Moderators:
    kept: list[tuple[str, float | str]] = []
    for name, value in section.mapping("moderators").items():
        if isinstance(value, bool) or not isinstance(value, int | float | str):
            section.fault(
                "LC552", "moderators", f"moderator '{name}' is neither a number nor a text", "Correct it."
            )
        elif not isinstance(value, str) and not abs(value) <= LARGEST:
            section.fault("LC552", "moderators", f"moderator '{name}' is no finite number", "Correct it.")
        else:
            kept.append((name, value if isinstance(value, str) else float(value)))
    return tuple(sorted(kept))


def _version(section: Section) -> Version:
    day = section.date("date", required=True)
    found = Version(
        date=day.isoformat() if day else "",
        source=section.text("source", required=True),
        scale=cast(Scale, section.text("scale", "unclear", required=True, one_of=SCALES)),
        effect=section.number("effect"),
        std_error=section.number("std_error", above=0),
        conf_low=section.number("conf_low"),
        conf_high=section.number("conf_high"),
        conf_level=section.number("conf_level", 0.95, low=0.5, high=0.999) or 0.95,
        p_value=section.number("p_value", low=0, high=1),
        n=section.integer("n", low=1),
        counts=_counts(section),
        part=section.text("part"),
        reported_by=section.text("reported_by"),
        population=section.text("population"),
        note=section.text("note"),
        moderators=_moderators(section),
    )
    for key, problem in contradictions(found):
        section.fault("LC553", key, problem, "Look the figures up again.")
    section.finish()
    return found


def _counts(section: Section) -> Counts | None:
    found = [section.integer(name, low=0) for name in COUNTS]
    given = [value for value in found if value is not None]
    if not given:
        return None
    if len(given) < len(COUNTS):
        missing = ", ".join(n for n, value in zip(COUNTS, found, strict=True) if value is None)
        section.fault("LC551", "", f"{section.title} has counts but no {missing}", "Give all four, or none.")
        return None
    return Counts(*given)


def _claim(section: Section) -> Claim:
    day = section.date("date", required=True)
    found = Claim(
        id=_id(section),
        text=section.text("text", required=True),
        said_by=section.text("said_by", required=True),
        date=day.isoformat() if day else "",
        source=section.text("source"),
        outcome=section.text("outcome"),
        better=cast(Better, section.text("better", "lower", one_of=BETTER)),
        comparison=cast(Comparison, section.text("comparison", "not-named", one_of=COMPARISONS)),
        chosen=cast(Chosen, section.text("chosen", "not-said", one_of=CHOSEN)),
        change=cast(Change, section.text("change", "not-said", one_of=CHANGES)),
        period=section.text("period"),
        place=section.text("place"),
        activity=section.text("activity"),
        stage=section.text("stage"),
        tested_by=section.text("tested_by"),
        note=section.text("note"),
    )
    if found.tested_by and not re.fullmatch(r"EVAL-\d+", found.tested_by):
        section.fault("LC547", "tested_by", "'tested_by' names no evaluation", "Write it like EVAL-003.")
    section.finish()
    return found
