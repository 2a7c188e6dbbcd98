"""Errors of edited sentences (LC715 to LC722). Exit code 1: the checks found problems."""

from __future__ import annotations

from workspace.errors import LifecourseError, declare


class EditRefused(LifecourseError):  # noqa: N818 - the sentence is refused, the program is well
    """Edited sentences that may not stand in a report."""

    exit_code = 1


declare(
    {
        "LC715": (
            "A file of edits that cannot be used",
            "reports/edits/EVAL-001.toml holds each sentence of page one once. Sentences are worded anew, never "
            "dropped: what is left out changes a result as much as what is added.",
            "Correct the line. To begin again, remove the file and run: lifecourse report edit EVAL-001",
        ),
        "LC716": (
            "A sentence the result does not bear",
            "An edited sentence is held against the result by the same rules as any text that goes out: no effect "
            "without a result that shows it, no cause without a design for it, no number that is not the result's.",
            "Write what the message says in its place, or put the program's own sentence back.",
        ),
        "LC717": (
            "The first sentence is about another outcome",
            "The outcome named before the data were seen leads. Of ten outcomes that nothing changes, four in ten "
            "times at least one looks better by chance.",
            "Begin with the main outcome, by its name.",
        ),
        "LC718": (
            "A success or a failure that is none",
            "An open result is neither; a difference too small to matter is no success; a benefit is no failure.",
            "Say what is known and what is not, with the range.",
        ),
        "LC719": (
            "A figure that does not stand in the report, or a range that was taken out",
            "An edited sentence may hold figures of page one and of the table of outcomes only, and keeps both ends of "
            "a range. What is withheld there has no figure at all.",
            "Copy the figures from the program's own sentence.",
        ),
        "LC720": (
            "Edits of another result",
            "The sentences the edits were made from are no longer those of the result.",
            "Remove the file, run lifecourse report edit again, and word the new sentences.",
        ),
        "LC721": (
            "Edits that were not accepted",
            "The file of edits was changed since it was last checked and entered in the audit log.",
            "lifecourse report edit EVAL-001 checks it and enters it.",
        ),
        "LC722": (
            "A limit of the result was taken out",
            "The program's own sentence says that the finding is exploratory. The edited one does not.",
            "Keep the word exploratory.",
        ),
    }
)
