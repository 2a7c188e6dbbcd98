"""How a linkage looks: as plain data and in a terminal. Published counts, patterns in words, no value and no id."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from cohorts.disclosure import publish_count, publish_share, shown_count
from cohorts.linking.actions import LinkDone
from cohorts.linking.agreement_pattern import PATTERN
from cohorts.linking.calibration import ENOUGH_PAIRS, Share
from cohorts.linking.decisions import Decided
from cohorts.linking.quality import error_share
from cohorts.linking.reviews import Review
from cohorts.views import published
from workspace.console import say, table
from workspace.settings import DisclosureProfile

NONE = "–"


def run_payload(done: LinkDone, *, dry_run: bool) -> dict[str, Any]:
    """A run as plain data."""
    found, profile = done.calibration, done.profile
    return {
        "run": done.run_id or None,
        "written": not dry_run and not done.repeated,
        "already_run": done.repeated,
        "participants": publish_count(done.people, profile),
        "linked": publish_count(done.linked, profile),
        "newly_linked": publish_count(done.fresh, profile),
        "match_rate": publish_share(done.linked, done.people, profile),
        "not_in_cohort": publish_count(done.not_enrolled, profile),
        "rows_left_out": publish_count(done.left_out, profile),
        "questions": done.questions,
        "threshold": found.threshold,
        "calibration": found.state,
        "wanted_precision": found.wanted,
        "precision": _share(found.precision, profile),
        "recall": _share(found.recall, profile),
    }


def _share(share: Share, profile: DisclosureProfile) -> dict[str, Any]:
    value, interval = error_share(share, profile), share.interval
    shown = value is not None and interval is not None
    return {
        "value": value,
        "conf_low": round(interval[0], 3) if shown and interval else None,
        "conf_high": round(interval[1], 3) if shown and interval else None,
        "n": publish_count(share.of, profile),
    }


def ran(done: LinkDone, payload: Mapping[str, Any]) -> None:
    """What a run did, and how good it is by its own reckoning."""
    profile = done.profile
    if done.repeated:
        say(f"{done.run_id}: the same files were linked before; nothing was changed.")
    else:
        say(f"{done.run_id or 'Dry run: nothing was written.'}")
    say(f"  participants  {shown_count(done.people, profile)}")
    say(
        f"  linked        {shown_count(done.linked, profile)}, of them newly {shown_count(done.fresh, profile)}"
    )
    if done.not_enrolled:
        say(
            f"  not in cohort {shown_count(done.not_enrolled, profile)} of the first file; nothing was kept of them"
        )
    if done.left_out:
        say(f"  left out      {shown_count(done.left_out, profile)} rows without a usable identifier")
    say(f"  threshold     {done.calibration.threshold:g} bits: {_state(done)}")
    for name in ("precision", "recall"):
        say(f"  {name:<13} {_estimate(payload[name])}")
    if done.questions:
        say(f"{done.questions} pairs wait for a person: lifecourse link review --cohort COHORT")


def _state(done: LinkDone) -> str:
    found = done.calibration
    if found.calibrated:
        return f"the lowest at which the run's own precision reaches {found.wanted:g}"
    if found.state == "not calibrated":
        return (
            f"not calibrated, the cautious one; fewer than {ENOUGH_PAIRS} pairs have a national identifier on both "
            "sides"
        )
    return f"the strictest one; a precision of {found.wanted:g} was not reached"


def _estimate(share: Mapping[str, Any]) -> str:
    if share["value"] is None:
        return "cannot be estimated: too few pairs with identifiers"
    return (
        f"{share['value']:.3f} [{share['conf_low']:.3f}, {share['conf_high']:.3f}], from {share['n']:,} pairs"
    )


def reviews_payload(found: Sequence[Review]) -> dict[str, Any]:
    """Questions as plain data."""
    return {
        "pairs": [
            {
                "pair": one.review_id, "source": one.source, "kind": one.kind, "agreement": dict(one.pattern),
                "weight": one.weight_band, "why": one.why, "decision": one.decision or None,
            }
            for one in found
        ]
    }  # fmt: skip


def reviews(found: Sequence[Review]) -> None:
    """How the records of each pair agree. What stands in them is nowhere kept."""
    if not found:
        say("No pair waits for a decision.")
        return
    rows = [
        [
            one.review_id, one.source, one.kind, *(one.pattern.get(field, NONE) for field in PATTERN),
            one.weight_band or NONE, one.why, one.decision or NONE,
        ]
        for one in found
    ]  # fmt: skip
    heads = [
        "Pair",
        "Source",
        "Kind",
        "Forename",
        "Surname",
        "Birth",
        "Postcode",
        "Sex",
        "Weight",
        "Why",
        "Decided",
    ]
    table(heads, rows)
    say("possible: one person? standing: is this link right? merge: are two participants one?")
    say("lifecourse link review --cohort COHORT --pair NUMBER --same|--different --reason CODE")


def decided_payload(done: Decided) -> dict[str, Any]:
    """A decision as plain data."""
    return {
        "pair": done.review_id,
        "decision": done.decision,
        "effect": done.effect,
        "affected_results": [
            {"result": one.result_id, "about": one.about, "made": one.made} for one in done.affected
        ],
    }


def decided(done: Decided) -> None:
    """What was decided, what followed, and which results rest on how it was before."""
    effects = {
        "noted": "it counts from the next link run on",
        "split": "the link was taken apart, and the values that came by it removed",
        "merge": "the two participants were made one",
    }
    say(f"{done.review_id}: {done.decision}; {effects[done.effect]}.")
    if done.affected:
        say("Results made before this change; run them again:")
        for one in done.affected:
            say(f"  {one.result_id}  {one.about}  {one.made}")


def history(events: Sequence[tuple[str, str, str, str, str, str]]) -> None:
    """What people decided, oldest first."""
    rows = [
        [at, who, kind, review, reason, affected or NONE]
        for at, who, kind, review, reason, affected in events
    ]
    table(["When", "Who", "What", "Pair", "Reason", "Results before it"], rows)


def quality(payload: Mapping[str, Any], profile: DisclosureProfile) -> None:
    """Match rate and errors by source and subgroup."""
    rows = [
        [
            one["source"], one["by"] or NONE, one["group"], published(one, "enrolled", profile),
            published(one, "linked", profile), _rate(one["match_rate"], 2), _rate(one["precision"], 3),
            _rate(one["recall"], 3), _count(one["recall_n"], profile),
        ]
        for one in payload["groups"]
    ]  # fmt: skip
    heads = ["Source", "By", "Group", "Enrolled", "Linked", "Match rate", "Precision", "Recall", "Checked on"]
    table(heads, rows)
    say("Precision and recall are those of names and birth dates alone, where ids on both sides can say.")
    for one in payload["differing"]:
        say(
            f"Differs by {one['by']} ({one['source']}): an effect between these groups may be an effect of linkage."
        )


def _count(value: int | None, profile: DisclosureProfile) -> str:
    return f"fewer than {profile.threshold}" if value is None else f"{value:,}"


def _rate(value: float | None, places: int) -> str:
    return NONE if value is None else f"{value:.{places}f}"
