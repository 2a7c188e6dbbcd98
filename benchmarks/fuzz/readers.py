"""The readers of files that somebody else wrote, each as one call of a path."""

from __future__ import annotations

import datetime as dt
import json
from functools import cache
from pathlib import Path
from typing import Any

from benchmarks.fuzz import seeds, texts
from benchmarks.fuzz.seeds import encoded

KEY = bytes(range(32))


@cache
def catalogue() -> Any:
    from theory_of_change.store import load_catalogue

    return load_catalogue()


@cache
def demo_measures() -> Any:
    from theory_of_change.theory_file import read_theory

    theory = read_theory(seeds.DEMO / "theory.toml", catalogue())
    return {measure.id: measure for measure in theory.measures}


@cache
def example_measures() -> Any:
    from theory_of_change.store import example_text
    from theory_of_change.theory_file import parse_theory

    return {measure.id: measure for measure in parse_theory(example_text(), catalogue()).measures}


def read_theory(path: Path) -> object:
    from theory_of_change.gaps import find_gaps
    from theory_of_change.theory_file import read_theory

    theory = read_theory(path, catalogue())
    find_gaps(theory, dt.date(2026, 11, 22))
    return theory


def read_theory_book(path: Path) -> object:
    from theory_of_change.spreadsheets.cells import read_sheets
    from theory_of_change.spreadsheets.workbook import sheets_of

    return read_sheets(sheets_of(path.read_bytes(), path.name), example_measures(), path.name)


def read_plan(path: Path) -> object:
    from evaluation.plan import canonical
    from evaluation.store import load_plan

    plan = load_plan(path, demo_measures())
    return canonical(plan)


def toml(path: Path, error: str) -> Any:
    from cohorts.errors import CohortError
    from evaluation.errors import EvaluationError
    from theory_of_change.errors import TheoryError
    from workspace.toml_source import read_toml

    known = {"cohort": CohortError, "evaluation": EvaluationError, "theory": TheoryError}
    return read_toml(path, known[error])


def read_source(path: Path) -> object:
    from cohorts.partner_files.source_file import read_mapping

    return read_mapping(toml(path, "cohort"))


def read_agreement(path: Path) -> object:
    from cohorts.agreements.agreement import read_agreement
    from workspace.settings import DisclosureProfile

    return read_agreement(toml(path, "cohort"), DisclosureProfile())


def read_area_mapping(path: Path) -> object:
    from cohorts.areas.file import read_area_mapping

    return read_area_mapping(toml(path, "cohort"))


def read_template(path: Path) -> object:
    from cohorts.definition import CohortDefinition, read_definition

    return CohortDefinition.from_json(read_definition(toml(path, "cohort"), "given").as_json())


def read_settings(path: Path) -> object:
    from workspace.settings import read_settings

    return read_settings(path)


def read_tracked(path: Path) -> object:
    from theory_of_change.tracking.measures_file import read_tracked, tracked_text

    return [tracked_text(one) for one in read_tracked(toml(path, "theory")).values()]


def read_code_list(path: Path) -> object:
    from theory_of_change.code_lists.file import read_code_list

    return read_code_list(toml(path, "theory"))


def read_obligations(path: Path) -> object:
    from theory_of_change.obligations.file import read_register

    return read_register(toml(path, "theory"))


def read_evidence(path: Path) -> object:
    from evaluation.evidence.evidence_store import read_file
    from evaluation.evidence.kept import kept
    from workspace.console import to_json

    return [to_json(kept(one)) for one in read_file(path)]


def read_edits(path: Path) -> object:
    from evaluation.edits.edit_file import fingerprint_of, read_edits

    return fingerprint_of(read_edits(toml(path, "evaluation"), "EVAL-001"))


def people_mapping() -> Any:
    from cohorts.errors import CohortError
    from cohorts.partner_files.source_file import read_mapping
    from workspace.toml_source import parse_toml

    return read_mapping(parse_toml(texts.MAPPING, "given.toml", CohortError))


