"""Partner files prepared at the partner: an intake to a pack there, a pack to an intake at the hub. Pure."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

import polars as pl

from cohorts.custody.two_keys import SCHEME, LinkKey, hub_tokens
from cohorts.errors import CohortError
from cohorts.intake import Intake, IntakeReport, Problem
from cohorts.packs.container import damaged
from cohorts.packs.format import OBSERVATIONS, PEOPLE, Manifest, Pack, write_pack
from cohorts.packs.lives import life_fault, lives_of_pack
from cohorts.partner_files.mapping import MISSING_REASONS, SourceMapping
from cohorts.partner_files.observations import blocks_of
from cohorts.pseudonyms import PseudonymKey
from workspace.errors import Fault

_AGAIN = "Send the partner the current mapping and ask for a new pack: lifecourse source kit"


def pack_of(
    intake: Intake,
    mapping: SourceMapping,
    mapping_sha: str,
    key: LinkKey,
    project_id: str,
    on: dt.date,
    program: str,
) -> bytes:
    """The bytes of a pack of what was taken in under the link key."""
    report = intake.report
    manifest = Manifest(
        SCHEME,
        project_id,
        mapping.id,
        mapping_sha,
        key.key_id,
        on,
        program,
        report.rows,
        report.accepted_rows,
        report.rejected_rows,
        report.people,
        _counted(report.problems),
        _counted(report.warnings),
        report.missing,
    )
    return write_pack(manifest, intake.people, intake.observations, intake.categories, intake.life)


def _counted(problems: Sequence[Problem]) -> tuple[tuple[str, str, str, int], ...]:
    """Rules and counts without row numbers: they mean something at the partner only."""
    return tuple((item.code, item.column, item.rule, item.count) for item in problems)


def refuse_strange(
    pack: Pack, mapping: SourceMapping, mapping_sha: str, project_id: str, hub_key_id: str
) -> None:
    """Refuse a pack of another project, source, mapping or scheme; every reason is gathered (``LC839``)."""
    said = pack.manifest
    wrong = [
        (said.scheme != SCHEME, "it was made with another scheme of pseudonyms"),
        (said.project_id != project_id, "it was prepared for another project"),
        (said.source != mapping.id, "it was prepared for another source"),
        (
            said.source == mapping.id and said.mapping_sha256 != mapping_sha,
            "it was prepared with another version of the mapping",
        ),
        (said.link_key_id == hub_key_id, "it was prepared with the hub's own key in place of a link key"),
    ]
    faults = [Fault("LC839", pack.name, what, _AGAIN) for is_wrong, what in wrong if is_wrong]
    if faults:
        raise CohortError.gather(faults)


def intake_of(pack: Pack, mapping: SourceMapping, key: PseudonymKey, project_id: str) -> Intake:
    """A pack as if its file had been taken in here: tokens under both keys, people renumbered in their order.

    The partner knows the order of the link tokens; participants are numbered in the order of the people, so they are
    put into the order of the stored tokens, which no partner knows.
    """
    _check_people(pack, mapping)
    _check_observations(pack, mapping)
    wrong = life_fault(pack.lives, mapping, pack.people.height)
    if wrong:
        raise damaged(pack.name, wrong)
    kinds = [identifier.kind for identifier in mapping.identifiers]
    tokens = [
        hub_tokens(pack.people[kind], kind, key, project_id, mapping.namespace if kind == "local-id" else "")
        for kind in kinds
    ]
    people = pack.people.with_columns(tokens).sort(kinds, nulls_last=True).rename({"person": "before"})
    people = people.select(
        pl.int_range(pl.len(), dtype=pl.UInt32).alias("person"), "before", *kinds, "index_date"
    )
    observations = (
        pack.observations.rename({"person": "before"})
        .join(people.select("before", "person"), on="before", how="left")
        .select("person", "variable", "wave", "value", "missing")
        .sort("person", "variable", "wave")
    )
    life = lives_of_pack(pack.lives, people.select("before", "person"), mapping, key, project_id)
    return Intake(people.drop("before"), blocks_of(observations), pack.categories, report_of(pack), life)


def report_of(pack: Pack) -> IntakeReport:
    """The partner's intake report as the pack carries it: rules and counts, no rows."""
    said = pack.manifest
    problems, warnings = (
        tuple(Problem(code, column, rule, count, (), ()) for code, column, rule, count in group)
        for group in (said.problems, said.warnings)
    )
    return IntakeReport(
        said.source, said.rows, said.accepted, said.set_aside, said.people, problems, warnings, said.missing
    )


