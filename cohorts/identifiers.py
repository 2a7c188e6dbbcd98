"""Identifiers of people: one canonical form a kind, and what is wrong with those that do not fit.

==============  =========================================  ==============================================
kind            canonical form                             check
==============  =========================================  ==============================================
nhs-number      10 digits                                  11 - sum(weights 10..2) mod 11; 11 is 0, 10 is
                                                           never issued
upn             letter, 12 digits (last may be a letter)   sum(position 2..13 x value) mod 23
pnc-id          YY/NNNNNNNX                                (YY then 7-digit serial) mod 23
prison-number   letter, 4 digits, 2 letters                none
crn             letter, 6 digits                           none
local-id        1 to 40 letters, digits, - _ . /           none
==============  =========================================  ==============================================

Sources: NHS Data Dictionary; DfE guide to unique pupil numbers; the PNC rule as the Ministry of Justice's
open services apply it (letters Z, A to Y without I, O and S). A PNC ID keeps the last two digits of its
year: its check letter knows no more, and both forms of one ID must give one pseudonym.
"""

from __future__ import annotations

import re

import polars as pl

from cohorts.errors import CohortError

KINDS = ("nhs-number", "upn", "pnc-id", "prison-number", "crn", "local-id")

_UPN_LETTERS = "ABCDEFGHJKLMNPQRTUVWXYZ"
_PNC_LETTERS = "ZABCDEFGHJKLMNPQRTUVWXY"
_LETTER = "[A-HJ-NP-RT-Z]"
_SHAPES = {
    "nhs-number": r"^[0-9]{10}$",
    "upn": rf"^{_LETTER}[0-9]{{11}}(?:[0-9]|{_LETTER})$",
    "pnc-id": r"^[0-9]{2}/[0-9]{7}[A-Z]$",
    "prison-number": r"^[A-Z][0-9]{4}[A-Z]{2}$",
    "crn": r"^[A-Z][0-9]{6}$",
    "local-id": r"^[A-Z0-9_./-]{1,40}$",
}
_SAME_TEN = "|".join(f"{digit}{{10}}" for digit in "0123456789")
_SAME_TWELVE = "|".join(f"{digit}{{12}}" for digit in "0123456789")
_SAME_LONG = "|".join(f"{digit}{{6,}}" for digit in "123456789")
_PLACEHOLDERS = {
    "nhs-number": rf"^(?:{_SAME_TEN}|0123456789|1234567890|9876543210)$",
    "upn": rf"^[A-Z](?:{_SAME_TWELVE})$",
    "pnc-id": r"^[0-9]{2}/0{7}[A-Z]$",
    "prison-number": r"^[A-Z]0{4}[A-Z]{2}$",
    "crn": r"^[A-Z]0{6}$",
    "local-id": rf"^(?:[0_./-]+|{_SAME_LONG}|N/?[AK]|NONE|NULL|NIL|NAN|UNKNOWN|NOTKNOWN|MISSING|TBC|TEST)$",
}
_HYPHENS = "\\-\u2010\u2011\u2012\u2013\u2014\u2212"
_BLANKS = "\\s\u00a0\u200b\u200c\u200d\ufeff"


def normalise(series: pl.Series, kind: str) -> pl.Series:
    """Bring identifiers of one kind to their canonical form; blanks become null.

    Trims, writes in capitals, drops inner blanks and (except in local ids) hyphens, and mends what
    spreadsheets do to long numbers: ``9434765919.0`` and ``9.434765919E+09``. Digits are never invented: a
    number that was rounded or lost its leading zero stays as it is and fails its check.
    """
    if kind != "local-id" and series.dtype == pl.String and series.str.contains(_SHAPES[kind]).all():
        return series  # as it nearly always is; what has the shape of a local id may still be a mended number
    text = pl.col("value").cast(pl.String).str.to_uppercase()
    dropped = _BLANKS if kind == "local-id" else _BLANKS + _HYPHENS
    text = (
        text.str.replace_all(f"[{dropped}]", "")
        .str.strip_chars_start("'")
        .str.replace(r"^([0-9]+)\.0+$", "${1}")
        .str.replace(r"^([0-9])\.([0-9]{9})E\+?0*9$", "${1}${2}")
    )
    if kind == "pnc-id":
        text = _canonical_pnc(text)
    frame = pl.DataFrame({"value": series})
    return frame.select(pl.when(text != "").then(text)).to_series().rename(series.name)


def _canonical_pnc(text: pl.Expr) -> pl.Expr:
    """``2003/11985X``, ``03/0011985X`` and ``20030011985X`` are one ID: ``03/0011985X``."""
    written = r"^(?:19|20)?([0-9]{2})/([0-9]{1,7})([A-Z])$"
    run_on = r"^(?:19|20)?([0-9]{2})([0-9]{7})([A-Z])$"
    year, serial, letter = (
        pl.coalesce(text.str.extract(written, group), text.str.extract(run_on, group)) for group in (1, 2, 3)
    )
    return pl.coalesce(pl.format("{}/{}{}", year, serial.str.zfill(7), letter), text)


