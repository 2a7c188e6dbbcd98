"""Errors of the plan's section on delivery, of its columns, and of a choice on a threshold (LC525 to LC534)."""

from __future__ import annotations

from workspace.errors import declare

declare(
    {
        "LC525": (
            "A [delivery] section that names nothing",
            "The section says by which columns delivery shows: dose, fidelity, similar_help or right_people.",
            "Name at least one column, or remove the section.",
        ),
        "LC526": (
            "Keys of [delivery] that do not go together",
            "A limit needs the column it is held against: planned, enough and reach go with dose, reach also needs "
            "enough, and a dose that is enough is no more than the planned one.",
            "Name the column, or remove the limit.",
        ),
        "LC527": (
            "A delivery column that is something else too",
            "What was delivered is known only after the start. As an outcome it would be judged by itself, as the "
            "treatment it would say nothing new, and as a covariate it would take away part of the effect.",
            "Name another column, or take it out of the design.",
        ),
        "LC528": (
            "Delivery, or a choice on a threshold, with a method that has no row a person",
            "Both are looked at person by person. Methods of panels, and rows that are a person at one time, have no "
            "such row.",
            "Remove it. before-after has keys of its own: chosen_by, threshold, retest, population_mean.",
        ),
        "LC529": (
            "A dose, a fidelity score or similar help that is no number from 0",
            "Doses and scores are numbers from 0; help of another kind is 0, 1 or a dose. Blank means not known.",
            "Correct the data; write 0 for who got nothing, and leave blank what is not known.",
        ),
        "LC530": (
            "Whom it was meant for is not 0 or 1",
            "right_people is 1 for those the programme was meant for and 0 for the others. Blank means not known.",
            "Recode it.",
        ),
        "LC531": (
            "A choice on a threshold that is not whole",
            "selected_on names what people were chosen on, and one of selected_above and selected_below the value "
            "from which they were.",
            "Give selected_on and one of the two; selected_above is at or above, selected_below at or below.",
        ),
        "LC532": (
            "A choice on what no outcome is measured by",
            "The expected return to the mean is held against the change of an outcome whose baseline people were "
            "chosen on.",
            "Name the outcome's baseline as selected_on, or selected_on as the outcome's baseline.",
        ),
        "LC533": (
            "No figures of everybody, for those chosen on a threshold",
            "How far people come back depends on how far out they were chosen: the mean and the SD of everybody.",
            "Give norm_mean and norm_sd, or choose on a measure whose norm stands in the catalogue.",
        ),
    }
)
