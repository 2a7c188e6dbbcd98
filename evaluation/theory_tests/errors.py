"""Errors of testing a theory (LC240 to LC259)."""

from __future__ import annotations

from workspace.errors import declare

declare(
    {
        "LC240": (
            "A link that the theory does not have",
            "theory test was asked for one link, and the theory has none of that id.",
            "lifecourse theory show lists the links; an id is written A1>O1.",
        ),
        "LC241": (
            "No box of that priority",
            (
                "Findings belong to the priorities of the boxes their plans are about, and no box of the theory "
                "carries this one, under its name of today or a former one."
            ),
            "lifecourse theory balance lists the priorities.",
        ),
        "LC242": (
            "No such template of a plan",
            "plan new --template writes one of the ready plans that come with the program; this is none of them.",
            "The message lists the names; without --template a plan is written for its method.",
        ),
    }
)
