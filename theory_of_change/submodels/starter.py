"""A first model for a partner: one activity that feeds an outcome of the theory (pure)."""

from __future__ import annotations

from dataclasses import replace

from theory_of_change.model import Box, Link, Theory
from theory_of_change.theory_text import theory_text

HEAD = """\
# The model of a partner. Outcomes, impacts and factors share their ids with theory.toml: L1 means the same in both.
# Activities and outputs are your own, and may be called A1, P1 and so on.
# Check it with: lifecourse theory check

"""


def partner_starter(name: str, core: Theory | None) -> str:
    """The text of a model that leads to the first outcome of the core theory, where it has one."""
    outcomes = [box for box in core.boxes if box.kind == "outcome"] if core else []
    shared = outcomes[0] if outcomes else Box("O1", "outcome", "What should change", term="short")
    outcome = replace(shared, priority=(), measures=(), not_measurable="", review_by=None)
    activity = Box("A1", "activity", f"What {name} does", tier="primary")
    output = Box("P1", "output", "What people get from it")
    links = (
        Link("A1", "P1", "say here why the one leads to the other"),
        Link("P1", outcome.id, "say here why the one leads to the other", lag_months=12),
    )
    return HEAD + theory_text(Theory(f"Model of {name}", boxes=(activity, output, outcome), links=links))
