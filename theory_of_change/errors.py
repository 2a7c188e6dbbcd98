"""Errors of the ground floor: theory.toml (LC2xx) and measures (LC3xx)."""

from __future__ import annotations

from theory_of_change.codes.theory import THEORY
from workspace.errors import LifecourseError, declare
from workspace.toml_source import KeyCodes


class TheoryError(LifecourseError):
    """A problem in theory.toml or in a measure."""

    exit_code = 10


THEORY_KEYS = KeyCodes(unknown="LC201", missing="LC202", wrong="LC203")
MEASURE_KEYS = KeyCodes(unknown="LC301", missing="LC302", wrong="LC303")

declare(THEORY)
declare(
    {
        "LC201": (
            "An unknown key in the theory",
            (
                "theory.toml holds a key the program does not know. Unknown keys are refused because a "
                "misspelt one would otherwise be ignored in silence."
            ),
            "Correct the spelling or remove the line.",
        ),
        "LC202": (
            "A key is missing in the theory",
            "A table of theory.toml lacks a key it must have.",
            "Add the key. A fresh theory made with lifecourse theory new shows the usual ones.",
        ),
        "LC203": (
            "The wrong kind of value in the theory",
            "A key of theory.toml holds a value of the wrong type, or one that is not on the list.",
            "Give a value of the kind the message names.",
        ),
        "LC204": (
            "An activity without a tier",
            (
                "Every activity says whom it reaches: everyone (primary), people at risk (secondary), or "
                "people already involved in violence (tertiary). Without it the balance of the work cannot "
                "be shown."
            ),
            'Add tier = "primary", "secondary" or "tertiary" to the box.',
        ),
        "LC205": (
            "The same id twice",
            "Two boxes or two measures carry one id, so a link or a plan could mean either.",
            "Give one of them a new id. Ids are never reused.",
        ),
        "LC206": (
            "An id of the wrong form",
            (
                "The id of a box is one to four letters and a number, such as A4 or O12. The id of a measure "
                "is letters, digits and hyphens."
            ),
            "Write the id in that form.",
        ),
        "LC207": (
            "There is a theory already",
            "lifecourse theory new never writes over a theory.toml that exists.",
            "Edit the file that is there, or move it away first.",
        ),
        "LC208": (
            "There is no theory yet",
            "The project has no theory.toml.",
            "lifecourse theory new writes one to start from.",
        ),
        "LC209": (
            "Nothing in the theory has that id",
            "The id names no box, link or measure of this theory.",
            "lifecourse theory show lists the boxes and links; lifecourse measure list lists the measures.",
        ),
        "LC210": (
            "A link to a box that is not there",
            "A link starts from or points to an id that no box carries.",
            "Correct the id, or add the box.",
        ),
        "LC211": (
            "A link without a because",
            (
                "A link claims that one thing leads to another. It must say why anyone should expect so; "
                "otherwise a test of it cannot explain anything."
            ),
            'Add because = "..." to the link.',
        ),
        "LC212": (
            "A link that runs backwards or in a circle",
            (
                "The theory runs from activities through outputs and outcomes to impact. A link that goes "
                "back a stage, or closes a circle, is only allowed when it is meant."
            ),
            "Turn the link round, or say feedback = true.",
        ),
        "LC213": (
            "A link inside the last stage without a lag",
            (
                "Both boxes stand in the last stage of the theory. Without a lag nobody can say which should "
                "move first, so the link cannot be tested."
            ),
            "Add lag_months = ... to the link.",
        ),
        "LC214": (
            "The same link twice",
            "Two links join the same two boxes in the same direction.",
            "Join them into one link.",
        ),
        "LC215": (
            "A link from a box to itself",
            "A box cannot be the reason for itself.",
            "Correct 'from' or 'to'.",
        ),
        "LC216": (
            "A box names a measure that is not there",
            "The measure is neither in theory.toml nor in the built-in catalogue.",
            "Correct the id (lifecourse measure list), or add a [[measure]].",
        ),
        "LC220": (
            "A link without test or evidence",
            "Nothing supports this step of the theory yet, and nothing is planned that would.",
            'Name a plan (test = "...") or outside evidence (evidence = ["..."]) once there is one.',
        ),
        "LC221": (
            "An outcome without a measure",
            "Nobody could tell whether this outcome or impact came about.",
            'Add measures = ["..."] to the box. lifecourse measure list shows what there is.',
        ),
        "LC222": (
            "A link without a thought for harm",
            "Well-meant work can do harm. A link that names how is a link whose harm will be looked for.",
            'Add could_harm = "..." to the link, in one sentence.',
        ),
        "LC223": (
            "A box with no way in or out",
            "A box that nothing leads to, or that leads nowhere, has no part in the theory.",
            "Add the missing link, or take the box out.",
        ),
        "LC224": (
            "A review is overdue",
            "The day on which the team meant to look at this again has passed.",
            "Review it, then set the next review_by.",
        ),
        "LC225": (
            "A lag shorter than the measure's follow-up",
            "The link expects its effect sooner than its measure is able to show it.",
            "Lengthen lag_months, or choose a measure with a shorter follow-up.",
        ),
        "LC301": (
            "An unknown key in a measure",
            "A measure holds a key the program does not know.",
            "Correct the spelling or remove the line.",
        ),
        "LC302": (
            "A key is missing in a measure",
            (
                "A measure of your own needs an id, a name, a kind and the better direction. A measure with "
                "based_on takes what it does not say from the catalogue."
            ),
            "Add the key, or use based_on.",
        ),
        "LC303": (
            "The wrong kind of value in a measure",
            "A key of a measure holds a value of the wrong type, or one that is not on the list.",
            "Give a value of the kind the message names.",
        ),
        "LC330": (
            "An unknown catalogue measure",
            "based_on names a measure that the built-in catalogue does not hold.",
            "lifecourse measure list shows the catalogue.",
        ),
        "LC331": (
            "A range upside down",
            "The lowest possible value of the measure is not below the highest.",
            "Correct minimum or maximum.",
        ),
        "LC332": (
            "A minimum important difference without a source",
            (
                "The smallest difference that matters decides every verdict, so it must say where it comes "
                "from: a guide, a funder's threshold, a break-even sum, or the people concerned."
            ),
            'Add mid_source = "...".',
        ),
        "LC333": (
            "A minimum important difference that cannot be used",
            (
                "It is written without a sign and lies above 0. On a ratio scale 1 means no difference, so "
                "it cannot be 1 either."
            ),
            "Give a number above 0, or on a ratio scale a ratio such as 0.85.",
        ),
        "LC334": (
            "The effect scale does not suit the measure",
            (
                "Each kind of measure has its scales: a difference for scores, a risk difference for yes or "
                "no, a rate ratio or difference for counts, a hazard ratio for time to an event."
            ),
            "Correct mid_effect or kind.",
        ),
        "LC335": (
            "A minimum important difference wider than the measure",
            "No difference that large is possible between two values of the measure's range.",
            "Check the unit: a share runs from 0 to 1, a percentage from 0 to 100.",
        ),
        "LC336": (
            "Scoring or bands that do not fit the measure",
            "Bands must follow one another without gap or overlap, and items must be numbered from 1.",
            "Correct the bands or the item numbers.",
        ),
        "LC337": (
            "Answers that cannot be scored",
            "A column for an item is missing, or an answer is not one of the numbers the instrument allows.",
            "Name the columns with --items, and leave what was not answered blank.",
        ),
        "LC338": (
            "Offences that cannot be weighed",
            "A code has no weight, a weight or a count is no number, or a table lacks its columns.",
            "Complete the sheet of weights; nothing is taken as 0 unless it says so.",
        ),
        "LC340": (
            "A definition that does not hold together",
            "A file of definitions/ is not there, lists a category twice, or an equivalent that is no category.",
            "Correct the definition. Each category is in one branch, or outside.",
        ),
        "LC341": (
            "Offences that the definition does not know",
            "A row holds a category or a mark that the definition does not speak of. Nothing is silently outside.",
            "Put the category into a branch, or into outside = […].",
        ),
        "LC342": (
            "Two schemes that do not correspond",
            "A category of another scheme has no equivalent here, so the two series are not added up.",
            "Keep the series apart, or add [[equivalent]] with what it corresponds to.",
        ),
        "LC350": (
            "A project, action or voice that was not understood",
            "A word is not on its list, a day is none, or a text is empty.",
            "Correct it; days are written 2026-03-31.",
        ),
        "LC351": (
            "No such project, action or voice",
            "Nothing has this id. Ids are never used again, so a typing error never hits another one.",
            "lifecourse project list, action list or voice list.",
        ),
        "LC352": (
            "A gate that is not met",
            "Money is awarded once a sustainability model, terms of reference and the reviews are in; a project closes "
            "with a line on what to change.",
            "lifecourse project show names what is missing.",
        ),
    }
)
