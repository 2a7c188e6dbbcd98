"""What follows from the registered versions of a plan: which one a text is, and what its runs can claim (pure)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from evaluation.amending.changes import changes
from evaluation.amending.model import SEEN, Deviation, Sort, Version
from evaluation.gates import LOCKED_BEFORE

LOCKED_AFTER = "locked after outcomes"
STATES = ("nothing collected", "collected, unseen", "baseline seen", SEEN)
KIND_WORDS = {
    "amendment": "amendment, before outcomes could be seen",
    "deviation": "deviation, after outcomes could be seen",
}


def kind_of(data_state: str, versions: Sequence[Version]) -> Sort:
    """An amendment as long as no outcome of any version could be seen; after that, and ever after, a deviation."""
    seen = data_state == SEEN or any(one.data_state == SEEN or one.kind == "deviation" for one in versions)
    return "deviation" if seen else "amendment"


def most_seen(states: Iterable[str]) -> str:
    """Of several states of the data the one in which most could be known."""
    return max(states, key=STATES.index)


def last_with(versions: Sequence[Version], sha256: str) -> Version | None:
    """The last registered version with this fingerprint."""
    return next((one for one in reversed(versions) if one.sha256 == sha256), None)


def state_of(versions: Sequence[Version], number: int) -> str:
    """What a run of a version may call itself. A deviation lowers it for good; nothing raises it again."""
    used = [one for one in versions if one.number <= number]
    after = any(one.data_state == SEEN or one.kind == "deviation" for one in used)
    return LOCKED_AFTER if after else LOCKED_BEFORE


def last_before_outcomes(versions: Sequence[Version]) -> Version | None:
    """The last version that was registered before outcomes could be seen, where there is one."""
    return next((v for v in reversed(versions) if state_of(versions, v.number) == LOCKED_BEFORE), None)


def changes_of(versions: Sequence[Version], number: int) -> tuple[str, ...]:
    """What a version changed in the one before it, in words."""
    new, old = (next(one for one in versions if one.number == n) for n in (number, number - 1))
    found = changes(old.canonical, new.canonical, seen=new.kind == "deviation")
    return tuple(change.text for change in found)


def deviations_of(versions: Sequence[Version], number: int) -> tuple[Deviation, ...]:
    """Every amendment and deviation of a plan, and whether a run of version ``number`` followed it."""
    return tuple(
        Deviation(
            one.number,
            one.kind,
            one.at,
            one.by,
            one.data_state,
            one.reason,
            changes_of(versions, one.number),
            one.number <= number,
        )
        for one in versions
        if one.number > 1
    )


def deviation_words(one: Deviation) -> str:
    """A version in a sentence."""
    followed = "" if one.followed else " This run did not follow it."
    return (
        f"Version {one.version}, registered {one.when} by {one.who}: {KIND_WORDS[one.kind]} (data then: "
        f"{one.data_state}). Reason: {one.reason.rstrip('.')}.{followed}"
    )


def standing_words(versions: Sequence[Version]) -> str:
    """How a plan stands, in a few words: not locked, locked, amended n times, and when that was."""
    if not versions:
        return "not locked"
    counts = [(sum(v.kind == kind for v in versions), kind) for kind in ("amendment", "deviation")]
    said = [f"{n} {kind}{'s' if n > 1 else ''}" for n, kind in counts if n]
    late = " after outcomes could be seen" if versions[0].data_state == SEEN else ""
    return f"locked{late}{'; ' if said else ''}{', '.join(said)}"