def pack_shape(pack: Pack) -> dict[str, Any]:
    """What a pack says it holds, in the shape in which a raw file's columns are shown."""
    people = pack.people
    kinds = [name for name in people.columns if name not in ("person", "index_date")]
    columns = [
        {"column": f"{kind} (token)", "filled": _filled(people[kind].count(), people.height)}
        for kind in kinds
    ]
    variables = sorted(pack.observations["variable"].unique())
    for name in variables:
        seen = pack.observations.filter(pl.col("variable") == name)["value"]
        columns.append({"column": name, "filled": _filled(seen.count(), seen.len())})
    return {"kind": "pack", "encoding": "", "rows": pack.manifest.rows, "columns": columns}


def _filled(count: int, rows: int) -> str:
    return "all" if count == rows else "none" if count == 0 else f"{100 * count / rows:.0f} %"


def _check_people(pack: Pack, mapping: SourceMapping) -> None:
    """A pack comes from outside: nothing in it is taken on trust."""
    people, kinds = pack.people, [identifier.kind for identifier in mapping.identifiers]
    if people.columns != ["person", *kinds, "index_date"]:
        raise damaged(pack.name, f"{PEOPLE} does not have the identifiers of the mapping")
    numbered = people["person"].to_list() == list(range(people.height))
    if not numbered or not people.height or people.height != pack.manifest.people:
        raise damaged(pack.name, f"the persons in {PEOPLE} are not numbered as they must be")
    named = people.select(pl.any_horizontal(pl.col(*kinds).is_not_null()).all()).item()
    once = all(people[kind].drop_nulls().is_unique().all() for kind in kinds)
    if not named or not once:
        raise damaged(pack.name, f"a person in {PEOPLE} has no token, or two have the same")
    dated = people["index_date"].null_count()
    if (mapping.enrols and dated) or (not mapping.index_date and dated < people.height):
        raise damaged(pack.name, f"the index dates in {PEOPLE} are not those of the mapping")


def _check_observations(pack: Pack, mapping: SourceMapping) -> None:
    seen, name = pack.observations, pack.name
    variables = {spec.name for spec in mapping.variables}
    waves = {mapping.wave, *mapping.waves.values(), *(spec.wave for spec in mapping.variables)} - {""}
    known = seen.select(
        (
            pl.col("person").is_in(pack.people["person"].implode())
            & pl.col("variable").is_in(sorted(variables))
            & pl.col("wave").is_in(sorted(waves))
            & (pl.col("missing").is_null() | pl.col("missing").is_in(MISSING_REASONS))
        )
        .fill_null(value=False)
        .all()
    ).item()
    if not known:
        raise damaged(name, f"{OBSERVATIONS} names persons, variables, waves or reasons that are not there")
    whole = seen.select(
        (pl.col("value").is_null() != pl.col("missing").is_null()).all()
        & pl.col("value").is_finite().fill_null(value=True).all()
    ).item()
    if not whole or seen.select("person", "variable", "wave").is_duplicated().any():
        raise damaged(name, f"{OBSERVATIONS} holds an observation twice, or one without value and reason")
    for spec in mapping.variables:
        values = seen.filter(pl.col("variable") == spec.name)["value"].drop_nulls()
        if not _fit(values, spec.kind, len(pack.categories.get(spec.name, ()))):
            raise damaged(name, f"values of '{spec.name}' are not of kind {spec.kind}")
    if not set(pack.categories) <= {spec.name for spec in mapping.variables if spec.kind == "category"}:
        raise damaged(name, "labels are given for something that is no category")
    _check_bounds(pack, mapping)


def _fit(values: pl.Series, kind: str, labels: int) -> bool:
    if kind == "binary":
        return bool(values.is_in([0.0, 1.0]).all())
    if kind == "category":
        return bool((values.is_between(0, labels - 1) & (values == values.floor())).all())
    return True


def _check_bounds(pack: Pack, mapping: SourceMapping) -> None:
    """Declared codes are the only labels, and values lie within the widest bounds the mapping gives a variable."""
    for name in {spec.name for spec in mapping.variables}:
        specs = [spec for spec in mapping.variables if spec.name == name]
        codes = specs[0].codes
        if codes and name in pack.categories and pack.categories[name] != codes:
            raise damaged(pack.name, f"the labels of '{name}' are not the codes of the mapping")
        values = pack.observations.filter(pl.col("variable") == name)["value"].drop_nulls()
        lows, highs = [spec.minimum for spec in specs], [spec.maximum for spec in specs]
        low = min((bound for bound in lows if bound is not None), default=None) if None not in lows else None
        high = (
            max((bound for bound in highs if bound is not None), default=None) if None not in highs else None
        )
        outside = (values.min(), values.max()) if values.len() else (None, None)
        below = low is not None and outside[0] is not None and float(str(outside[0])) < low
        above = high is not None and outside[1] is not None and float(str(outside[1])) > high
        if below or above:
            raise damaged(pack.name, f"values of '{name}' lie outside the bounds of the mapping")
