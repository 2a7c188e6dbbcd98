"""Results kept whole come back as they were, and stay."""

from __future__ import annotations

import dataclasses
import json
import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal, get_args, get_origin, get_type_hints

import pytest
from sqlalchemy.exc import DBAPIError

from evaluation.saved.model import Whole
from evaluation.saved.plain import ShapeError, as_plain, from_plain
from evaluation.saved.records import SavedResult
from evaluation.saved.store import keep_whole, whole_result, whole_results, without_whole
from tests.evaluation import report_samples
from workspace.database import create_database, reading, writing
from workspace.errors import LifecourseError, WorkspaceError
from workspace.project import create_project
from workspace.settings import DisclosureProfile
from workspace.statements import run

SAMPLES = ("works", "cannot_tell", "harmful", "not_assessable", "small_counts", "many_ways", "groups")


def whole(name: str) -> Whole:
    return Whole(getattr(report_samples, name)(), DisclosureProfile(), "a" * 64, practice=False)


def back(value: Any) -> Whole:
    return from_plain(Whole, json.loads(json.dumps(as_plain(value))))


@pytest.mark.parametrize("name", SAMPLES)
def test_a_result_comes_back_as_it_was(name: str) -> None:
    kept = whole(name)
    assert back(kept) == kept


def test_numbers_without_limit_come_back() -> None:
    kept = whole("works")
    estimate = dataclasses.replace(kept.result.primary.estimate, conf_high=math.inf, conf_low=-math.inf)
    outcome = dataclasses.replace(kept.result.primary, estimate=estimate)
    changed = dataclasses.replace(kept, result=dataclasses.replace(kept.result, outcomes=(outcome,)))
    assert back(changed) == changed


def test_a_value_of_another_shape_is_refused_and_not_shown() -> None:
    plain = as_plain(whole("works"))
    for change in ({"practice": "SECRET"}, {"result": ["SECRET"]}, {"SECRETS": 1}):
        with pytest.raises(ShapeError) as refused:
            from_plain(Whole, plain | change)
        assert "SECRET" not in str(refused.value).replace("SECRETS", "")
    with pytest.raises(ShapeError, match="audit_head"):
        from_plain(Whole, {name: item for name, item in plain.items() if name != "audit_head"})


def test_a_field_of_a_later_version_takes_its_default() -> None:
    plain = as_plain(whole("works"))
    del plain["result"]["mediation"]
    assert back(whole("works")) == from_plain(Whole, plain)


def kinds(annotation: Any, seen: set[Any]) -> Iterator[Any]:
    """Every single kind a value of this annotation can hold, dataclasses opened."""
    inner = get_args(annotation)
    if get_origin(annotation) is Literal:
        return
    if inner:
        for one in inner:
            yield from kinds(one, seen)
    elif dataclasses.is_dataclass(annotation):
        if annotation not in seen:
            seen.add(annotation)
            for hint in get_type_hints(annotation).values():
                yield from kinds(hint, seen)
    else:
        yield annotation


def test_everything_a_result_can_hold_is_a_kind_that_can_be_read_back() -> None:
    seen: set[Any] = set()
    found = set(kinds(Whole, seen))
    assert found <= {str, int, float, bool, type(None), object, ...}
    assert len(seen) > 30


def test_no_two_dataclasses_of_a_choice_could_be_mistaken_for_one_another() -> None:
    seen: set[Any] = set()
    list(kinds(Whole, seen))
    for kind in seen:
        for name, hint in get_type_hints(kind).items():
            choices = [one for one in get_args(hint) if dataclasses.is_dataclass(one)]
            assert len(choices) <= 1, f"{kind.__name__}.{name}"


def test_a_saved_result_stays_on_both_stores(tmp_path: Path, database_url: str) -> None:
    project = create_project(tmp_path / "project", "Test")
    create_database(project)
    kept = whole("works")
    name = kept.result.evaluation
    with writing(project) as session:
        keep_whole(session, kept)
    assert whole_result(project, name) == kept
    statements = ["DELETE FROM saved_result", "UPDATE saved_result SET content = ''"]
    same = "INSERT OR REPLACE INTO saved_result SELECT * FROM saved_result"
    for statement in (*statements, "TRUNCATE saved_result" if database_url else same):
        with pytest.raises((WorkspaceError, DBAPIError)), writing(project) as session:
            run(session, statement)
    with reading(project) as session:
        assert session.get(SavedResult, name) is not None
    with pytest.raises(LifecourseError, match="there is no evaluation"):
        whole_result(project, "EVAL-999")
    assert (whole_results(project), without_whole(project)) == (
        (),
        (),
    )  # no run of the register has that name
