"""Codes about spells, exposures and states."""

from __future__ import annotations

CODES: dict[str, tuple[str, str, str]] = {
    "LC862": (
        "A spell ends before it starts",
        "The end of a spell, or of a stretch of observability, lies before its start. Such a stretch cannot be.",
        "Have the rows corrected; if the end column holds the last day in the state, write last_day = true.",
    ),
    "LC863": (
        "A record about a life is half empty",
        "A cell that a spell, event or session needs, such as its date, is blank although the record's others are "
        "filled. A row of which all are blank holds no such record and is fine.",
        'Have the rows completed, or write rejects = "set-aside" to leave them out.',
    ),
    "LC864": (
        "A day lies outside the data",
        "A spell, event or session begins before data_from or after data_until of the source. The source could not "
        "have seen it, so the date or the source's own words are wrong.",
        "Correct the dates, or data_from and data_until in the source file.",
    ),
    "LC865": (
        "The cohort does not declare this kind",
        "A source brings spells, states or events of a kind that the cohort's template does not list, so nobody "
        "would know how to read them.",
        "Use a declared kind, or make the cohort from a template that declares it.",
    ),
    "LC866": (
        "Spells that exclude each other overlap",
        "The cohort declares the states of this kind to be exclusive, and one source puts a person into two of them "
        "at once.",
        "Ask the partner which dates are right; or declare the kind without exclusive = true.",
    ),
    "LC867": (
        "A record says something else than one already held",
        "A spell, session or stretch of observability that is held already, or stands twice in the file, comes with "
        "another end or content. An open spell that ends is no contradiction.",
        "If the file is a correction, load it with --replace; what was held before is kept and can be read again.",
    ),
    "LC868": (
        "Closer watching is not reoffending",
        "A derived variable would count only events that supervision itself produces, such as recalls. People who "
        "are watched more closely are recalled more often for the same conduct.",
        "Count such events apart, or name them under competing.",
    ),
    "LC869": (
        "The cohort derives nothing",
        "The cohort's template declares no derived variables.",
        "Make the cohort from a template with [[derived]] tables.",
    ),
}
