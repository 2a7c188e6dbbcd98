"""The manifest that lies beside what left: whose numbers, under which agreements and rules, who looked (pure)."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

from cohorts.gate.rules import CURVE_EVENTS, DOMINATED_BY_TWO, P_PERCENT, QUANTILE_SIDE, RESIDUAL_DF
from cohorts.gate.subjects import Subject
from workspace.settings import DisclosureProfile

FORMAT = "lifecourse-gate-2"
MANIFESTS = "manifests"


def sha256(data: bytes) -> str:
    """Fingerprint of a file."""
    return hashlib.sha256(data).hexdigest()


def manifest(
    release: Mapping[str, Any],
    subjects: Sequence[Subject],
    agreements: Sequence[tuple[str, str]],
    profile: DisclosureProfile,
    treatment: Mapping[str, Any],
) -> dict[str, Any]:
    """What a set of files is, and how it was checked. ``release`` says which, ``treatment`` what was changed in it.

    Counts of people are the released ones. What seals it is added by ``seals.py``.
    """
    return {
        "format": FORMAT,
        **release,
        "about": [
            {
                "name": s.name,
                "cohort": s.cohort or None,
                "flow": [{"step": step, "n": n} for step, n in s.flow],
            }
            for s in subjects
        ],
        "agreements": [{"id": name, "version": version} for name, version in agreements],
        "rules": {
            "threshold": profile.threshold,
            "rounding": profile.rounding,
            "residual_degrees_of_freedom": RESIDUAL_DF,
            "dominance_of_two": DOMINATED_BY_TWO,
            "p_per_cent": P_PERCENT,
            "people_either_side_of_a_quantile": QUANTILE_SIDE,
            "events_in_a_step_of_a_curve": CURVE_EVENTS,
            "audited": [
                "interval bounds by linear programming",
                "ledger of released cells",
                "bytes of every file",
            ],
        },
        **treatment,
    }
