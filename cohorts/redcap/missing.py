"""Missing-data codes of a REDCap project, and the reason each stands for (pure)."""

from __future__ import annotations

import re
from collections.abc import Iterable

from cohorts.errors import CohortError
from cohorts.partner_files.mapping import MISSING_REASONS, plain_code
from workspace.errors import Fault, did_you_mean

# What labels say, as REDCap's own list and questionnaires write them.
_SAID: tuple[tuple[str, str], ...] = (
    (r"not asked|not collected|not administered", "not asked"),
    (r"refused?|declined|prefer(red|s)? not( to (say|answer))?|does not want to say", "refused"),
    (
        r"unknown|not known|do(es)?n.?t know|do(es)? not know|unsure|asked but unknown|can.?t remember",
        "not known",
    ),
    (r"not applicable|n/?a", "not applicable"),
    (r"masked|not shared|withheld", "not shared"),
    (r"withdrawn|withdrew( from study)?", "withdrawn"),
    (r"invalid|failed validation", "failed validation"),
    (
        r"not recorded|not available|temporarily unavailable|no information|missing|not present",
        "not recorded",
    ),
)
_ASKED = re.compile(r"\s*([A-Za-z0-9_.-]+?)\s*(?:=|,)\s*(.+?)\s*")


def reason_of(label: str) -> str:
    """The missing reason a label stands for, or nothing."""
    words = " ".join(label.strip().lower().rstrip(".").split())
    return next((reason for said, reason in _SAID if re.fullmatch(said, words)), "")


def read_missing(given: Iterable[str]) -> dict[str, str]:
    """``-99=not-asked`` or REDCap's own ``-99, Not asked`` as codes and reasons; ``LC809`` where there is none."""
    found: dict[str, str] = {}
    faults = []
    for number, text in enumerate(given, start=1):
        where = f"--missing {number}"
        match = _ASKED.fullmatch(text)
        if match is None:
            faults.append(
                Fault("LC809", where, "a missing code is given as CODE=REASON", 'Like "-99=not-asked".')
            )
            continue
        code, said = plain_code(match[1]), match[2].lower()
        words = said.replace("-", " ")
        reason = words if words in MISSING_REASONS else reason_of(match[2])
        if not reason or found.get(code, reason) != reason:
            near = did_you_mean(words, MISSING_REASONS)
            problem = f"no one reason is given for code '{match[1]}'.{near}"
            faults.append(Fault("LC809", where, problem, f"Reasons: {', '.join(MISSING_REASONS)}."))
        found[code] = reason
    if faults:
        raise CohortError.gather(faults)
    return found