def read_people(path: Path) -> object:
    """The whole way of a partner's file: opened, its headings looked at, taken in under a key."""
    from cohorts.actions import refuse_data_as_headings
    from cohorts.partner_files.extracts import read_extract
    from cohorts.pseudonyms import PseudonymKey
    from cohorts.redcap.rows import open_mapped, take_in

    mapping = people_mapping()
    intake = take_in(open_mapped(path, mapping), mapping, PseudonymKey("0123456789ab", KEY), "demo-1")
    refuse_data_as_headings(read_extract(path))
    return intake


def read_areas(path: Path) -> object:
    from cohorts.areas.file import read_area_mapping
    from cohorts.areas.intake import take_in_areas
    from cohorts.errors import CohortError
    from cohorts.partner_files.extracts import read_extract
    from workspace.toml_source import parse_toml

    mapping = read_area_mapping(parse_toml(texts.AREAS, "given.toml", CohortError))
    return take_in_areas(read_extract(path), mapping, {}).report


def read_figures(path: Path) -> object:
    from theory_of_change.errors import TheoryError
    from theory_of_change.tracking.figures_file import read_figures
    from theory_of_change.tracking.measures_file import read_tracked
    from theory_of_change.tracking.store import read_sheet
    from workspace.toml_source import parse_toml

    measures = read_tracked(parse_toml(texts.TRACKED, "measures.toml", TheoryError))
    return read_figures(read_sheet(path), measures)


def read_return(path: Path) -> object:
    from theory_of_change.errors import TheoryError
    from theory_of_change.returns.cells import read_return
    from theory_of_change.returns.entries import taken
    from theory_of_change.returns.layout import SHEETS
    from theory_of_change.table_cells import sheet_cells

    sheets = sheet_cells(path.read_bytes(), lambda names: [name for name in names if name in SHEETS])
    if sheets is None:
        raise TheoryError("LC357", "no workbook")
    return taken(read_return(sheets, path.name), {}, "2026-11-22", replace=False)


def read_answers(path: Path) -> object:
    from theory_of_change.instruments.store import _answers, _table

    table = _table(path)
    return [_answers(table, name, path.name) for name in ("q1", "q2", "q3") if name in table.columns]


def read_weights(path: Path) -> object:
    from theory_of_change.instruments.harm import read_weights
    from theory_of_change.instruments.store import _rows

    return read_weights(_rows(path), path.name)


def read_pack(path: Path) -> object:
    from cohorts.packs.format import open_pack

    return open_pack(path.read_bytes(), path.name)


def read_link_pack(path: Path) -> object:
    from cohorts.packs.link_pack import open_link_pack

    return open_link_pack(path.read_bytes(), path.name)


def read_names_pack(path: Path) -> object:
    from cohorts.packs.names_pack import open_names_pack

    return open_names_pack(path.read_bytes(), path.name)


def read_dictionary(path: Path) -> object:
    from cohorts.partner_files.extracts import read_extract
    from cohorts.redcap.branching import asked
    from cohorts.redcap.dictionary import read_dictionary

    found = read_dictionary(read_extract(path))
    return [asked(field.branching) for field in found.fields]


def read_document(path: Path) -> object:
    from evaluation.claims.document_store import read_document
    from evaluation.claims.linter import lint

    return lint(read_document(path), [])


def read_result(path: Path) -> object:
    """A saved result, as ``evaluate ladder``, ``compare``, ``sensitivity`` and ``evidence claims`` read it."""
    from evaluation.claims.document_store import load_subjects
    from evaluation.side_by_side.agreement import compared
    from evaluation.side_by_side.commands import _load
    from evaluation.side_by_side.views import agreement_payload, sensitivity_payload, show_agreement
    from evaluation.store import load_rungs
    from workspace.errors import LifecourseError

    refused: list[LifecourseError] = []
    for step in (lambda: load_rungs(None, str(path)), lambda: load_subjects(None, str(path))):
        try:
            step()
        except LifecourseError as error:
            refused.append(error)
    one = _load(str(path))
    found = compared(one, one, "")
    show_agreement((one, one), found)
    return json.dumps([agreement_payload((one, one), found), sensitivity_payload(one)])


