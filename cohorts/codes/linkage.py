"""Codes about linkage."""

from __future__ import annotations

CODES: dict[str, tuple[str, str, str]] = {
    "LC879": (
        "The engine cannot be used so",
        "Pairs are weighed on DuckDB, in memory, or on Spark, which may use the disk. Match keys alone need neither.",
        "lifecourse link run … --engine duckdb, which is the default, or --engine spark",
    ),
    "LC880": (
        "Splink or its engine is not installed",
        "People whom no match key settles are weighed with Splink, on DuckDB or, where it was asked for, on Spark, "
        "which needs Java 17 or newer. They are installed only when asked for.",
        "pip install 'lifecourse[linkage]', or for Spark 'lifecourse[spark]' and Java; or link by match keys alone: "
        "--match-keys-only",
    ),
    "LC881": (
        "The linkage engine could not finish",
        "Splink or its engine stopped, usually for want of memory. DuckDB works in memory only and never on the disk; "
        "Spark may use the disk, encrypted. What they said is not shown, because it may quote data.",
        "Free some memory, link on Spark (--engine spark), or link by match keys alone: --match-keys-only",
    ),
    "LC882": (
        "These two sources cannot be linked",
        "A linkage joins people of a source that enrols, who are in the store already, to people of another source "
        "of the same cohort.",
        "Name the enrolling source first: lifecourse link run --cohort COHORT PEOPLE=FILE OTHER=FILE",
    ),
    "LC883": (
        "The source says nothing to compare people by",
        "Names, birth dates and postcodes are compared only where the mapping says which columns hold them.",
        'Add [[matching]] tables to the source file: column = "…", kind = "forename", "surname", "date-of-birth", '
        '"postcode" or "sex".',
    ),
    "LC884": (
        "Nobody of the first file is in the cohort",
        "The people of the enrolling source are found in the store by their identifiers. None of this file is there.",
        "Load the file first: lifecourse source load SOURCE FILE",
    ),
    "LC885": (
        "These two may not be joined",
        "The do-not-link register forbids it: for instance a child who was adopted, or is at risk, and was given a "
        "new number. Or one of them withdrew from linkage. Both are honoured before anything is compared.",
        "Take the row out of the file. If the entry itself is wrong, talk to whoever looks after the register.",
    ),
    "LC886": (
        "There is no such pair to review",
        "Pairs are called by their review numbers; each is decided once for all.",
        "lifecourse link review",
    ),
    "LC887": (
        "A decision needs its reason",
        "Who is who is decided by people, with a reason that others can follow. Reasons are codes, so that no name "
        "can slip in.",
        "lifecourse link review --pair REV-001 --same --reason CODE; the codes are in the help.",
    ),
    "LC888": (
        "These two participants cannot be made one",
        "Both hold an identifier of the same kind and the two differ, they were enrolled with different dates, or what "
        "is held of their lives contradicts itself.",
        "Ask the partner which identifier or date is right; then load the correction.",
    ),
    "LC889": (
        "The pair of identifiers cannot be read",
        "The register takes two identifiers of named kinds. They are asked for, or read from standard input, one "
        "pair a line with a comma between; never from the command line, where others can see them.",
        "lifecourse link forbid --kind upn --other-kind upn --reason adoption",
    ),
}
