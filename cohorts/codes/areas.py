"""Codes about area series: LC580 to LC589 (LC8xx is full)."""

from __future__ import annotations

CODES: dict[str, tuple[str, str, str]] = {
    "LC580": (
        "There is no such collection of areas",
        "A source, a plan or a command names a collection of areas that the project does not have.",
        "Look at the names: lifecourse areas list. Make one: lifecourse areas new NAME --title … --kind …",
    ),
    "LC581": (
        "The collection or area source exists already",
        "A collection of areas of that name is in the store, or a file of that name is in areas/.",
        "Choose another name, or edit the file.",
    ),
    "LC582": (
        "There is no such area source",
        "No file in areas/ has that name.",
        "lifecourse areas add SOURCE --from FILE --areas COLLECTION writes a first one.",
    ),
    "LC583": (
        "The period cannot be read",
        "A row's period is blank, not written in the form or of the step the source declares, a week that begins on "
        "another weekday than the others, or over before its area was valid. Forms are not guessed.",
        "Declare step and form in [period], or have the rows corrected.",
    ),
    "LC584": (
        "The area is not known",
        "A row's area is blank or not in the collection. Areas join a collection from a source that lists them. "
        "Codes that look like identifiers of people are never kept as areas.",
        "Load the list of areas first, or write lists = true in the source if this file may add areas.",
    ),
    "LC585": (
        "Rows contradict each other",
        "Two rows say different things of the same area, period and measure, or of the same area's name, parent or "
        "attributes. Which one is right cannot be told from the file.",
        "Ask the partner. A file that splits counts further must be added up first.",
    ),
    "LC586": (
        "Not a count, a rate or a share",
        "Counts are whole numbers from 0; rates and denominators are not below 0; the share of a period that was "
        "recorded lies between 0 and 1.",
        "Have the rows corrected, or give the measure the kind number.",
    ),
    "LC587": (
        "Values differ from those already held",
        "The file says other things of areas and periods than an earlier delivery did.",
        "If the file is a correction, load it with --replace: what was held before stays in the history.",
    ),
    "LC588": (
        "The measure or parent does not fit the collection",
        "A measure was loaded before as another kind of number, with another step or denominator; a collection "
        "whose areas have parents does not say which collection they are in; or a parent is not there.",
        "Keep to what was loaded before, or choose another name.",
    ),
    "LC589": (
        "Sealed area values cannot be read",
        "The values were loaded sealed, from a period on. They cannot be read before a plan that names them is locked.",
        "lifecourse plan lock PLAN",
    ),
}
