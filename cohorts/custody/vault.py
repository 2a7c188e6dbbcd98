"""What an identity vault holds: which identifier is behind which token. Pure; kept only in encrypted form."""

from __future__ import annotations

import io
import json

import polars as pl

from cohorts.errors import CohortError
from cohorts.identifiers import KINDS, faults_in, normalise
from cohorts.partner_files.cleaning import trimmed, without_missing
from cohorts.partner_files.extracts import RawTable
from cohorts.partner_files.mapping import SourceMapping
from cohorts.pseudonyms import PseudonymKey, tokenise

FORMAT = "lifecourse-vault-1"
ROWS = {
    "source": pl.String,
    "kind": pl.String,
    "namespace": pl.String,
    "identifier": pl.String,
    "token": pl.Binary,
}


def vault_rows(
    raw: RawTable, mapping: SourceMapping, people: pl.DataFrame, key: PseudonymKey, project_id: str
) -> pl.DataFrame:
    """The identifiers of the people taken in from a file, each once, with their tokens.

    ``people`` as :func:`cohorts.intake.take_in` gives them; nobody who was set aside gets into the vault. Columns:
    ``source, kind, namespace, identifier, token``.
    """
    parts = [pl.DataFrame(schema=ROWS)]
    for spec in mapping.identifiers:
        values = normalise(without_missing(trimmed(raw.frame[spec.column]), mapping.missing), spec.kind)
        good = values.filter(faults_in(values, spec.kind).is_null()).unique().rename("identifier")
        space = mapping.namespace if spec.kind == "local-id" else ""
        frame = pl.DataFrame({"identifier": good}).with_columns(
            pl.lit(mapping.id).alias("source"),
            pl.lit(spec.kind).alias("kind"),
            pl.lit(space).alias("namespace"),
            tokenise(good, spec.kind, key, project_id, space).alias("token"),
        )
        taken = frame.filter(pl.col("token").is_in(people[spec.kind].drop_nulls().implode()))
        parts.append(taken.select(*ROWS))
    return pl.concat(parts).sort("kind", "namespace", "identifier")


def vault_bytes(rows: pl.DataFrame, project_id: str, key_id: str) -> bytes:
    """The plain bytes of one part of a vault: a line of JSON about it, then a table."""
    head = json.dumps({"format": FORMAT, "project_id": project_id, "key_id": key_id})
    table = rows.with_columns(pl.col("token").bin.encode("hex")).write_csv()
    return f"{head}\n{table}".encode()


def read_vault(data: bytes, project_id: str, name: str) -> tuple[str, pl.DataFrame]:
    """The key id and the rows of one part; ``LC849`` where it is another project's or cannot be read."""
    try:
        first, _, table = data.partition(b"\n")
        head = json.loads(first)
        frame = pl.read_csv(io.BytesIO(table), infer_schema=False)
        rows = frame.with_columns(
            pl.col("token").str.decode("hex"), pl.col("namespace").fill_null("")
        ).select(*ROWS)
        form, said, key_id = str(head["format"]), str(head["project_id"]), str(head["key_id"])
    except (ValueError, KeyError, TypeError, pl.exceptions.PolarsError):
        raise CohortError(
            "LC849", "this part of the vault cannot be read", "Restore it from its copy.", where=name
        ) from None
    if form != FORMAT or said != project_id:
        raise CohortError(
            "LC849", "this part of the vault is another project's", "Name this project's vault.", where=name
        )
    return key_id, rows


def rows_of_identifier(rows: pl.DataFrame, written: str) -> pl.DataFrame:
    """The rows under an identifier of whatever kind, however it is written."""
    asked = pl.Series([written])
    wanted = pl.DataFrame(
        {"kind": list(KINDS), "identifier": [normalise(asked, kind)[0] for kind in KINDS]},
        schema={"kind": pl.String, "identifier": pl.String},
    )
    return rows.join(wanted, on=["kind", "identifier"], how="semi")


def rows_of_tokens(rows: pl.DataFrame, held: pl.DataFrame) -> pl.DataFrame:
    """The rows under the tokens of one participant: columns kind, token."""
    return rows.join(held, on=["kind", "token"], how="semi")


def without_people(rows: pl.DataFrame, everything: pl.DataFrame, tokens: pl.DataFrame) -> pl.DataFrame:
    """The rows of one part without some people, who are known by their tokens: columns kind, token.

    ``everything`` are the rows of all parts: an identifier that stands under a token of theirs anywhere goes
    everywhere, under the tokens of older keys too.
    """
    same = ["kind", "namespace", "identifier"]
    gone = everything.join(tokens, on=["kind", "token"], how="semi").select(same).unique()
    return rows.join(gone, on=same, how="anti", maintain_order="left")


def renewed_tokens(rows: pl.DataFrame, new: PseudonymKey, project_id: str) -> pl.DataFrame:
    """For a change of key: columns kind, old, new, made from the identifiers."""
    parts = [pl.DataFrame(schema={"kind": pl.String, "old": pl.Binary, "new": pl.Binary})]
    for (kind, space), group in rows.group_by("kind", "namespace", maintain_order=True):
        made = tokenise(group["identifier"], str(kind), new, project_id, str(space))
        parts.append(group.select("kind", pl.col("token").alias("old"), made.alias("new")))
    return pl.concat(parts).unique(["kind", "old"])


def with_new_tokens(rows: pl.DataFrame, pairs: pl.DataFrame) -> pl.DataFrame:
    """The rows of a vault under the tokens of a new key: ``pairs`` has columns kind, old, new."""
    known = pairs.rename({"old": "token"})
    return rows.join(known, on=["kind", "token"], how="inner").select(
        "source", "kind", "namespace", "identifier", pl.col("new").alias("token")
    )
