"""What may not stand in any text that leaves: numbers of people, postcodes, places on a machine (pure).

Only whole words count, and whatever has a check character must pass it: a report full of figures raises no alarm. A
finding names the rule; the text itself is never said.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable

from cohorts.identifiers import check_of_nhs, check_of_pnc, check_of_upn

_WORD, _END = r"(?<![0-9A-Za-z.,/_+-])", r"(?![0-9A-Za-z_]|[./,-][0-9])"
_NHS = re.compile(_WORD + r"([0-9]{3})([ -]?)([0-9]{3})\2([0-9]{4})(?:\.0+)?" + _END)
_UPN = re.compile(_WORD + r"([A-HJ-NP-RT-Z])([0-9]{11})([0-9A-HJ-NP-RT-Z])" + _END, re.IGNORECASE)
_PNC = re.compile(_WORD + r"(?:19|20)?([0-9]{2})/([0-9]{1,7})([A-Z])" + _END, re.IGNORECASE)
_CRO = re.compile(_WORD + r"([0-9]{1,6})/([0-9]{2})([A-Z])" + _END, re.IGNORECASE)
_CRO_FILE = re.compile(_WORD + r"SF([0-9]{2})/([0-9]{1,6})([A-Z])" + _END, re.IGNORECASE)
_PRISON = re.compile(_WORD + r"[A-Z][0-9]{4}[A-Z]{2}" + _END)
_CRN = re.compile(_WORD + r"[A-Z][0-9]{6}" + _END)
_AREAS = (
    "AB AL B BA BB BD BH BL BN BR BS BT CA CB CF CH CM CO CR CT CV CW DA DD DE DG DH DL DN DT DY E EC EH EN EX FK FY "
    "G GL GU GY HA HD HG HP HR HS HU HX IG IM IP IV JE KA KT KW KY L LA LD LE LL LN LS LU M ME MK ML N NE NG NN NP NR "
    "NW OL OX PA PE PH PL PO PR RG RH RM S SA SE SG SK SL SM SN SO SP SR SS ST SW SY TA TD TF TN TQ TR TS TW UB W WA "
    "WC WD WF WN WR WS WV YO ZE"
)
_POSTCODE = re.compile(
    _WORD + rf"(?:{'|'.join(sorted(_AREAS.split(), key=len, reverse=True))})[0-9](?:[0-9]|[A-HJKMNP-Z])? ?"
    r"[0-9][ABD-HJLNP-UW-Z]{2}" + _END
)
_SPOKEN_POSTCODE = re.compile(  # in any letters, with its space; "m1 2nd" is no postcode
    _WORD + rf"(?:{'|'.join(sorted(_AREAS.split(), key=len, reverse=True))})[0-9](?:[0-9]|[A-HJKMNP-Z])? "
    r"(?!1st|2nd|3rd|[04-9]th)[0-9][ABD-HJLNP-UW-Z]{2}" + _END,
    re.IGNORECASE,
)
_INVISIBLE = (
    0xAD,
    0x34F,
    0x61C,
    0x180E,
    *range(0x200B, 0x2010),
    *range(0x202A, 0x202F),
    *range(0x2060, 0x2070),
    0xFEFF,
)
_PLAIN: dict[int, str | None] = {
    **dict.fromkeys(map(ord, "\u2010\u2011\u2012\u2013\u2014\u2212"), "-"),
    **dict.fromkeys((*_INVISIBLE, *range(0x2060, 0x2070)), None),
}
_MACHINE = re.compile(
    r"(?:file://|(?<![\w.])/(?:home|Users|root)/[^/\s<>\"']+/|\b[A-Za-z]:\\(?:Users|Documents)\\)"
)
_TOKEN = re.compile(r"(?<![0-9a-fA-F])[0-9a-fA-F]{32}(?![0-9a-fA-F])")
LEAST_GIVEN = 320  # smaller ones are given out in Scotland alone


def is_nhs_number(digits: str) -> bool:
    """Say whether ten digits could be a health number of a person: modulus 11, and one of the ranges given out.

    England, Wales and the Isle of Man 400 to 499 and 600 to 799, Northern Ireland 320 to 399, tests and examples 900 to
    999, the numbers between them kept back; Scotland's begin with a day of birth.
    """
    scottish = 1 <= int(digits[:2]) <= 31 and 1 <= int(digits[2:4]) <= 12
    given = int(digits[:3]) >= LEAST_GIVEN or scottish
    return given and len(set(digits)) > 1 and check_of_nhs(digits[:9]) == int(digits[9])


def _nhs(found: re.Match[str]) -> bool:
    return is_nhs_number(found[1] + found[3] + found[4])


def _upn(found: re.Match[str]) -> bool:
    letter, rest = found[1].upper(), found[2] + found[3].upper()
    return check_of_upn(rest) == letter and len(set(found[2])) > 1


def _modulus(year: str, serial: str, letter: str, width: int) -> bool:
    return int(serial) > 0 and check_of_pnc(year + serial.zfill(width)) == letter.upper()


RULES: tuple[tuple[str, re.Pattern[str], Callable[[re.Match[str]], bool]], ...] = (
    ("an NHS number", _NHS, _nhs),
    ("a unique pupil number", _UPN, _upn),
    ("a PNC number", _PNC, lambda m: _modulus(m[1], m[2], m[3], 7)),
    ("a CRO number", _CRO, lambda m: _modulus(m[2], m[1], m[3], 6)),
    ("a CRO number", _CRO_FILE, lambda m: _modulus(m[1], m[2], m[3], 6)),
    ("a prison number", _PRISON, lambda m: m[0][1:5] != "0000"),
    ("a probation case number", _CRN, lambda m: m[0][1:] != "000000"),
    ("a full postcode", _POSTCODE, lambda _: True),
    ("a full postcode", _SPOKEN_POSTCODE, lambda _: True),
    ("a folder of somebody's computer", _MACHINE, lambda _: True),
)


def traces_in(texts: Iterable[str]) -> tuple[str, ...]:
    """The kinds of identifiers that stand in some texts, each once; never what they are."""
    found: dict[str, None] = {}
    for text in texts:
        plain = folded(text)
        for rule, shape, holds in RULES:
            if rule not in found and any(holds(match) for match in shape.finditer(plain)):
                found[rule] = None
    return tuple(found)


def folded(text: str) -> str:
    """A text with every kind of space, dash, digit and letter as its plain one, and without invisible signs.

    What a reader sees as a number is one, however a word processor set it.
    """
    if text.isascii():
        return text
    return unicodedata.normalize("NFKC", text).translate(_PLAIN)


def token_like(texts: Iterable[str]) -> set[str]:
    """Every word that is written like a pseudonym of the store, in small letters: to be looked up there."""
    return {match[0].lower() for text in texts for match in _TOKEN.finditer(folded(text))}
