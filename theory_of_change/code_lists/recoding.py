"""Offence rows recoded by a definition, in one place and one way; schemes joined only where they correspond (pure)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from theory_of_change.code_lists.model import OUTSIDE, CodeList, Correspondence
from theory_of_change.errors import TheoryError
from workspace.errors import Fault, did_you_mean

MOST_NAMED = 8
YES = ("1", "yes", "y", "true")
NO = ("", "0", "no", "n", "false")


@dataclass(frozen=True, slots=True)
class Recoded:
    """Offences by period and branch, what is outside among them; ``definition`` says by which version."""

    definition: str
    counts: tuple[tuple[str, str, int], ...]

    def of(self, period: str, branch: str = "") -> int:
        """The count of a period and branch; of all branches, what is outside left out, where none is named."""
        return sum(
            n
            for when, name, n in self.counts
            if when == period and (name == branch if branch else name != OUTSIDE)
        )


def recode(
    definition: CodeList,
    rows: Iterable[Mapping[str, str]],
    category: str,
    period: str = "",
    name: str = "the file",
) -> Recoded:
    """Count offences by branch. ``rows`` hold the category, a column for each mark (1 or 0), and the period.

    Raises
    ------
    TheoryError
        ``LC341``: a category or a mark that the definition does not know; every one at once.
    """
    counts: Counter[tuple[str, str]] = Counter()
    unknown: dict[str, int] = {}
    faulty: list[Fault] = []
    for number, row in enumerate(rows, start=2):
        code = row.get(category, "").strip()
        if code not in definition.known:
            unknown.setdefault(code, number)
            continue
        marks = []
        for mark in sorted(definition.marks):
            said = row.get(mark, "").strip().casefold()
            if said not in YES + NO:
                faulty.append(Fault("LC341", f"{name}, row {number}, column {mark}", "a mark is 1 or 0"))
            marks += [mark] if said in YES else []
        counts[row.get(period, "").strip() if period else "", definition.branch_of(code, marks)] += 1
    _refuse(definition, unknown, faulty, name)
    order = [*(branch.name for branch in definition.branches), OUTSIDE]
    listed = sorted(counts.items(), key=lambda item: (item[0][0], order.index(item[0][1])))
    return Recoded(f"{definition.id} {definition.version}", tuple((when, to, n) for (when, to), n in listed))


def _refuse(definition: CodeList, unknown: Mapping[str, int], faulty: Sequence[Fault], name: str) -> None:
    faults = [
        Fault(
            "LC341",
            f"{name}, row {number}",
            f"the definition does not know this category.{did_you_mean(code, definition.known)}" if code
            else "there is no category",
            "Put it into a branch, or into outside = […].",
        )
        for code, number in list(unknown.items())[:MOST_NAMED]
    ]  # fmt: skip
    if faults or faulty:
        raise TheoryError.gather([*faults, *faulty[:MOST_NAMED]])


def translated(
    definition: CodeList,
    scheme: str,
    rows: Iterable[Mapping[str, str]],
    category: str,
    name: str = "the file",
) -> list[dict[str, str]]:
    """Rows of another scheme with the categories they correspond to here; the rest of each row as it was.

    Raises
    ------
    TheoryError
        ``LC342``: a category of the other scheme has no equivalent, or is not in the crosswalk, each with the first row
        that holds it: such series are not added to one another.
    """
    known = {item.code: item for item in definition.crosswalk if item.scheme == scheme}
    if not known:
        near = did_you_mean(scheme, {item.scheme for item in definition.crosswalk})
        said = f"the definition has no [[equivalent]] of '{scheme}'.{near}"
        raise TheoryError("LC342", said, "Add what each of its codes corresponds to.", where=definition.id)
    held, first = [dict(row) for row in rows], dict[str, int]()
    for number, row in enumerate(held, start=2):
        code = row.get(category, "").strip()
        item = known.get(code)
        if item is None or not item.to:
            first.setdefault(code, number)
        else:
            row[category] = item.to
    if first:
        raise TheoryError.gather(
            _unlike(known.get(code), scheme, f"{name}, row {number}")
            for code, number in list(first.items())[:MOST_NAMED]
        )
    return held


def _unlike(item: Correspondence | None, scheme: str, where: str) -> Fault:
    """Why a code cannot be translated. One that the definition does not name may be anything, and is not quoted."""
    if item is None:
        said = f"this code of '{scheme}' is not in the crosswalk"
        return Fault("LC342", where, said, "Add [[equivalent]], or say why there is none.")
    said = f"'{item.code}' of '{scheme}' has no equivalent: {item.why}"
    return Fault("LC342", where, said, "Keep the two series apart.")
