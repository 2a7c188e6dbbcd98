"""What a result's units are called, chosen once: people and the others, or areas and what was expected (pure)."""

from __future__ import annotations

from dataclasses import dataclass, replace

from evaluation.model import Units

EXPECTED = "expected without the programme"
OVER_TIME = (
    "difference-in-differences",
    "staggered-adoption",
    "interrupted-time-series",
    "synthetic-control",
    "displacement-difference",
    "day-crossover",
)
BEFORE_AFTER = "before-after"


@dataclass(frozen=True, slots=True)
class Nouns:
    """Words for units, for those with the programme, and for what they are held against.

    ``rows`` is what a row of the data is; ``against`` goes after "higher than", ``against_rate`` after "times the
    rate"; ``without`` names the comparison's figure.
    """

    one: str
    many: str
    treated: str
    against: str
    against_rate: str
    rows: str
    few: str
    lost: str
    seen: str
    without: str
    unlike: str
    doubt: str

    @property
    def are_people(self) -> bool:
        """Say whether the units are people."""
        return self.one == "person"


PEOPLE = Nouns(
    one="person",
    many="people",
    treated="those treated",
    against="the others",
    against_rate="of the others",
    rows="people",
    few="too few people",
    lost="people lost on the way",
    seen="Average with the programme",
    without="without it",
    unlike="people unlike these",
    doubt="People were not allocated by chance: whatever else set them apart and was not measured is part of the "
    "difference.",
)
AREAS = Nouns(
    one="area",
    many="areas",
    treated="areas with the programme",
    against=EXPECTED,
    against_rate=EXPECTED,
    rows="rows, an area and period each,",
    few="too few areas or periods",
    lost="values missing",
    seen="After the start with the programme",
    without=EXPECTED,
    unlike="areas unlike these",
    doubt="Areas were not allocated by chance: whatever else changed there and was not measured is part of the "
    "difference.",
)
CUT_OFF = "regression-discontinuity"


def nouns_of(units: Units, method: str = "") -> Nouns:
    """The words for a plan's units, held against what its method compares them with."""
    if units == "areas":
        if method != BEFORE_AFTER:
            return AREAS
        return replace(AREAS, against="before", against_rate="before", without="before the start")
    if method in OVER_TIME:
        return replace(
            PEOPLE,
            against=EXPECTED,
            against_rate=EXPECTED,
            rows="rows",
            seen="After the start with the programme",
            without=EXPECTED,
            doubt=PEOPLE.doubt.replace("set them apart", "changed for them"),
        )
    if method == CUT_OFF:
        return replace(
            PEOPLE,
            treated="those just on the treated side of the cut-off",
            against="those just on the other side",
            against_rate="of those just on the other side",
            seen="At the cut-off, with the programme",
            unlike="people further from the cut-off",
            doubt="Only a cut-off parted them: whatever else changes just there is part of the difference.",
        )
    if method == BEFORE_AFTER:
        return replace(
            PEOPLE,
            against="before",
            against_rate="before",
            rows="rows",
            seen="After the start",
            without="before it",
        )
    return PEOPLE
