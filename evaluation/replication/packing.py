"""The files of a pack, and the pack as one zip whose bytes never depend on the day (pure)."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from typing import Any

from evaluation.replication.codebook import categories_text, codebook_text, csv_text
from evaluation.replication.expected import expected_text
from evaluation.replication.model import Ingredients, Section
from evaluation.replication.rendering import fixed, render
from evaluation.replication.reproduced import SEARCHED_ENDS, SIX_DIGITS
from evaluation.replication.rows import csv_bytes

STATEMENT = "Synthetic data. No row is a person. Do not report a result of it as a finding."
# Files of functions that a method's script needs beside functions.R and panels.R.
FUNCTIONS = {
    "synthetic-control": ("synthetic.R",),
    "before-after": ("places.R",),
    "displacement-difference": ("places.R",),
    "day-crossover": ("days.R",),
    "doubly-robust": ("cross_fitting.R",),
}
RELEASED = (
    "Rows about real people under pseudonyms made for this release alone, for the safe setting named in its manifest "
    "and until the last day named there."
)
LONG_AGO = (1980, 1, 1, 0, 0, 0)


def data_name(made: Ingredients) -> str:
    """The name of the file with the rows; made-up rows say so in it."""
    return "SYNTHETIC-data.csv" if made.kind == "synthetic" else "data.csv"


def pack_files(made: Ingredients) -> dict[str, bytes]:
    """Name below the pack's folder, and bytes, of every file; the manifest last."""
    facts = _facts(made)
    texts = {
        "README.md": render("README.md.jinja", facts),
        "plan.toml": made.plan_text,
        "plan.canonical.json": made.canonical + "\n",
        "amendments.json": json.dumps(list(made.amendments), indent=2, ensure_ascii=False) + "\n",
        "codebook.csv": codebook_text(made.columns),
        "codebook-categories.csv": categories_text(made.columns),
        "expected.json": expected_text(made.expected, _about(made)),
        "R/functions.R": fixed("functions.R"),
        "R/analysis.R": render("analysis.R.jinja", facts),
        "python/analysis.py": render("analysis.py.jinja", facts),
    }
    if made.run_text:
        texts["plan-for-the-data.toml"] = made.run_text
    texts |= {f"R/{name}": fixed(name) for name in FUNCTIONS.get(made.method, ())}
    if made.periods:
        texts["R/panels.R"] = fixed("panels.R")
        texts["periods.csv"] = _periods(made)
    files = {name: text.encode("utf-8") for name, text in texts.items()} | {
        data_name(made): csv_bytes(made.table)
    }
    files |= {name: csv_bytes(table) for name, table in made.carried}
    whole = {name: files[name] for name in sorted(files)}
    sums = "".join(f"{hashlib.sha256(data).hexdigest()}  {name}\n" for name, data in whole.items())
    return whole | {"SHA256SUMS": sums.encode("utf-8")}


def zipped(files: dict[str, bytes], top: str) -> bytes:
    """The files as a zip: the same files give the same bytes."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            entry = zipfile.ZipInfo(f"{top}/{name}", LONG_AGO)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            entry.create_system = 3
            archive.writestr(entry, data)
    return buffer.getvalue()


def _about(made: Ingredients) -> dict[str, Any]:
    about: dict[str, Any] = {
        "pack": made.name,
        "plan": made.plan_id,
        "plan_sha256": made.fingerprint,
        "lifecourse": made.version,
        "data": made.kind,
        "tolerance": "relative, 5e-7: six significant digits",
    }
    if made.release:
        about["release"] = made.release
        about["statement"] = RELEASED
    if made.kind == "synthetic":
        about["statement"] = STATEMENT + " These numbers belong to the synthetic rows, not to the report."
    return about


def _facts(made: Ingredients) -> dict[str, Any]:
    packages = sorted({name for one in made.sections if not one.why_not for name in one.facts["packages"]})
    return {
        "name": made.name,
        "title": made.title,
        "plan_id": made.plan_id,
        "fingerprint": made.fingerprint,
        "state": made.state,
        "amendments": made.amendments,
        "version": made.version,
        "versions": sorted(made.packages.items()),
        "seed": made.seed,
        "method": made.method,
        "synthetic": made.kind == "synthetic",
        "statement": STATEMENT,
        "data_name": data_name(made),
        "run_name": "plan-for-the-data.toml" if made.run_text else "plan.toml",
        "cut_off": made.method == "regression-discontinuity",
        "panel": bool(made.periods),
        "functions": FUNCTIONS.get(made.method, ()),
        "carried": [name for name, _ in made.carried],
        "sections": [_section(one) for one in made.sections],
        "missing_in_r": [one for one in made.sections if one.why_not],
        "looser": [one for one in made.sections if not one.why_not and one.looser],
        "tolerance": SIX_DIGITS,
        "ends": SEARCHED_ENDS,
        "packages": packages,
        "needs": "R 4.0 or later and " + " and ".join(packages)
        if packages
        else "R 4.0 or later, and no package",
        "notes": made.notes,
        "release": made.release,
        "released": RELEASED,
    }


def _section(one: Section) -> dict[str, Any]:
    """A section with its facts beside its own fields, as the templates call them."""
    own = ("number", "label", "role", "kind", "effect", "template", "why_not", "looser")
    return one.facts | {name: getattr(one, name) for name in own}


def _periods(made: Ingredients) -> str:
    return csv_text([("label", "position"), *((label, str(at)) for label, at in made.periods)])
