"""A list of unit costs the user brings, such as a unit cost database: its rows, and nothing of our own (pure)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from evaluation.economics.prices import YEAR, price_year
from evaluation.economics.tables import UnitCost
from evaluation.errors import EvaluationError

COLUMNS = ("theme", "item", "fiscal", "economic", "social", "price year", "confidence")
PARTS = ("fiscal", "economic", "social")


def read_unit_costs(rows: Sequence[Mapping[str, str | None]], name: str) -> dict[str, UnitCost]:
    """Every item by its name in small letters. ``total`` is the sum of the parts given, ``response`` the fiscal part.

    Raises EvaluationError (LC565) at a row without an item, a year or a number, and at an item that comes twice.
    """
    found: dict[str, UnitCost] = {}
    for number, row in enumerate(rows, start=2):
        where = f"{name}:{number}"
        item, year = (row.get("item") or "").strip(), (row.get("price year") or "").strip()
        if not item:
            raise EvaluationError("LC565", "the column 'item' is blank", "Name the item.", where=where)
        if item.lower() in found:
            raise EvaluationError("LC565", "an item stands here twice", "Keep one row an item.", where=where)
        if not YEAR.fullmatch(year):
            raise EvaluationError(
                "LC565", "the column 'price year' holds no year", "Write 2015-16 or 2015.", where=where
            )
        parts = {part: _amount(row.get(part), part, where) for part in PARTS}
        given = [amount for amount in parts.values() if amount is not None]
        found[item.lower()] = UnitCost(
            name=item,
            total=sum(given) if given else None,
            response=parts["fiscal"],
            price_year=price_year(year),
            source=name,
            verified="user",
            theme=(row.get("theme") or "").strip().lower(),
            confidence=(row.get("confidence") or "").strip(),
        )
    return found


def _amount(text: str | None, column: str, where: str) -> float | None:
    plain = (text or "").replace("£", "").replace(",", "").strip()
    if not plain:
        return None
    try:
        amount = float(plain)
    except ValueError:
        amount = float("nan")
    if not abs(amount) < 1e12:
        raise EvaluationError(
            "LC565", f"the column '{column}' holds no number", "Correct it, or leave it blank.", where=where
        ) from None
    return amount
