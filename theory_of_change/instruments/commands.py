"""Commands that turn raw answers and counts into scores: measure score, measure harm."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from theory_of_change.errors import TheoryError
from workspace import console
from workspace.errors import did_you_mean


def measure_score(
    measure: Annotated[
        str, typer.Argument(metavar="MEASURE", help="A catalogue measure with a scoring key.")
    ],
    file: Annotated[Path, typer.Argument(help="CSV with a row a person and a column an item.")],
    to: Annotated[Path, typer.Option(help="Where to write the scores (CSV).")],
    items: Annotated[str, typer.Option(help="How columns are named; # is the item's number.")] = "item_#",
    keep: Annotated[list[str] | None, typer.Option(help="A column to carry over, such as the id.")] = None,
    bands: Annotated[str, typer.Option(help="Also the band of the total: parent, teacher or self.")] = "",
) -> None:
    """Score the answers to an instrument's items by its key. Nothing is guessed: too few answers give no score."""
    from theory_of_change.instruments.store import score_file
    from theory_of_change.store import load_catalogue

    catalogue = load_catalogue()
    if measure not in catalogue:
        said = f"nothing here has the id '{measure}'.{did_you_mean(measure, catalogue)}"
        raise TheoryError("LC209", said, "lifecourse measure list")
    done = score_file(
        catalogue[measure], file, to, items, tuple(keep or ()), bands, write=not console.current().dry_run
    )
    verb = "Would write" if console.current().dry_run else "Wrote"
    said = f"{verb} {to.name}: {done.rows} rows, {done.scored} with a score, {done.prorated} from some of the items."
    console.present(asdict(done), lambda: console.say(said))


def measure_harm(
    weights: Annotated[Path, typer.Argument(help="CSV of code, weight: the official sheet.")],
    counts: Annotated[Path, typer.Argument(help="CSV of code, count, and period where there are several.")],
) -> None:
    """Weigh counts of offences by their harm, with what carries the score and its range."""
    from theory_of_change.instruments.store import harm_by_period

    found = harm_by_period(weights, counts)

    def view() -> None:
        console.table(
            ("Period", "Score", "95 in 100 times within", "Offences", "From the heaviest hundredth"),
            [
                (period, f"{s.score:,.0f}", f"{s.conf_low:,.0f} to {s.conf_high:,.0f}", f"{s.offences:,}",
                 f"{100 * s.heaviest_share:.0f} %")
                for period, s in found
            ],
        )  # fmt: skip

    console.present({"periods": [{"period": period, **asdict(s)} for period, s in found]}, view)
