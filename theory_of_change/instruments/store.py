"""Files of answers and of offence counts, read and scored."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from theory_of_change.errors import TheoryError
from theory_of_change.instruments.harm import HarmScore, harm_score, read_weights
from theory_of_change.model import Measure
from theory_of_change.table_cells import text_cells
from workspace.files import reaching, write_atomically

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    import polars as pl

    from theory_of_change.scales import BandSet


@dataclass(frozen=True, slots=True)
class Scored:
    """What was done with a file of answers."""

    rows: int
    scored: int
    prorated: int
    columns: tuple[str, ...]


def score_file(
    measure: Measure,
    source: Path,
    target: Path,
    items: str,
    keep: tuple[str, ...],
    informant: str,
    *,
    write: bool,
) -> Scored:
    """Score a table of answers and write the scores; answers themselves are not carried over.

    Raises
    ------
    TheoryError
        ``LC337``: the measure has no key, a column is missing, or an answer is none; no cell is quoted.
    """
    import numpy as np
    import polars as pl

    from theory_of_change.instruments.scoring import banded, score

    key = measure.scoring
    if key is None:
        raise TheoryError(
            "LC337", f"the catalogue holds no scoring key of '{measure.id}'", "Load its scores."
        )
    bands = _bands(measure, informant) if informant else None
    table = _table(source)
    columns = {item: items.replace("#", str(item)) for item in key.items}
    absent = [name for name in (*columns.values(), *keep) if name not in table.columns]
    if absent:
        raise TheoryError(
            "LC337",
            f"there is no column '{absent[0]}'",
            "Say how columns are named: --items 'sdq_#'.",
            where=source.name,
        )
    found = score(key, {item: _answers(table, name, source.name) for item, name in columns.items()})
    out = {name: table[name] for name in keep}
    out |= {name.replace("-", "_"): pl.Series(values) for name, values in found.scales.items()}
    out["total"] = pl.Series(found.total)
    if found.metric is not None:
        out["metric"] = pl.Series(found.metric)
    if bands:
        out["band"] = pl.Series(banded(bands, found.total))
    frame = pl.DataFrame(out).with_columns(pl.col(pl.Float64).fill_nan(None))
    if write:
        write_atomically(target, frame.write_csv(), private=True)
    final = found.total if found.metric is None else found.metric
    return Scored(frame.height, int((~np.isnan(final)).sum()), found.prorated, tuple(frame.columns))


def _bands(measure: Measure, informant: str) -> BandSet:
    found = [b for b in measure.bands if b.scale == "total" and b.informant == informant]
    if not found:
        known = sorted({b.informant for b in measure.bands if b.scale == "total"})
        said = f"there are no bands of '{measure.id}' for '{informant}'"
        raise TheoryError("LC337", said, f"Bands: {', '.join(known) or 'none'}.")
    return found[0]


def _table(path: Path) -> pl.DataFrame:
    import polars as pl

    with reaching("the file", "read", path.name, error=TheoryError):
        data = path.read_bytes()
    try:
        return pl.read_csv(data, infer_schema=False, encoding="utf8-lossy")
    except pl.exceptions.PolarsError:
        raise TheoryError(
            "LC337", "it cannot be read as a table", "Save it as CSV in UTF-8.", where=path.name
        ) from None


def _answers(table: pl.DataFrame, name: str, shown: str) -> npt.NDArray[np.float64]:
    import numpy as np
    import polars as pl

    text = table[name].str.strip_chars()
    blank = text.is_null() | (text == "")
    values = text.cast(pl.Float64, strict=False)
    wrong = (values.is_null() & ~blank).arg_true()
    if wrong.len():
        rows = ", ".join(str(row + 2) for row in wrong.head(5))
        raise TheoryError(
            "LC337",
            f"column {name}: what stands in row {rows} is no number",
            "Leave unanswered items blank.",
            where=shown,
        )
    return values.to_numpy().astype(np.float64)


def harm_by_period(weights: Path, counts: Path) -> list[tuple[str, HarmScore]]:
    """The harm score of every period of a table ``code, count, period``, in the order of the table.

    Raises
    ------
    TheoryError
        ``LC338``: the tables lack a column, or a cell is none.
    """
    sheet = read_weights(_rows(weights), weights.name)
    rows = _rows(counts)
    headings = [cell.strip().casefold() for cell in rows[0]] if rows else []
    if not {"code", "count"} <= set(headings):
        raise TheoryError("LC338", "it needs the columns code and count", where=counts.name)
    found: dict[str, dict[str, int]] = {}
    for number, row in enumerate(rows[1:], start=2):
        cells = dict(zip(headings, (cell.strip() for cell in row), strict=False))
        if not any(cells.values()):
            continue
        text = cells.get("count", "").replace(",", "")
        if not cells.get("code") or not text.isdigit():
            raise TheoryError("LC338", "it needs a code and a count", where=f"{counts.name}, row {number}")
        period = found.setdefault(cells.get("period", ""), {})
        period[cells["code"]] = period.get(cells["code"], 0) + int(text)
    return [(period, harm_score(sheet, table)) for period, table in found.items()]


def _rows(path: Path) -> list[list[str]]:
    with reaching("the file", "read", path.name, error=TheoryError):
        data = path.read_bytes()
    return text_cells(data, path.name, "LC338")
