"""What the codes of success measures mean: LC304 to LC326."""

from __future__ import annotations

from workspace.errors import declare

CODES = {
    "LC304": (
        "A success measure that is not tracked",
        "A figure, or a key of measures.toml, names a measure that measures.toml does not have.",
        "Correct the id, or add the measure: lifecourse measure add.",
    ),
    "LC305": (
        "A measure id of the wrong form",
        "The id of a tracked measure begins with a letter and holds letters, digits, '.', '-' and '_'.",
        "Write the id in that form.",
    ),
    "LC306": (
        "A table of figures that cannot be read",
        "The table lacks a column, has one that is not known, or a cell does not hold a period.",
        "Start from lifecourse measure template, and write periods like 2021, 2019/20, 2021-Q2 or 2020-03.",
    ),
    "LC307": (
        "A figure that is no figure",
        "A cell holds no number, a number the measure's unit does not allow, or a word that is not on the list.",
        "Correct the cell. Notes belong into the column note.",
    ),
    "LC308": (
        "Two figures of one measure, area and period",
        "The table holds a figure twice, or one that differs from the figure already held.",
        "Keep one of them; a correction is loaded with --replace, and the earlier figure stays in the store.",
    ),
    "LC309": (
        "No success measures yet",
        "The project has no measures.toml, so there is nothing to log figures of.",
        "lifecourse measure add makes the first.",
    ),
    "LC310": (
        "A printed change that the figures do not give",
        "The source prints a change that is not the difference of its own figures, however it is rounded.",
        "Ask the source which of them is right; nothing is corrected here.",
    ),
    "LC311": (
        "Unlike periods compared",
        "Periods of another length, or other months of the year, are compared.",
        "Compare the same months of both years.",
    ),
    "LC312": (
        "A label that does not fit",
        "A figure is printed under another year, or another source, than it is of.",
        "Correct the label or the period.",
    ),
    "LC313": (
        "Small numbers",
        "The figures are so small that chance alone moves them by large percentages. Below a base of 10 no percentage "
        "is printed; below 20 a change that chance would explain is too few to call.",
        "Print the counts, and look at several periods together. Small counts pass the disclosure check before they "
        "leave.",
    ),
    "LC314": (
        "A change without its figures",
        "The source states a change and not the figures it is of, so it cannot be checked.",
        "Ask for both figures.",
    ),
    "LC315": (
        "The same figures under two names",
        "Two measures hold the same figures in every period they share.",
        "Keep one; never add them, or count them as two pieces of evidence.",
    ),
    "LC316": (
        "A part carries the change",
        "One part of a whole carries far more of a clear change than its size would let one expect.",
        "Ask whether coding or recording of that part changed before the whole is read.",
    ),
    "LC317": (
        "A fall that coding could explain",
        "More cases were left uncoded than a part fell by; the bounds show what it would be if all, or none, of them "
        "belonged to it.",
        "Ask the source how cases were coded.",
    ),
    "LC318": (
        "A figure that stands for something else",
        "The measure is used for an outcome that it does not measure, or counts what was done, not what changed.",
        "Say so wherever it is shown.",
    ),
    "LC319": (
        "A count without its denominator",
        "It is not known out of how many people, or in which population, the count is.",
        "Give the column of, or population = in measures.toml.",
    ),
    "LC320": (
        "A comparison across a break",
        "Recording or the definition changed between the two periods.",
        "No change is shown across it.",
    ),
    "LC321": (
        "No plain name",
        "The measure has no name that a young person would understand.",
        'Add plain_name = "…" to it.',
    ),
    "LC322": (
        "A source that cannot tell what is asked",
        "The source has no code for what is asked, so its figures are of all causes: call-outs, not stabbings.",
        "Say 'of all causes' wherever it is shown, or find a source that can tell. The key is cannot_isolate.",
    ),
    "LC323": (
        "One measure, two wordings",
        "Two places word the measure in a way that would count other cases.",
        "Ask the owner which is meant, and log figures of that one only.",
    ),
    "LC324": (
        "No chart of this",
        "There are too few figures of one length to show, several areas and none was named, or another kind of file is "
        "asked for than SVG or PNG.",
        "Name the area, or read the figures with measure trend.",
    ),
    "LC325": (
        "A retired measure that is gone",
        "A review retired the measure, and measures.toml no longer lists it. A retired measure stays listed, so that "
        "nobody can drop one that went the wrong way.",
        "Put it back into measures.toml; no figure of it is asked for.",
    ),
    "LC326": (
        "A decision about a measure that cannot be recorded",
        "A decision says which measure, whether to keep, change or retire it, why, and who decided.",
        'lifecourse measure review KNIFE --decide keep --because "..." --by "Steering group"',
    ),
}
declare(CODES)
