"""No small count ever gets out."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from cohorts.disclosure import is_small, publish_count, publish_share, share_is_safe, shown_count
from workspace.settings import DisclosureProfile

PROFILES = st.builds(DisclosureProfile, st.integers(5, 30), st.integers(1, 10))


@given(st.integers(0, 5000), PROFILES)
def test_a_count_is_withheld_or_rounded(count: int, profile: DisclosureProfile) -> None:
    published = publish_count(count, profile)
    if 0 < count < profile.threshold:
        assert published is None
        assert str(count) not in re.findall(
            r"\d+", shown_count(count, profile).replace(f"than {profile.threshold}", "")
        )
    else:
        assert published is not None
        assert published % profile.rounding == 0
        assert abs(published - count) <= profile.rounding / 2


def test_zero_is_zero_and_nothing_is_nothing() -> None:
    profile = DisclosureProfile()
    assert publish_count(0, profile) == 0
    assert publish_count(None, profile) is None
    assert shown_count(None, profile) == ""
    assert shown_count(9, profile) == "fewer than 10"
    assert shown_count(1234, profile) == "1,235"


@given(st.integers(0, 400), st.integers(1, 400))
def test_a_share_is_shown_only_when_neither_side_is_a_few_people(count: int, n: int) -> None:
    profile = DisclosureProfile()
    count = min(count, n)
    safe = share_is_safe(count / n, n, profile)
    few = is_small(count, profile) or is_small(n - count, profile) or n < profile.threshold
    assert safe is not few


@given(st.integers(0, 400), st.integers(0, 400), PROFILES)
def test_a_published_share_is_that_of_the_published_counts(
    part: int, whole: int, profile: DisclosureProfile
) -> None:
    part = min(part, whole)
    share = publish_share(part, whole, profile)
    if share is not None:
        shown, of = publish_count(part, profile), publish_count(whole, profile)
        assert shown is not None
        assert of
        assert share == round(min(shown / of, 1.0), 2)
        assert share_is_safe(part / whole, whole, profile)
    assert publish_share(part, 0, profile) is None
