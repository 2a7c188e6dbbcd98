"""Codes about row-level releases (LC960 to LC966)."""

from __future__ import annotations

CODES: dict[str, tuple[str, str, str]] = {
    "LC960": (
        "The agreements do not let these rows leave",
        "Row-level data leave only where every source that feeds them has an agreement in force with "
        'outputs = "rows" that names the safe setting they go to. A source without an agreement is never released.',
        "Agree with the partner, then correct the file in agreements/; or leave the source's variables out.",
    ),
    "LC961": (
        "The release was not confirmed",
        "What has left cannot be called back. So a release is asked for twice, and it is encrypted to its recipient "
        "unless somebody says with a code why it need not be.",
        "Give --yes, and --recipient-key age1… (or --plain-file with --reason).",
    ),
    "LC962": (
        "These rows cannot be made",
        "A variable or wave that is asked for is not there, or an option that makes values coarser does not fit the "
        "variable it names.",
        "lifecourse cohort show COHORT lists the variables, their kinds and waves.",
    ),
    "LC963": (
        "People would stand out in these rows",
        "More people than the limit allows are alone with what others may know of them: nobody else in the release "
        "shares their combination. Or there are fewer people in it than the disclosure threshold.",
        "Make the variables named coarser with --band or --coarsen, or leave them out. A higher limit is the partners' "
        "to agree: unique_limits in the agreement.",
    ),
    "LC964": (
        "The release cannot be written there",
        "Row-level data are written to a new file that ends in .csv or .parquet, outside the project and outside "
        "folders that are copied to a cloud service.",
        "Name a new file in a folder outside the project.",
    ),
    "LC965": (
        "There is no such release, or it is over",
        "The register holds no release of that id, it was destroyed already, or its pseudonyms cannot be made again "
        "because the key was changed since.",
        "lifecourse cohort releases lists them.",
    ),
    "LC966": (
        "A word is not one of those a release knows",
        "Reasons are codes, so that no free text about a person is kept.",
        "Use one of the words the message lists.",
    ),
}
