"""Codes about synthetic twins and attacks."""

from __future__ import annotations

CODES: dict[str, tuple[str, str, str]] = {
    "LC819": (
        "Too few people for a synthetic twin",
        "The cohort has fewer people than the disclosure threshold, so nothing about them may be summarised, or "
        "fewer made-up people were asked for than a plan can be tried on.",
        "Make one from the dictionary alone: add --dictionary-only. Or wait until more people are enrolled.",
    ),
    "LC856": (
        "This effect cannot be planted",
        "A planted effect needs a number or a binary variable, a size that the variable's range has room for, and a "
        "binary arm that comes no later than it.",
        "Write --effect VARIABLE=SIZE --arm VARIABLE; lifecourse cohort show COHORT lists the variables.",
    ),
    "LC857": (
        "The synthetic file cannot be written there",
        "The ending does not fit the format, or a file of that name is there already: a twin never takes the place "
        "of another file.",
        "Name a new file that ends in .csv or .parquet.",
    ),
    "LC950": (
        "An attack without authority",
        "Trying to re-identify people from pseudonymised data is an offence under section 171 of the Data Protection "
        "Act 2018, unless the controller agreed or the conditions of section 172 are met. Who allowed it goes into "
        "the audit log before anything is tried.",
        'Add --authority "NAME, role, date of the decision". No name of a participant belongs in it.',
    ),
    "LC951": (
        "The report of the attack cannot be written there",
        "The report is a Markdown, HTML or JSON file that is not there yet.",
        "Name a new file that ends in .md, .html or .json.",
    ),
}
