"""Offences weighed by their harm: the score, what carries it, and its range (pure).

A score of weights is ruled by a few severe offences: beside it stand the unweighted count, the share of the score that
comes from the heaviest hundredth of offences, and a bootstrap range. Weights come from the official sheet, which the
user imports; an offence without a weight is an error, never nought.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from theory_of_change.errors import TheoryError
from workspace.errors import Fault

HEAVIEST = 0.01
DRAWS = 4000


@dataclass(frozen=True, slots=True)
class HarmScore:
    """The score of one period, the offences it is of, its range, and what the heaviest hundredth adds to it."""

    score: float
    offences: int
    conf_low: float
    conf_high: float
    heaviest_share: float


def harm_score(weights: Mapping[str, float], counts: Mapping[str, int], *, seed: int = 1) -> HarmScore:
    """The sum of weight times count.

    The range is the percentile bootstrap in which every offence is drawn as a Poisson count (95 %), so that one murder
    more or less shows. Each weight is taken as exact.

    Raises
    ------
    TheoryError
        ``LC338``: offence codes without a weight, or counts below nought.
    """
    _refuse_unknown(weights, counts)
    codes = [code for code in counts if counts[code]]
    number = np.array([counts[code] for code in codes], dtype=np.int64)
    weight = np.array([weights[code] for code in codes], dtype=np.float64)
    score = float(weight @ number) if codes else 0.0
    if not codes:
        return HarmScore(0.0, 0, 0.0, 0.0, 0.0)
    draws = np.random.default_rng(seed).poisson(number, size=(DRAWS, len(codes))) @ weight
    low, high = np.quantile(draws, [0.025, 0.975])
    total = int(number.sum())
    return HarmScore(score, total, float(low), float(high), _heaviest(weight, number, score))


def _heaviest(weight: npt.NDArray[np.float64], number: npt.NDArray[np.int64], score: float) -> float:
    """The share of the score that the heaviest hundredth of offences carries (at least one offence)."""
    left = max(1, round(HEAVIEST * int(number.sum())))
    carried = 0.0
    for place in np.argsort(-weight, kind="stable"):
        taken = min(left, int(number[place]))
        carried += taken * float(weight[place])
        left -= taken
        if not left:
            break
    return carried / score if score else 0.0


def _refuse_unknown(weights: Mapping[str, float], counts: Mapping[str, int]) -> None:
    absent = sorted(code for code in counts if code not in weights)
    if absent:
        more = f" and {len(absent) - 5} more" if len(absent) > 5 else ""
        raise TheoryError(
            "LC338",
            f"there is no weight for offence code {', '.join(absent[:5])}{more}",
            "Add them to the sheet of weights, or say with an explicit 0 that they do not count.",
        )
    if any(count < 0 for count in counts.values()):
        raise TheoryError("LC338", "counts of offences are whole numbers of at least 0")


def read_weights(rows: Sequence[Sequence[str]], name: str) -> dict[str, float]:
    """Weights by offence code from rows of ``code, weight``; the first row holds headings.

    Raises
    ------
    TheoryError
        ``LC338``: a weight that is no number of at least nought, or a code that stands twice; every fault at once.
    """
    faults, found = [], {}
    for number, row in enumerate(rows[1:], start=2):
        code, text = (row[0].strip(), row[1].strip()) if len(row) >= 2 else ("", "")
        if not code and not text:
            continue
        try:
            weight = float(text.replace(",", ""))
        except ValueError:
            weight = -1.0
        if not code or not 0 <= weight < float("inf"):
            faults.append((number, "it needs a code, and a weight of at least 0"))
        elif code in found:
            faults.append((number, f"the code '{code}' has a weight already"))
        else:
            found[code] = weight
    if faults or not found:
        raise TheoryError.gather(
            [Fault("LC338", f"{name}, row {number}", said, "Correct the row.") for number, said in faults]
            or [Fault("LC338", name, "there are no weights in it", "It needs two columns: code, weight.")]
        )
    return found
