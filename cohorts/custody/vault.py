"""What a vault holds: what is behind which stored token. Pure; kept only in encrypted form.

In a project of one key that is the identifier. In one of two keys the hub knows none: there it is the partners' link
token, in hexadecimal, from which a new hub key makes the stored token again. Without the link key it names nobody.
"""

from __future__ import annotations

import io
import json

import polars as pl

from cohorts.custody.two_keys import hub_tokens
from cohorts.errors import CohortError
from cohorts.identifiers import KINDS, faults_in, normalise
from cohorts.partner_files.cleaning import trimmed, without_missing
from cohorts.partner_files.extracts import RawTable
from cohorts.partner_files.mapping import SourceMapping
from cohorts.pseudonyms import PseudonymKey, tokenise

FORMATS = {"one": "lifecourse-vault-1", "two": "lifecourse-token-vault-1"}
ROWS = {
    "source": pl.String,
    "kind": pl.String,
    "namespace": pl.String,
    "identifier": pl.String,
    "token": pl.Binary,
}


def vault_rows(raw: RawTable, mapping: SourceMapping, key: PseudonymKey, project_id: str) -> pl.DataFrame:
    """The identifiers in a file, of people and of those they are related to, each once, with their tokens.

    Columns: ``source, kind, namespace, identifier, token``.
    """
    parts = [pl.DataFrame(schema=ROWS)]
    columns = [(spec.column, spec.kind) for spec in mapping.identifiers]
    columns += [(spec.column, spec.kind) for spec in mapping.life.relations]
    for column, kind in columns:
        values = normalise(without_missing(trimmed(raw.frame[column]), mapping.missing), kind)
        good = values.filter(faults_in(values, kind).is_null()).drop_nulls().unique().rename("identifier")
        space = mapping.namespace if kind == "local-id" else ""
        frame = pl.DataFrame({"identifier": good}).with_columns(
            pl.lit(mapping.id).alias("source"),
            pl.lit(kind).alias("kind"),
            pl.lit(space).alias("namespace"),
            tokenise(good, kind, key, project_id, space).alias("token"),
        )
        parts.append(frame.select(*ROWS))
    return pl.concat(parts).unique().sort("kind", "namespace", "identifier")


def rows_of_link_tokens(supplied: pl.DataFrame, key: PseudonymKey, project_id: str) -> pl.DataFrame:
    """The rows of a vault in a project of two keys, from columns ``source, kind, namespace, link`` (link tokens)."""
    parts = [pl.DataFrame(schema=ROWS)]
    for (kind, space), group in supplied.group_by("kind", "namespace", maintain_order=True):
        tokens = hub_tokens(group["link"], str(kind), key, project_id, str(space))
        named = group.with_columns(
            pl.col("link").bin.encode("hex").alias("identifier"), tokens.alias("token")
        )
        parts.append(named.select(*ROWS))
    return pl.concat(parts).unique().sort("kind", "namespace", "identifier")


def under_key(rows: pl.DataFrame, key: PseudonymKey, project_id: str) -> pl.DataFrame:
    """The rows of a vault of link tokens with the stored tokens of this hub key, whichever made those in the file."""
    links = rows.with_columns(pl.col("identifier").str.decode("hex", strict=False).alias("link"))
    return rows_of_link_tokens(links.filter(pl.col("link").is_not_null()), key, project_id)


def only_held(rows: pl.DataFrame, held: pl.DataFrame) -> pl.DataFrame:
    """The rows of people the store holds (columns kind, token): nobody else gets into a vault."""
    return rows.join(
        held.select("kind", "token").unique(), on=["kind", "token"], how="semi", maintain_order="left"
    )


def vault_bytes(rows: pl.DataFrame, project_id: str, key_id: str, keys: str = "one") -> bytes:
    """The plain bytes of one part of a vault: a line of JSON about it, then a table. ``keys`` is one or two."""
    head = json.dumps({"format": FORMATS[keys], "project_id": project_id, "key_id": key_id})
    table = rows.with_columns(pl.col("token").bin.encode("hex")).write_csv()
    return f"{head}\n{table}".encode()


def read_vault(data: bytes, project_id: str, name: str, keys: str = "one") -> tuple[str, pl.DataFrame]:
    """The key id and the rows of one part; ``LC849`` where it is another project's or cannot be read."""
    try:
        first, _, table = data.partition(b"\n")
        head = json.loads(first)
        frame = pl.read_csv(io.BytesIO(table), infer_schema=False)
        rows = frame.with_columns(
            pl.col("token").str.decode("hex"), pl.col("namespace").fill_null("")
        ).select(*ROWS)
        form, said, key_id = str(head["format"]), str(head["project_id"]), str(head["key_id"])
    except (ValueError, KeyError, TypeError, RecursionError, pl.exceptions.PolarsError):
        raise CohortError(
            "LC849", "this part of the vault cannot be read", "Restore it from its copy.", where=name
        ) from None
    if form != FORMATS[keys] or said != project_id:
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


def renewed_tokens(rows: pl.DataFrame, new: PseudonymKey, project_id: str, keys: str = "one") -> pl.DataFrame:
    """For a change of key: columns kind, old, new, made from the identifiers, or with two keys from the link tokens."""
    parts = [pl.DataFrame(schema={"kind": pl.String, "old": pl.Binary, "new": pl.Binary})]
    for (kind, space), group in rows.group_by("kind", "namespace", maintain_order=True):
        if keys == "two":
            made = hub_tokens(group["identifier"].str.decode("hex"), str(kind), new, project_id, str(space))
        else:
            made = tokenise(group["identifier"], str(kind), new, project_id, str(space))
        parts.append(group.select("kind", pl.col("token").alias("old"), made.alias("new")))
    return pl.concat(parts).unique(["kind", "old"])


def with_new_tokens(rows: pl.DataFrame, pairs: pl.DataFrame) -> pl.DataFrame:
    """The rows of a vault under the tokens of a new key: ``pairs`` has columns kind, old, new."""
    known = pairs.rename({"old": "token"})
    return rows.join(known, on=["kind", "token"], how="inner").select(
        "source", "kind", "namespace", "identifier", pl.col("new").alias("token")
    )
