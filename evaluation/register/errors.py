"""Codes of the register (LC540 to LC545)."""

from __future__ import annotations

from workspace.errors import declare

declare(
    {
        "LC540": (
            "Not in the register",
            "The register holds plans that were locked and evaluations that were run. The name is neither.",
            "lifecourse finding list shows all of it.",
        ),
        "LC541": (
            "The plan cannot be stopped",
            "Only a locked plan without a finding can be stopped, and only once. A draft is no planned evaluation yet; "
            "a finding is there for good.",
            "lifecourse finding show PLAN says how it stands. A finding can be disputed, not stopped.",
        ),
        "LC542": (
            "A note without words",
            "What is added to the register stays there: it needs a reason, a name or a place that people can read "
            "in years to come.",
            "Say it in words.",
        ),
        "LC543": (
            "There is no such open dispute",
            "A dispute is answered once. The number is of no dispute, or of one that was answered already.",
            "lifecourse finding show EVAL numbers the disputes.",
        ),
        "LC544": (
            "A day that is still to come",
            "A finding was published on a day that is over or is today.",
            "Write the day like 2026-03-31, or leave it out for today.",
        ),
    }
)
