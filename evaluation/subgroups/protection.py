"""What of subgroup analyses may leave: a small group is withheld, and never by itself alone (pure).

Everybody less the groups that are shown are those in groups that are not, and those whose group is not known. Where one
group is withheld another goes with it, the one with the fewest people, and so do the tests over all groups; and as long
as all that are left are a few people, in both arms or in one, the next smallest goes too.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from cohorts.disclosure import is_small
from evaluation.model import Estimate, Heterogeneity, Kind, Subgroup
from evaluation.protection import may_show, released_estimate
from workspace.settings import DisclosureProfile

TWO_ARMS = 2  # times the threshold: below it, of people whose arm is not known here, one arm may have too few
WITHHELD_GROUP = "withheld: too few people to show, here or in a group beside it"


@dataclass(frozen=True, slots=True)
class ShownGroup:
    """One group as it may be read; ``estimate`` is ``None`` where it is withheld."""

    level: str
    estimate: Estimate | None
    note: str


@dataclass(frozen=True, slots=True)
class ShownSubgroup:
    """A subgroup analysis as it may be read, with the groups as they may be shown."""

    facts: Subgroup
    groups: tuple[ShownGroup, ...]

    @property
    def whole(self) -> bool:
        """Say whether nothing of it is withheld."""
        return all(group.estimate is not None for group in self.groups)


def shown_subgroup(kind: Kind, subgroup: Subgroup, profile: DisclosureProfile | None) -> ShownSubgroup:
    """The analysis with small groups withheld, and whatever would give them back; whole without a profile."""
    hidden = _hidden(kind, subgroup, profile) if profile else set()
    groups = tuple(
        ShownGroup(group.level, None, WITHHELD_GROUP)
        if i in hidden
        else ShownGroup(
            group.level,
            released_estimate(kind, group.estimate, profile) if profile else group.estimate,
            group.note,
        )
        for i, group in enumerate(subgroup.groups)
    )
    if not hidden:
        return ShownSubgroup(subgroup, groups)
    gone = {subgroup.groups[i].level for i in hidden}
    kept = tuple(one for one in subgroup.differences if not {one.level, one.against} & gone)
    return ShownSubgroup(replace(subgroup, differences=kept, p_value=None, p_value_adjusted=None), groups)


def _hidden(kind: Kind, subgroup: Subgroup, profile: DisclosureProfile) -> set[int]:
    sizes = [group.estimate.n for group in subgroup.groups]
    hidden = {
        i
        for i, group in enumerate(subgroup.groups)
        if not may_show(kind, group.estimate, profile)
        or is_small(group.estimate.n_treated, profile)
        or is_small(group.estimate.n_comparison, profile)
    }
    alone = len(hidden) == 1
    while len(hidden) < len(sizes) and (alone or _leaves_few(subgroup, hidden, profile)):
        alone = False
        rest = [i for i in range(len(sizes)) if i not in hidden]
        hidden.add(min(rest, key=lambda i: (sizes[i], i)))
    return hidden


def _leaves_few(subgroup: Subgroup, hidden: set[int], profile: DisclosureProfile) -> bool:
    """Say whether everybody less the groups that are shown are a few people, in an arm.

    Of those whose group is not known the arm is not known here either: below twice the threshold one may be small.
    """
    if not hidden:
        return 0 < subgroup.left_out < TWO_ARMS * profile.threshold
    treated = sum(subgroup.groups[i].estimate.n_treated for i in hidden)
    comparison = sum(subgroup.groups[i].estimate.n_comparison for i in hidden)
    return is_small(treated, profile) or is_small(comparison, profile)


def shown_heterogeneity(
    found: Heterogeneity | None, profile: DisclosureProfile | None
) -> Heterogeneity | None:
    """The exploration without thirds that hold a few people."""
    if found is None or profile is None or not any(is_small(third.n, profile) for third in found.thirds):
        return found
    return replace(found, thirds=())
