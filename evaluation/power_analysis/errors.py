"""Codes of power analyses (LC510 to LC519)."""

from __future__ import annotations

from workspace.errors import declare

declare(
    {
        "LC510": (
            "A planned size or assumption the method has no use for",
            "Each method's power hangs on its own sizes and assumptions. One that says nothing of it would be read as "
            "if it did.",
            "Remove the key from [power]; the reference of plan keys says which go with which method.",
        ),
        "LC511": (
            "A size that cannot be read",
            "Sizes are whole numbers above 0: one, or several with commas between them.",
            "Write them like --treated 100,200,400 --comparison 200 --clusters 10,12 --periods 24,12.",
        ),
        "LC512": (
            "Nothing is followed up yet that could be projected",
            "A projection needs people in a cohort: of areas, and of a plan without a cohort, it has none.",
            "lifecourse plan power PLAN says what the planned sizes could show.",
        ),
        "LC513": (
            "The arms cannot be told apart yet",
            "A projection counts people by arm, from a binary treatment variable that is loaded and not sealed.",
            "Load the treatment variable; or ask lifecourse plan power PLAN for the planned sizes.",
        ),
    }
)
