"""What lies beside released rows: the manifest that says what they are, and the data dictionary (pure)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cohorts.disclosure import publish_count
from cohorts.releases.coarsening import Coarsening
from cohorts.releases.k_report import KReport, report_payload
from cohorts.releases.rows import PSEUDONYM, Column
from workspace.settings import DisclosureProfile

STATEMENT = (
    "Rows about real people under pseudonyms made for this release alone. They may be used in the safe setting named, "
    "for the purpose agreed, until the last day named, and are destroyed then. Nobody may try to find out who a row is "
    "about, or join it with other rows about people unless that was agreed."
)


@dataclass(frozen=True, slots=True)
class Consignment:
    """What is known of a release before its bytes are made: names, days, terms."""

    release_id: str
    project: str
    version: str
    day: str
    cohort: str
    title: str
    recipient: str
    setting: str
    plan: str
    expires: str
    agreements: tuple[tuple[str, str], ...]
    protection: str
    profile: DisclosureProfile


def marks_of(made: Consignment) -> dict[str, str]:
    """What a Parquet file says of itself."""
    return {
        "lifecourse.release": made.release_id,
        "lifecourse.setting": made.setting,
        "lifecourse.destroy_by": made.expires,
        "lifecourse.statement": STATEMENT,
    }


def manifest_of(
    made: Consignment, report: KReport, columns: Sequence[Column], files: Mapping[str, str]
) -> dict[str, Any]:
    """The manifest; ``files`` holds the name of the file of rows and the fingerprints of its bytes."""
    return {
        "format": "lifecourse-release-1",
        "statement": STATEMENT,
        "release": made.release_id,
        "project": made.project,
        "lifecourse": made.version,
        "day": made.day,
        "cohort": made.cohort,
        "recipient": made.recipient,
        "safe_setting": made.setting,
        "plan": made.plan or None,
        "destroy_by": made.expires,
        "agreements": [{"id": name, "version": version} for name, version in made.agreements],
        "protection": made.protection,
        **files,
        "disclosure": {"threshold": made.profile.threshold, "rounding": made.profile.rounding},
        "k_report": report_payload(report, made.profile),
        "variables": [
            {
                "heading": c.heading,
                "with_value": publish_count(c.with_value, made.profile),
                "made_coarser": c.treatment or None,
            }
            for c in columns
        ],
    }


def dictionary_of(
    made: Consignment, report: KReport, columns: Sequence[Column], how: Coarsening
) -> dict[str, Any]:
    """The data dictionary: every column, in the order of the file."""
    fixed = [{"heading": PSEUDONYM, "kind": "text", "note": f"Of {made.release_id} alone; one row a person."}]
    if how.period != "none":
        fixed.append(
            {"heading": f"index_{how.period}", "kind": "text", "note": "When the person's time began."}
        )
    return {
        "release": made.release_id,
        "cohort": made.cohort,
        "title": made.title,
        "statement": STATEMENT,
        "columns": [*fixed, *(_described(c, c.heading in report.quasi, made.profile) for c in columns)],
    }


def _described(column: Column, quasi: bool, profile: DisclosureProfile) -> dict[str, Any]:
    variable = column.variable
    return {
        "heading": column.heading,
        "variable": variable.name,
        "wave": column.wave,
        "kind": variable.kind,
        "unit": column.unit,
        "labels": list(column.labels),
        "made_coarser": column.treatment or None,
        "others_may_know_it": quasi,
        "with_value": publish_count(column.with_value, profile),
        "no_value_because": [
            {"reason": reason, "people": publish_count(n, profile)} for reason, n in column.missing
        ],
    }
