"""``link quality`` at the edge: the links of a cohort beside the variables its subgroups are made by."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import polars as pl
from sqlmodel import Session

from cohorts.agreements.use_gate import permit_linked
from cohorts.attacks.printed import link_puzzle
from cohorts.complementary import protect
from cohorts.errors import CohortError
from cohorts.linking.quality import quality_of, quality_payload
from cohorts.linking.store import latest_runs, links_of
from cohorts.requests.store import people_not_to_link
from cohorts.store import StoredCohort, StoredVariable, enrolments, find_cohort, list_variables, read_wide
from workspace.audit import note_reading
from workspace.database import reading
from workspace.errors import did_you_mean
from workspace.project import Project
from workspace.settings import DisclosureProfile


def quality_report(
    project: Project, cohort_name: str, by: Sequence[str]
) -> tuple[dict[str, Any], DisclosureProfile]:
    """Match rate, precision and recall by source and subgroup, published under the cohort's profile."""
    with reading(project) as session:
        cohort = find_cohort(session, cohort_name)
        profile = permit_linked(session, project, cohort, by)
        table = _table(session, cohort, by)
        sources = [
            {"source": found.source, "run": found.run_id, "threshold": found.threshold, "state": found.state}
            for found in latest_runs(session, cohort.cohort_id)
        ]
    note_reading(project, "link.quality", cohort.cohort_id, {"by": list(by)})
    found = quality_payload(quality_of(table, by), profile)
    payload = {"cohort": cohort.cohort_id, "sources": sources, **found}
    protect(payload, link_puzzle, profile)
    for row in payload["groups"]:
        if row.get("not_shown"):
            row["match_rate"] = None
    return payload, profile


def _table(session: Session, cohort: StoredCohort, by: Sequence[str]) -> pl.DataFrame:
    barred = people_not_to_link(session).implode()
    everybody = enrolments(session, cohort.cohort_id).select("participant_id")
    everybody = everybody.filter(~pl.col("participant_id").is_in(barred))
    groups = _groups(session, cohort, by)
    parts = [
        everybody.join(links_of(session, found.run_id), on="participant_id", how="left").select(
            "participant_id",
            pl.lit(found.source).alias("source"),
            (pl.col("linked").fill_null(0) == 1).alias("linked"),
            (pl.col("blind").fill_null(0) == 1).alias("blind"),
            pl.col("truth").fill_null("unknown"),
        )
        for found in latest_runs(session, cohort.cohort_id)
    ]
    if not parts:
        raise CohortError(
            "LC884",
            "nothing has been linked to this cohort yet",
            "lifecourse link run --cohort COHORT A=FILE B=FILE",
        )
    return pl.concat(parts).join(groups, on="participant_id", how="left")


def _groups(session: Session, cohort: StoredCohort, by: Sequence[str]) -> pl.DataFrame:
    """One String column a variable: its labels, at the first wave it was observed at."""
    known = {variable.name: variable for variable in list_variables(session, cohort.cohort_id)}
    chosen = [_chosen(known, name) for name in by]
    frame = read_wide(session, cohort.cohort_id, [(v.name, v.waves[0]) for v in chosen])
    columns = [_labelled(frame[f"{v.name}@{v.waves[0]}"], v) for v in chosen]
    return frame.select(pl.col("participant").alias("participant_id")).with_columns(columns)


def _chosen(known: dict[str, StoredVariable], name: str) -> StoredVariable:
    found = known.get(name)
    if found is None or found.kind not in {"binary", "category"} or not found.waves:
        fit = [v.name for v in known.values() if v.kind in {"binary", "category"}]
        raise CohortError(
            "LC861",
            f"'{name}' is not a binary or category variable of this cohort.{did_you_mean(name, fit)}",
            f"Those there are: {', '.join(fit) or 'none'}",
        )
    return found


def _labelled(values: pl.Series, variable: StoredVariable) -> pl.Series:
    words = {0.0: "no", 1.0: "yes"} if variable.kind == "binary" else dict(enumerate(variable.labels))
    texts = {float(code): label for code, label in words.items()}
    return values.replace_strict(texts, default=None, return_dtype=pl.String).rename(variable.name)
