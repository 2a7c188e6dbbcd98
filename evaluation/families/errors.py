"""Codes of families of outcomes and of results held side by side (LC520 to LC524)."""

from __future__ import annotations

from workspace.errors import declare

declare(
    {
        "LC520": (
            "Nothing can be allocated anew",
            "Romano and Wolf's p-values come from allocating the treatment again as it was allocated: people, or whole "
            "clusters, by chance. Where nothing was allocated by chance, or an outcome is no single number a person, "
            "this version has no right way to draw again.",
            'Use multiplicity = "holm", which holds for every design; remove secondaries.',
        ),
        "LC521": (
            "A domain for a primary outcome",
            "Domains part the outcomes beside the primary one into families, each adjusted for its own number. Primary "
            "outcomes are a family by themselves.",
            "Remove domain, or make the outcome secondary.",
        ),
        "LC522": (
            "Results that cannot be held side by side",
            "Two results are compared on an outcome that both have, told on the same scale and with the same better "
            "way.",
            "Name the outcome with --outcome, or choose another result.",
        ),
    }
)
