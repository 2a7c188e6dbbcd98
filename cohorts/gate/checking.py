"""What the gate says of some files and their subjects: refused, for a second person, or passed (pure)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from cohorts.gate.advice import MOST_NAMED, advice_for
from cohorts.gate.extents import TooManyCombinations, narrow_cells
from cohorts.gate.ledger import Bound, Clash
from cohorts.gate.outputs import Output, Table
from cohorts.gate.rules import breaches
from cohorts.gate.scan import Found
from workspace.errors import Fault
from workspace.settings import DisclosureProfile

NOTHING_OUT: Mapping[str, str] = {}
OF_COUNTS = ("threshold", "rounding", "percentages")


@dataclass(frozen=True, slots=True)
class Decision:
    """Why something may not leave, and what a second person must look at first; both empty: it passes by itself."""

    refused: tuple[Fault, ...] = ()
    looked_at: tuple[Fault, ...] = ()

    @property
    def word(self) -> str:
        """The decision in a word."""
        return "withheld" if self.refused else "second person" if self.looked_at else "pass"

    def __add__(self, other: Decision) -> Decision:
        """Both together, each fault once."""
        return Decision(
            tuple(dict.fromkeys((*self.refused, *other.refused))),
            tuple(dict.fromkeys((*self.looked_at, *other.looked_at))),
        )


def of_outputs(where: str, outputs: Sequence[Output], profile: DisclosureProfile) -> Decision:
    """Primary rules and the interval audit of every output by itself."""
    refused, looked_at = [], []
    for output in outputs:
        for breach in breaches(output, profile):
            said = f"{breach.output}: {breach.said}"
            if breach.refused:
                refused.append(Fault("LC903", where, said, _what_to_do(output, breach.rule, profile)))
            else:
                looked_at.append(_second(where, said))
        if isinstance(output, Table):
            refused += _told(where, output, profile)
    return Decision(tuple(refused), tuple(looked_at))


def _told(where: str, table: Table, profile: DisclosureProfile) -> list[Fault]:
    try:
        narrow = narrow_cells(table.cells, profile, sensitive=table.sensitive)
    except TooManyCombinations:
        return [Fault("LC904", where, f"{table.name}: too large to be audited", "Make smaller tables of it.")]
    if not narrow:
        return []
    told = ", ".join(f"'{table.cells[place].where.words()}'" for place in narrow[:MOST_NAMED])
    said = f"{table.name}: a withheld count could be worked out from the others ({told})"
    hint = advice_for(table, profile) or "Put categories together, or leave a total out."
    return [Fault("LC904", where, said, hint)]


def _what_to_do(output: Output, rule: str, profile: DisclosureProfile) -> str:
    """What would mend a breach, cell by cell where counts of a table are the trouble."""
    if isinstance(output, Table) and rule in OF_COUNTS and (said := advice_for(output, profile)):
        return said
    return "Put categories or periods together."


def of_files(found: Sequence[Found]) -> Decision:
    """What the scan of the bytes came to."""
    hint = "Take it out where it came from, and make the file again."
    refused = tuple(Fault("LC902", one.file, f"the file {one.said}", hint) for one in found if one.refused)
    looked_at = tuple(_second(one.file, f"the file {one.said}") for one in found if not one.refused)
    return Decision(refused, looked_at)


def of_ledger(
    found: Sequence[Clash], told: Sequence[Bound], threshold: int, out: Mapping[str, str] = NOTHING_OUT
) -> Decision:
    """What stands against it in the ledger of what is out. ``out``: under which release each subject is out."""
    refused = [_clash(clash, out.get(clash.earlier, ""), threshold) for clash in found]
    looked_at = []
    for bound in told:
        subjects, outputs = ", ".join(bound.subjects), ", ".join(bound.outputs)
        if bound.unsolved:
            looked_at.append(_second(subjects, f"{outputs}: too many combinations to be solved together"))
        else:
            said = f"{outputs}: a withheld count could be worked out from everything released together"
            said += f" ({', '.join(bound.told)})" if bound.told else ""
            hint = bound.advice or "Put categories together, or leave a total out."
            refused.append(Fault("LC904", subjects, said, hint))
    return Decision(tuple(refused), tuple(looked_at))


def _clash(clash: Clash, release: str, threshold: int) -> Fault:
    which = (
        "which would leave with it"
        if clash.together
        else f"which is out{f' as {release}' if release else ''}"
    )
    cell = f" ({clash.cell})" if clash.cell else ""
    said = f"{clash.output} differs from {clash.earlier}, {which}, by fewer than {threshold} people{cell}"
    return Fault("LC905", clash.subject, said, _after(clash, release, threshold))


def _after(clash: Clash, release: str, threshold: int) -> str:
    """What can be done about something that differs by a few people from what is out, or leaves with it."""
    if clash.together:
        return f"Release one of the two, and leave {clash.subject} or {clash.earlier} in reports/."
    under = f" under {release}" if release else ""
    said = f"Use {clash.earlier}, which stands; lifecourse release log names its files{under}."
    if clash.part:
        said += f" Or put '{clash.part}' together with another group, or leave it out, and make this again."
    wait = f"until it differs by {threshold} people or more, after a later delivery; then make it again"
    return f"{said} Or leave {clash.subject} in reports/ {wait}."


def unknown_subject(name: str) -> Decision:
    """A subject of people whose cells were never kept: nobody can say who stands behind its numbers."""
    said = "no record was kept of who stands behind its numbers; run it again, or have it looked at"
    return Decision(looked_at=(_second(name, said),))


def by_hand(name: str) -> Decision:
    """A file that the gate did not see being made."""
    return Decision(looked_at=(_second(name, "rules cannot tell what its numbers are of"),))


def _second(where: str, said: str) -> Fault:
    return Fault("LC906", where, said, "lifecourse release approve NAME --by PERSON")
