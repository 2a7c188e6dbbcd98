"""The tables of an annex: the numbers of a result's JSON, one table for each thing that is told (pure).

They are made of :func:`evaluation.result.as_payload`, so that no number can differ from it. A cell that disclosure
rules hold back is marked apart from one that was never there.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from evaluation.annexes.model import NOT_AVAILABLE, WITHHELD, AnnexTable, Cell
from evaluation.model import Estimate, OutcomeResult, Result
from evaluation.nearly_same import is_held
from evaluation.protection import GONE, may_show, profile_for
from evaluation.protection import WITHHELD as WITHHELD_WORDS
from evaluation.result import as_payload
from workspace.settings import DisclosureProfile

ESTIMATE = (
    "estimand", "effect", "value", "std_error", "conf_low", "conf_high", "conf_level", "p_value", "p_value_adjusted",
    "df", "n_treated", "n_comparison", "n_clusters", "treated_mean", "comparison_mean", "narrow_low", "narrow_high",
    "outcome_sd",
)  # fmt: skip
COUNTS = ("n_treated", "n_comparison", "n_clusters")
KNOWN = ("estimand", "effect", "conf_level")
FURTHER = ("missing", "heterogeneity", "economics", "dose_response")
Row = tuple[Cell, ...]


def annex_tables(result: Result, profile: DisclosureProfile) -> tuple[AnnexTable, ...]:
    """Every table of a result that has a row, in the order in which a report tells them."""
    payload = as_payload(result, profile)
    pairs = list(zip(result.outcomes, payload["outcomes"], strict=True))
    tables = (
        _estimates(pairs, profile),
        _answers(pairs, profile),
        _flow(payload),
        _listed(pairs, "balance", "Balance: how far apart the groups are, in standard deviations", profile,
                ("covariate", "smd_before", "smd_after", "variance_ratio", "band")),
        _checks(pairs),
        _sensitivity(pairs, profile),
        _subgroups(pairs),
        _differences(pairs),
        _listed(pairs, "path", "Curves and paths, point by point", profile,
                ("term", "value", "std_error", "conf_low", "conf_high")),
        _figures(pairs),
        _method_tables(pairs),
        _leaves("further", "Missing data, exploration and money, field by field",
                ((o["name"], {key: o[key] for key in FURTHER if o.get(key)}) for _, o in pairs)),
        _links(payload),
        _leaves("why", "Why: delivery, the first broken link, steps in between",
                (("", {key: payload[key]}) for key in ("why", "delivery", "mediation") if key in payload)),
        _ladders(payload),
        _leaves("plan", "The plan and changes from it", (("", payload["plan"]),)),
        _leaves("provenance", "Data, disclosure and how to make it again",
                (("", {key: payload[key] for key in ("method", "data", "disclosure", "provenance")}),)),
    )  # fmt: skip
    return tuple(table for table in tables if table.rows)


def cell(value: Any, *, withheld: bool = False) -> Cell:
    """A value as a cell; what is not there, or no finite number, is marked: no cell stays empty."""
    if value is None or value == "" or (isinstance(value, float) and not math.isfinite(value)):
        return WITHHELD if withheld else NOT_AVAILABLE
    if isinstance(value, bool):
        return "yes" if value else "no"
    return value if isinstance(value, int | float) else str(value)


Pairs = Sequence[tuple[OutcomeResult, Mapping[str, Any]]]


def estimate_cells(estimate: Estimate, shown: Mapping[str, Any], *, withheld: bool) -> Row:
    """The cells of an estimate; a count that is gone was withheld if there had been one."""
    cells: list[Cell] = []
    for name in ESTIMATE:
        gone = name in COUNTS and getattr(estimate, name) is not None
        cells.append(cell(shown[name], withheld=gone or (withheld and name not in KNOWN)))
    size = shown["standardised"] or {}
    sizes = (size.get(name) for name in ("kind", "value", "conf_low", "conf_high"))
    return (*cells, *(cell(value, withheld=withheld) for value in sizes))


SIZES = ("standardised_kind", "standardised_value", "standardised_low", "standardised_high")


def _held(outcome: OutcomeResult, profile: DisclosureProfile) -> bool:
    return not may_show(outcome.kind, outcome.estimate, profile_for(outcome.units, profile))


def _estimates(pairs: Pairs, profile: DisclosureProfile) -> AnnexTable:
    facts = ("measure", "name", "role", "kind", "better", "unit", "units", "planned")
    margin = ("minimum_important_difference", "mid_source")
    rows = tuple(
        (
            *(cell(shown[name]) for name in facts),
            *(cell(shown[name] or None) for name in margin),
            *estimate_cells(outcome.estimate, shown["estimate"], withheld=_held(outcome, profile)),
        )
        for outcome, shown in pairs
    )
    note = "Effects on their own scale: shares from 0 to 1, ratios as ratios, in the measure's own sign."
    columns = (*facts, *margin, *ESTIMATE, *SIZES)
    return AnnexTable("estimates", "Every outcome with its estimate", columns, rows, note)


def _answers(pairs: Pairs, profile: DisclosureProfile) -> AnnexTable:
    columns = (
        "outcome", "answer", "detail", "security", "fragile", "flipped_by", "probability_benefit",
        "probability_harm", "sentence",
    )  # fmt: skip
    rows = []
    for outcome, shown in pairs:
        said, held = shown["verdict"], _held(outcome, profile)
        chances = (cell(said[name], withheld=held) for name in ("probability_benefit", "probability_harm"))
        facts = (cell(said[name] or None) for name in ("answer", "detail"))
        flipped = "; ".join(said["flipped_by"])
        rows.append((outcome.name, *facts, cell(said["security"]), cell(said["fragile"]), cell(flipped or None),
                     *chances, cell(said["sentence"])))  # fmt: skip
    return AnnexTable("answers", "What was found, and how far to trust it", columns, tuple(rows))


def _flow(payload: Mapping[str, Any]) -> AnnexTable:
    flows = [("everything", payload["flow"]), *((o["name"], o["flow"]) for o in payload["outcomes"])]
    rows = tuple(
        (name, step["step"], cell(step["n"], withheld=True), cell(step["reason"] or None))
        for name, flow in flows
        for step in flow
    )
    columns = ("outcome", "step", "left", "why others are not")
    return AnnexTable("flow", "How many were left, step by step", columns, rows)


def _listed(
    pairs: Pairs, key: str, title: str, profile: DisclosureProfile, columns: tuple[str, ...]
) -> AnnexTable:
    """A list of an outcome, a row an entry; where it is held back, one row says so."""
    rows: list[Row] = []
    for outcome, shown in pairs:
        held = _held(outcome, profile)
        rows += [(outcome.name, *(cell(one[name], withheld=held) for name in columns)) for one in shown[key]]
        if getattr(outcome, key) and not shown[key]:
            rows.append((outcome.name, *(WITHHELD,) * len(columns)))
    return AnnexTable(key, title, ("outcome", *columns), tuple(rows))


def _checks(pairs: Pairs) -> AnnexTable:
    columns = ("outcome", "check", "result", "reading", "limit", "consequence", "note")
    rows = tuple(
        (
            outcome.name,
            one["name"],
            one["result"],
            cell(one["reading"], withheld=GONE in one["note"] or one["note"] == WITHHELD_WORDS),
            cell(one["limit"]),
            one["consequence"],
            cell(one["note"] or None),
        )
        for outcome, shown in pairs
        for one in shown["checks"]
    )
    return AnnexTable("checks", "Every check and what follows from it", columns, rows)


def _sensitivity(pairs: Pairs, profile: DisclosureProfile) -> AnnexTable:
    rows: list[Row] = []
    for outcome, shown in pairs:
        ways, held = {way.name: way for way in outcome.sensitivity}, _held(outcome, profile)
        for one in shown["sensitivity"]:
            way = ways[one["name"]]
            cells = estimate_cells(way.estimate, one["estimate"], withheld=held or is_held(outcome, way))
            rows.append((outcome.name, one["name"], cell(one["flips_verdict"]), *cells))
    columns = ("outcome", "asked another way", "answer would change", *ESTIMATE, *SIZES)
    return AnnexTable("other-ways", "The same question asked another way", columns, tuple(rows))


def _subgroups(pairs: Pairs) -> AnnexTable:
    rows: list[Row] = []
    for outcome, shown in pairs:
        for known, one in zip(outcome.subgroups, shown["subgroups"], strict=False):
            for group, told in zip(known.groups, one["groups"], strict=True):
                estimate = told["estimate"] or dict.fromkeys((*ESTIMATE, "standardised"))
                cells = estimate_cells(group.estimate, estimate, withheld=told["estimate"] is None)
                rows.append((outcome.name, one["by"], cell(one["registered"]), told["level"], *cells))
    columns = ("outcome", "by", "in the plan", "group", *ESTIMATE, *SIZES)
    return AnnexTable("groups", "The effect within groups", columns, tuple(rows))


def _differences(pairs: Pairs) -> AnnexTable:
    names = ("level", "against", "value", "std_error", "conf_low", "conf_high", "p_value", "df")
    rows = tuple(
        (outcome.name, one["by"], *(cell(gap[name]) for name in names))
        for outcome, shown in pairs
        for one in shown["subgroups"]
        for gap in one["differences"]
    )
    columns = ("outcome", "by", *names)
    return AnnexTable("group-differences", "How far the groups' effects differ", columns, rows)


def _figures(pairs: Pairs) -> AnnexTable:
    rows: list[Row] = []
    for outcome, shown in pairs:
        for figure in shown["figures"]:
            for line in figure["lines"]:
                rows += [(outcome.name, figure["title"], *point) for point in _points(figure, line)]
    columns = ("outcome", "figure", "line", "kind", "place", "x", "y", "low", "high")
    return AnnexTable("figures", "The points of every figure", columns, tuple(rows))


def _points(figure: Mapping[str, Any], line: Mapping[str, Any]) -> Iterator[Row]:
    labels = figure["labels"]
    none = [None] * len(line["x"])
    for x, y, low, high in zip(line["x"], line["y"], line["low"] or none, line["high"] or none, strict=True):
        named = labels and x is not None and x == int(x) and 0 <= int(x) < len(labels)
        place = labels[int(x)] if named else None
        yield (
            line["name"] or figure["y_name"],
            line["kind"],
            *(cell(one) for one in (place, x, y, low, high)),
        )


def _method_tables(pairs: Pairs) -> AnnexTable:
    rows = tuple(
        (outcome.name, table["title"], i, column, cell(value))
        for outcome, shown in pairs
        for table in shown["tables"]
        for i, row in enumerate(table["rows"], 1)
        for column, value in zip(table["columns"], row, strict=True)
    )
    columns = ("outcome", "table", "row", "column", "value")
    return AnnexTable("method-tables", "Tables of the method, cell by cell", columns, rows)


def _links(payload: Mapping[str, Any]) -> AnnexTable:
    found = payload["links"]
    columns = tuple(found[0]) if found else ("link",)
    rows = tuple(tuple(cell(one[name]) for name in columns) for one in found)
    return AnnexTable("links", "The links of the theory that were tested", columns, rows)


def _ladders(payload: Mapping[str, Any]) -> AnnexTable:
    columns = ("ladder", "grade", "fact", "step_up", "unverified")
    rows = tuple(tuple(cell(one.get(name)) for name in columns) for one in payload["rungs"])
    return AnnexTable("ladders", "The same facts on other scales", columns, rows)


def _leaves(name: str, title: str, found: Iterable[tuple[str, Any]]) -> AnnexTable:
    """Whatever is nested, a row a value, under the path that leads to it."""
    rows = tuple((about or "all", path, cell(value)) for about, tree in found for path, value in _walk(tree))
    return AnnexTable(name, title, ("about", "field", "value"), rows)


def _walk(tree: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    if isinstance(tree, Mapping):
        for key, value in tree.items():
            yield from _walk(value, f"{path}.{key}" if path else str(key))
    elif isinstance(tree, list | tuple):
        for i, value in enumerate(tree, 1):
            yield from _walk(value, f"{path}.{i}")
    else:
        yield path, tree
