"""Adjusted p-values by hand."""

from __future__ import annotations

import pytest

from evaluation.multiplicity import adjusted


def test_holm_multiplies_the_smallest_most() -> None:
    assert adjusted([0.01, 0.04, 0.03], "holm") == pytest.approx([0.03, 0.06, 0.06])


def test_benjamini_hochberg_by_hand() -> None:
    assert adjusted([0.01, 0.04, 0.03, 0.9], "fdr_bh") == pytest.approx([0.04, 0.16 / 3, 0.16 / 3, 0.9])


def test_a_missing_p_value_stays_missing_and_is_not_counted() -> None:
    found = adjusted([None, 0.02, None, 0.04], "holm")
    assert found[0] is None
    assert found[2] is None
    assert found[1::2] == pytest.approx([0.04, 0.04])


def test_one_p_value_stays_as_it_is_and_none_gives_none() -> None:
    assert adjusted([0.2], "holm") == pytest.approx([0.2])
    assert adjusted([], "holm") == []
    assert adjusted([None], "fdr_bh") == [None]


def test_no_adjusted_p_value_is_above_one() -> None:
    assert adjusted([0.8, 0.9, 0.95], "holm") == pytest.approx([1.0, 1.0, 1.0])
