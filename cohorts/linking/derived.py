"""Names, birth dates and postcodes to derived agreement variables, and those to opaque tokens (pure).

Two records of one person rarely agree letter by letter. So everything two records may be compared by is worked
out beforehand (root of a nickname, Soundex, first letters, halves of a double-barrelled name, parts of the birth
date, sector and district of the postcode), and every value of it is replaced by a keyed 64-bit token. The engine
that compares records never sees a name. The key is random, lives in memory and dies with the run: tokens of
single fields give names away by how often they occur, and must never be stored or sent on.

==================  ======================================================  ============
column              what it holds before it becomes a token                 domain
==================  ======================================================  ============
fn                  first forename; nothing where only an initial is known  forename
fn_root fn_alt      root of that forename (bob, robert: robert); the other  root
                    one where it is short for two names (alex)
fn_sdx fn_3 fn_1    Soundex; first three letters; initial                   own
fn_end              last three letters                                      own
sn                  whole surname without blanks and hyphens                surname
sn_a sn_b           first and last half of a double-barrelled surname,      surname
                    both the whole where there is one
sn_sdx sn_3 sn_end  Soundex of the last half; first three, last four letters own
dob dob_sw          birth date; birth date with day and month swapped       date
dob_ym dob_yd dob_md  year and month; year and day; month and day           own
pc pc_sector pc_district  postcode; AB12 3; AB12                            own
sex                 f or m                                                  own
==================  ======================================================  ============

Columns of one domain share tokens, so that a half of one surname can be compared with the whole of another.
Soundex: the American rule of 1918 as the US National Archives print it.
"""

from __future__ import annotations

import hashlib

import polars as pl

from cohorts.linking.nicknames import OTHER_ROOTS, ROOTS

FIELDS = ("forename", "surname", "date-of-birth", "postcode", "sex")
DOMAINS = {
    "fn": "forename",
    "fn_root": "root",
    "fn_alt": "root",
    "fn_sdx": "fn-sdx",
    "fn_3": "fn-3",
    "fn_1": "fn-1",
    "fn_end": "fn-end",
    "sn": "surname",
    "sn_a": "surname",
    "sn_b": "surname",
    "sn_sdx": "sn-sdx",
    "sn_3": "sn-3",
    "sn_end": "sn-end",
    "dob": "date",
    "dob_sw": "date",
    "dob_ym": "dob-ym",
    "dob_yd": "dob-yd",
    "dob_md": "dob-md",
    "pc": "pc",
    "pc_sector": "pc-sector",
    "pc_district": "pc-district",
    "sex": "sex",
}
DERIVED = tuple(DOMAINS)
KEY_BYTES = 32

_LETTERS = {
    "ß": "ss",
    "ø": "o",
    "ł": "l",
    "đ": "d",
    "æ": "ae",
    "œ": "oe",
    "þ": "th",
    "ð": "d",
    "ı": "i",
    "ħ": "h",
}
_TITLES = r"^(?:(?:mr|mrs|ms|miss|mx|dr|master|rev|sir|prof)\b\.?\s+)+"
_NOBODY = frozenset(
    {
        "unknown",
        "not known",
        "nk",
        "na",
        "none",
        "null",
        "nil",
        "test",
        "baby",
        "infant",
        "unborn",
        "xx",
        "xxx",
    }
    | {"anon", "anonymous", "tbc", "refused", "withheld"}
)
_PARTICLES = (
    r"\b(mc|mac|o|de la|de|la|le|du|da|di|dos|van der|van den|van de|van|von|el|al|bin|ben|st|abu|ap)\s+"
)
_CODES = {
    **dict.fromkeys("bfpv", "1"),
    **dict.fromkeys("cgjkqsxz", "2"),
    **dict.fromkeys("dt", "3"),
    "l": "4",
    **dict.fromkeys("mn", "5"),
    "r": "6",
    **dict.fromkeys("aeiouy", "0"),
    **dict.fromkeys("hw", ""),
}
_POSTCODE = r"^([A-Z]{1,2}[0-9][A-Z0-9]?)([0-9])([A-Z]{2})$"
_DISTRICT = r"^[A-Z]{1,2}[0-9][A-Z0-9]?$"


