"""Counts that may leave the store: small ones are withheld, the others rounded (pure rules).

Withholding alone leaks: totals give suppressed cells back. Rounding every count, totals included, together
with withholding is what was measured to hold, so both are always done.
"""

from __future__ import annotations

from workspace.settings import DisclosureProfile

WITHHELD = "withheld"


def is_small(count: int, profile: DisclosureProfile) -> bool:
    """Say whether this is a count of some people, but of too few."""
    return 0 < count < profile.threshold


def publish_count(count: int | None, profile: DisclosureProfile) -> int | None:
    """A count as it may be shown: rounded, or ``None`` when it is too small. Zero stays zero."""
    if count is None or is_small(count, profile):
        return None
    return profile.rounding * round(count / profile.rounding)


def shown_count(count: int | None, profile: DisclosureProfile) -> str:
    """A count in words for a table."""
    if count is None:
        return ""
    if is_small(count, profile):
        return f"fewer than {profile.threshold}"
    published = publish_count(count, profile)
    return f"{published:,}"


def share_is_safe(share: float, n: int, profile: DisclosureProfile) -> bool:
    """May a share of ``n`` people be shown? Not when it stands for a few people, or for all but a few."""
    count = round(share * n)
    return not is_small(count, profile) and not is_small(n - count, profile) and n >= profile.threshold


def publish_share(part: int, whole: int, profile: DisclosureProfile) -> float | None:
    """A share as it may be shown, worked out from the published counts: it says nothing they do not say.

    ``None`` where it stands for a few people or for all but a few. An exact share would undo the rounding.
    """
    if not whole or not share_is_safe(part / whole, whole, profile):
        return None
    shown, of = publish_count(part, profile), publish_count(whole, profile)
    return round(min(shown / of, 1.0), 2) if shown is not None and of else None
