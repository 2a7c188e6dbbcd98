"""Errors of costs and benefits (LC560 to LC566)."""

from __future__ import annotations

from workspace.errors import declare

declare(
    {
        "LC560": (
            "A unit cost that is not there",
            "The plan names a unit cost, or a block of one, that its table does not give. What a source does not "
            "give is not filled in.",
            'Correct the name, or give your own number: value = 1200, value_source = "…", value_price_year = "…".',
        ),
        "LC561": (
            "An outcome that cannot be priced",
            "A value per unit needs one primary outcome whose effect can be said in units: people, events, points.",
            "Plan the outcome as a difference or a ratio of risks or rates, or leave [economics] out.",
        ),
        "LC562": (
            "Unit costs over recorded crime without a multiplier",
            "Home Office unit costs are for each actual crime. Police record only a part of them, so that a recorded "
            "crime stands for more than one.",
            "Say recorded = false (the outcome counts all), or recorded = true with recorded_multiplier and "
            "multiplier_source.",
        ),
        "LC563": (
            "Costs and values that do not go together",
            "Keys of [economics] contradict one another, or one of them needs another that is not there.",
            "Correct the line that is named; the reference of plan keys says what goes with what.",
        ),
        "LC564": (
            "A deflator that cannot be used",
            "Rebasing needs a file with the columns year and index, a number above 0 for each year, and both the "
            "year of the figure and the price year among them.",
            "Correct the file, or leave deflator and price_year out: each figure then keeps its own price year.",
        ),
        "LC565": (
            "A list of unit costs that cannot be read",
            "The file needs the columns theme, item, fiscal, economic, social, price year and confidence, an item in "
            "each row, and numbers or blanks in the three columns of costs.",
            "Correct the cell that is named.",
        ),
        "LC566": (
            "Nothing to price",
            "The plan, or the file of costs, has no [economics] table.",
            "Add [economics] with cost_per_person, cost_price_year and cost_to.",
        ),
    }
)