def plain_name(text: pl.Expr) -> pl.Expr:
    """Small letters a to z, words apart by one blank: accents, titles, apostrophes, dots and digits removed."""
    folded = (
        text.cast(pl.String)
        .str.to_lowercase()
        .str.normalize("NFKD")
        .str.replace_all(r"\p{M}", "")
        .str.replace_many(list(_LETTERS), list(_LETTERS.values()))
        .str.strip_chars()
        .str.replace(_TITLES, "")
        .str.replace_all(r"['’‘`´.]", "")
        .str.replace_all(r"[^a-z]+", " ")
        .str.strip_chars()
    )
    return pl.when((folded != "") & ~folded.is_in(sorted(_NOBODY))).then(folded)


def soundex(name: pl.Expr) -> pl.Expr:
    """Soundex of names made of the letters a to z: ``ashcraft`` a261, ``tymczak`` t522, ``pfister`` p236."""
    first, rest = name.str.slice(0, 1), name.str.slice(1)
    head = first.replace({**_CODES, "h": "0", "w": "0"})
    digits = pl.concat_str(head, rest.str.replace_many(list(_CODES), list(_CODES.values())))
    for digit in "0123456":
        digits = digits.str.replace_all(f"{digit}{digit}+", digit)
    kept = pl.concat_str(digits.str.slice(1).str.replace_all("0", ""), pl.lit("000")).str.slice(0, 3)
    return pl.when(name != "").then(pl.concat_str(first, kept))


def derive(people: pl.DataFrame) -> pl.DataFrame:
    """Work out the derived variables of every record, all as text.

    Parameters
    ----------
    people : pl.DataFrame
        Any of the columns forename, surname, date-of-birth (Date), postcode and sex; a field that is not there
        is missing for everybody. Order of rows is kept.

    Returns
    -------
    pl.DataFrame
        The columns of ``DERIVED`` as String, null where nothing is known.
    """
    there = people.select(
        (
            pl.col(name) if name in people.columns else pl.lit(None, pl.Date if "date" in name else pl.String)
        ).alias(name)
        for name in FIELDS
    )
    parts = [
        _per_value(there["forename"], _forename),
        _per_value(there["surname"], _surname),
        _per_value(there["date-of-birth"], _birth),
        _per_value(there["postcode"], _postcode),
        there.select(_sex(pl.col("sex"))),
    ]
    return pl.concat(parts, how="horizontal").select(DERIVED)


def _per_value(values: pl.Series, work: object) -> pl.DataFrame:
    """Work on each distinct value once: names repeat, and Soundex is dear."""
    distinct = pl.DataFrame({"value": values.drop_nulls().unique()})
    worked = distinct.with_columns(work(distinct)) if callable(work) else distinct
    asked = pl.DataFrame({"value": values})
    return asked.join(worked, on="value", how="left", maintain_order="left").drop("value")


def _forename(distinct: pl.DataFrame) -> pl.DataFrame:
    joined = pl.col("value").cast(pl.String).str.replace_all(r"\s*-\s*", "")  # Anne-Marie is one name
    words = distinct.select(plain_name(joined).str.split(" ").alias("words"))
    first = words.select(pl.col("words").list.get(0).alias("name"))
    full = pl.when(pl.col("name").str.len_chars() > 1).then("name")
    return first.select(
        full.alias("fn"),
        full.replace(ROOTS).alias("fn_root"),
        full.replace(OTHER_ROOTS).alias("fn_alt"),
        soundex(full).alias("fn_sdx"),
        pl.when(pl.col("name").str.len_chars() > 2).then(pl.col("name").str.slice(0, 3)).alias("fn_3"),
        pl.col("name").str.slice(0, 1).alias("fn_1"),
        pl.when(pl.col("name").str.len_chars() > 2).then(pl.col("name").str.tail(3)).alias("fn_end"),
    )