def fault_of(series: pl.Series, kind: str) -> pl.Series:
    """Say by code what is wrong with each identifier; null where it is good.

    ``LC820`` missing, ``LC821`` malformed, ``LC823`` placeholder, ``LC822`` check character does not fit;
    the first of these that applies.
    """
    return faults_in(normalise(series, kind), kind)


def faults_in(values: pl.Series, kind: str) -> pl.Series:
    """What :func:`fault_of` says, for identifiers that are in canonical form already."""
    value = pl.col("value")
    fault = (
        pl.when(value.is_null())
        .then(pl.lit("LC820"))
        .when(value.str.contains(_PLACEHOLDERS[kind]))
        .then(pl.lit("LC823"))
        .when(~value.str.contains(_SHAPES[kind]))
        .then(pl.lit("LC821"))
        .when(~_check_fits(value, kind))
        .then(pl.lit("LC822"))
    )
    return pl.DataFrame({"value": values}).select(fault.alias("fault")).to_series()


def _check_fits(value: pl.Expr, kind: str) -> pl.Expr:
    if kind == "nhs-number":
        number = value.cast(pl.Int64, strict=False)
        total = pl.sum_horizontal(number // 10 ** (9 - place) % 10 * (10 - place) for place in range(9))
        return (11 - total % 11) % 11 == number % 10
    if kind == "upn":
        last = value.str.slice(12, 1)
        final = pl.coalesce(last.cast(pl.Int64, strict=False), _rank(last, _UPN_LETTERS))
        total = pl.sum_horizontal(_digit(value, place) * (place + 1) for place in range(1, 12)) + final * 13
        return total % 23 == _rank(value.str.slice(0, 1), _UPN_LETTERS)
    if kind == "pnc-id":
        number = pl.concat_str(value.str.slice(0, 2), value.str.slice(3, 7)).cast(pl.Int64, strict=False)
        return (number % 23 == _rank(value.str.slice(10, 1), _PNC_LETTERS)).fill_null(value=False)
    return pl.lit(value=True)


def _digit(value: pl.Expr, place: int) -> pl.Expr:
    return value.str.slice(place, 1).cast(pl.Int64, strict=False)


def _rank(letter: pl.Expr, letters: str) -> pl.Expr:
    ranks = {character: number for number, character in enumerate(letters)}
    return letter.replace_strict(ranks, default=None, return_dtype=pl.Int64)


def check_of_nhs(nine_digits: str) -> int:
    """The check digit of a body of nine digits; 10 where there is none."""
    return (11 - sum(int(digit) * (10 - place) for place, digit in enumerate(nine_digits)) % 11) % 11


def check_of_upn(twelve: str) -> str:
    """The check letter of the last twelve characters of a UPN."""
    values = [int(item) if item.isdigit() else _UPN_LETTERS.index(item) for item in twelve]
    return _UPN_LETTERS[sum(place * value for place, value in enumerate(values, start=2)) % 23]


def check_of_pnc(digits: str) -> str:
    """The check letter of a PNC ID (two digits of the year, seven of the serial) or a CRO number (two and six)."""
    return _PNC_LETTERS[int(digits) % 23]


def nhs_number(nine_digits: str) -> str:
    """Make a whole NHS number from its first nine digits.

    About one body in eleven has no check digit and was never issued; it raises ``LC822``. Made-up people take
    bodies beginning 999, the range kept for tests.
    """
    _require(r"[0-9]{9}", nine_digits, "nine digits")
    check = check_of_nhs(nine_digits)
    if check == 10:
        raise CohortError("LC822", "no check digit exists for this body", "Take the next one.")
    return f"{nine_digits}{check}"


def upn(twelve: str) -> str:
    """Make a whole UPN from its last twelve characters: 11 digits, then a digit or (temporary) a letter."""
    _require(rf"[0-9]{{11}}(?:[0-9]|{_LETTER})", twelve, "eleven digits, then a digit or a letter")
    return check_of_upn(twelve) + twelve


def pnc_id(year: int, serial: int) -> str:
    """Make a whole PNC ID, in its long form ``YYYY/NNNNNNNX``."""
    if not (1900 <= year <= 2099 and 1 <= serial <= 9_999_999):
        raise CohortError("LC821", "a PNC ID needs a year from 1900 to 2099 and a serial of up to 7 digits")
    return f"{year}/{serial:07d}{check_of_pnc(f'{year % 100:02d}{serial:07d}')}"


def _require(shape: str, body: str, expected: str) -> None:
    if not re.fullmatch(shape, body):
        raise CohortError("LC821", f"the body must be {expected}")