def read_key(path: Path) -> object:
    from cohorts.custody.key_files import parse_key

    return parse_key(path.read_bytes(), path.name).key_id


def keys() -> list[bytes]:
    from cohorts.custody.key_files import KeyFile, key_text
    from cohorts.pseudonyms import key_check

    return encoded(key_text(KeyFile("hub", key_check(KEY), "demo-1", KEY)))


def read_archive(path: Path) -> object:
    from cohorts.backups.store import open_archive

    with open_archive(path) as (_, manifest):
        return dict(manifest)


def archives() -> list[bytes]:
    import hashlib

    from benchmarks.fuzz.mutations import _packed
    from cohorts.backups.store import FORMAT

    body = b'{"columns": [], "rows": []}'
    listed = {"tables/x.json": hashlib.sha256(body).hexdigest()}
    said = json.dumps({"format": FORMAT, "entries": listed}).encode()
    return [_packed([("manifest.json", said), ("tables/x.json", body)], 8)]


def read_vault(path: Path) -> object:
    from cohorts.custody.vault import read_vault

    return read_vault(path.read_bytes(), "demo-1", path.name)[0]


def vaults() -> list[bytes]:
    import polars as pl

    from cohorts.custody import vault

    rows = pl.DataFrame(
        {
            "kind": ["nhs-number"],
            "identifier": [texts.NUMBER],
            "namespace": [""],
            "source": ["people"],
            "token": [KEY],
        }
    )
    rows = rows.with_columns(pl.lit("").alias(name) for name in vault.ROWS if name not in rows.columns)
    return [vault.vault_bytes(rows.select(*vault.ROWS), "demo-1", "0123456789ab")]


def read_verdicts(path: Path) -> object:
    from theory_of_change.drawing.verdict_file import read_verdicts
    from theory_of_change.store import example_text
    from theory_of_change.theory_file import parse_theory

    theory = parse_theory(example_text(), catalogue())
    return read_verdicts(path.read_bytes().decode("utf-8", "replace"), theory, path.name)


def read_outgoing(path: Path) -> object:
    """The scan of what leaves, and the look into a parcel: they read whatever they are given."""
    from cohorts.attacks.parcels import parcel_of
    from cohorts.gate.documents import contents_of

    data = path.read_bytes()
    parcel_of(path.name, data, inbox=False)
    return bool(contents_of(path.name, data))


def read_saved(path: Path) -> object:
    """A whole result as the store keeps it."""
    from evaluation.saved.store import _whole

    return bool(_whole("EVAL-001", path.read_text(encoding="utf-8", errors="replace")))


def wholes() -> list[bytes]:
    from evaluation.saved.model import Whole
    from evaluation.saved.plain import as_plain
    from tests.evaluation.report_samples import SAMPLES
    from workspace.settings import DisclosureProfile

    made = [SAMPLES[name]() for name in list(SAMPLES)[:2]]
    return [
        json.dumps(as_plain(Whole(one, DisclosureProfile(), "", practice=True)), default=str).encode()
        for one in made
    ]


def read_rule(path: Path) -> object:
    from cohorts.errors import CohortError
    from cohorts.expressions import RuleFault, read_rule

    try:
        rule = read_rule(path.read_text(encoding="utf-8", errors="replace"))
        return rule.expression({})
    except RuleFault:
        raise CohortError("LC803", "a rule that is none") from None


def kept() -> list[bytes]:
    import tempfile

    from evaluation.evidence.evidence_store import read_file
    from evaluation.evidence.kept import kept
    from workspace.console import to_json

    with tempfile.TemporaryDirectory() as place:
        path = Path(place) / "x.toml"
        path.write_text(texts.EVIDENCE, encoding="utf-8")
        return [to_json(kept(one)).encode() for one in read_file(path)]
