"""Codes of working with a theory: partners, spreadsheets, drawings, versions, reviews (LC226 to LC239)."""

from __future__ import annotations

THEORY = {
    "LC226": (
        "A link to a long-term outcome without a lag",
        (
            "A long-term outcome takes its time. A link that does not say how long would let anybody claim the "
            "outcome the day after the start."
        ),
        "Add lag_months = ... to the link.",
    ),
    "LC227": (
        "A priority that is not among the theory's",
        "The theory lists its priorities as [[priority]], and this box names another one.",
        "Correct the name, or add the priority. A former name goes into formerly = [...].",
    ),
    "LC228": (
        "A partner's model clashes with another",
        (
            "Models are joined by the ids of outcomes, impacts and factors. One id must mean one thing: the same "
            "kind, term and text everywhere. Links that two models share must make the same claim."
        ),
        "Agree on one wording, or give one of the two boxes an id of its own.",
    ),
    "LC229": (
        "A partner's name or model that cannot be used",
        (
            "A partner's name is small letters, digits and hyphens. Its model stands in theory/partners/NAME.toml; "
            "a new one is never written over one that is there."
        ),
        "lifecourse theory partners lists the models that are there.",
    ),
    "LC230": (
        "A file of a kind that cannot be written here",
        "The end of the file name says what is wanted, and this command does not make that kind.",
        "End the name as the message says.",
    ),
    "LC231": (
        "Nothing to draw",
        "The theory has no box, or none of the priority that was asked for.",
        "lifecourse theory show lists the boxes and their priorities.",
    ),
    "LC232": (
        "A file of verdicts that cannot be used",
        (
            "A file of verdicts is JSON: a list 'links', each with 'link' (such as A1>O1) and 'answer'. Every "
            "link must be one of the theory, and every answer one the program knows."
        ),
        "Correct the entry. The keys are listed in the page on drawing a theory.",
    ),
    "LC233": (
        "Not a workbook of a theory",
        (
            "The file is not an Excel workbook, or lacks the sheets and headings that lifecourse theory template "
            "writes. Nothing was changed."
        ),
        "Start from a fresh template: lifecourse theory template --to FILE.xlsx.",
    ),
    "LC234": (
        "A text too long for a cell",
        "A cell of a spreadsheet holds about 32,000 letters; a longer text would be cut off.",
        "Shorten the text in theory.toml.",
    ),
    "LC235": (
        "No such version of the theory",
        (
            "A version is kept in theory/versions/ whenever an import or a review changes or closes one. The name "
            "given is neither such a version nor a file."
        ),
        "lifecourse theory versions lists what was kept.",
    ),
    "LC236": (
        "A review decision that cannot be recorded",
        (
            "A decision says what it is about (a box or a link of the theory, or 'theory'), whether to keep, change "
            "or drop it, why, and who decided."
        ),
        'lifecourse theory review "A1>O1" --decide keep --because "..." --by "Steering group"',
    ),
    "LC237": (
        "Decided to drop, and still in the theory",
        "A review decided to drop this box or link, and the theory still holds it.",
        "Take it out of theory.toml. The decision and its reason stay in theory/reviews.toml.",
    ),
    "LC238": (
        "The file is there already",
        "A template is never written over a file that exists: it may hold somebody's work.",
        "Name another file, or move that one away.",
    ),
    "LC239": (
        "theory.toml is laid out in a way an import cannot keep",
        (
            "An import leaves your comments and everything it does not change as they are. For that, boxes, links, "
            "measures and priorities must each stand under a heading of their own, such as [[box]]."
        ),
        "Write each as a table with its own heading, then import again.",
    ),
}