def _surname(distinct: pl.DataFrame) -> pl.DataFrame:
    plain = (
        plain_name(pl.col("value"))
        .str.replace_all(_PARTICLES, "${1}")
        .str.replace_all(r"\b(de) la", "${1}la")
    )
    words = distinct.select(plain.alias("name")).with_columns(pl.col("name").str.split(" ").alias("words"))
    whole, last = pl.col("name").str.replace_all(" ", ""), pl.col("words").list.get(-1)
    return words.select(
        whole.alias("sn"),
        pl.col("words").list.get(0).alias("sn_a"),
        last.alias("sn_b"),
        soundex(last).alias("sn_sdx"),
        whole.str.slice(0, 3).alias("sn_3"),
        pl.when(whole.str.len_chars() > 4).then(whole.str.tail(4)).alias("sn_end"),
    )


def _birth(distinct: pl.DataFrame) -> pl.DataFrame:
    born = pl.when(pl.col("value") != pl.date(1900, 1, 1)).then("value")
    swapped = pl.when(born.dt.day() <= 12).then(
        pl.format(
            "{}-{}-{}", born.dt.year(), born.dt.day().cast(pl.String).str.zfill(2),
            born.dt.month().cast(pl.String).str.zfill(2),
        )
    )  # fmt: skip
    return distinct.select(
        born.dt.strftime("%Y-%m-%d").alias("dob"),
        swapped.alias("dob_sw"),
        born.dt.strftime("%Y-%m").alias("dob_ym"),
        born.dt.strftime("%Y/%d").alias("dob_yd"),
        born.dt.strftime("%m-%d").alias("dob_md"),
    )


def _postcode(distinct: pl.DataFrame) -> pl.DataFrame:
    text = pl.col("value").cast(pl.String).str.to_uppercase().str.replace_all("[^A-Z0-9]", "")
    known = pl.when(~text.str.starts_with("ZZ99")).then(text)
    district = pl.coalesce(
        known.str.extract(_POSTCODE, 1), pl.when(known.str.contains(_DISTRICT)).then(known)
    )
    sector = pl.concat_str(known.str.extract(_POSTCODE, 1), pl.lit(" "), known.str.extract(_POSTCODE, 2))
    return distinct.select(
        pl.when(known.str.contains(_POSTCODE)).then(known).alias("pc"),
        sector.alias("pc_sector"),
        district.alias("pc_district"),
    )


def _sex(text: pl.Expr) -> pl.Expr:
    code = text.cast(pl.String).str.to_lowercase().str.strip_chars()
    words = {"f": "f", "female": "f", "w": "f", "woman": "f", "girl": "f", "2": "f"}
    words |= {"m": "m", "male": "m", "man": "m", "boy": "m", "1": "m"}
    return code.replace_strict(words, default=None, return_dtype=pl.String).alias("sex")


def opaque(derived: pl.DataFrame, key: bytes) -> pl.DataFrame:
    """Replace every derived value by a keyed 64-bit token; each distinct value is hashed once.

    Parameters
    ----------
    derived : pl.DataFrame
        What :func:`derive` made.
    key : bytes
        The random key of this one run, 32 bytes.

    Returns
    -------
    pl.DataFrame
        The same columns as UInt64 (BLAKE2b keyed, the column's domain as its person field).
    """
    if len(key) < KEY_BYTES:
        msg = "the run's key is too short"
        raise ValueError(msg)
    return pl.DataFrame([_tokens(derived[name], DOMAINS[name], key) for name in derived.columns])


def _tokens(values: pl.Series, domain: str, key: bytes) -> pl.Series:
    distinct = values.drop_nulls().unique()
    person = domain.encode("ascii").ljust(16, b"\0")
    tokens = [
        int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8, key=key, person=person).digest(), "big")
        for text in distinct
    ]
    lookup = pl.DataFrame({"value": distinct, "token": pl.Series(tokens, dtype=pl.UInt64)})
    asked = pl.DataFrame({"value": values})
    return asked.join(lookup, on="value", how="left", maintain_order="left")["token"].rename(values.name)
