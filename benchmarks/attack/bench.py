"""The attacks of the bench, in the order of the standard, with how much each is tried in full and in the fast slice."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from benchmarks.attack import rows, stores, tables, together, tokens
from benchmarks.attack.measure import Measured

SEED = 20261122
Attack = Callable[[int], list[Measured]]


@dataclass(frozen=True, slots=True)
class Entry:
    """One attack: its name on the command line, in full, and small enough for a test (None: too long for one)."""

    name: str
    full: Attack
    fast: Attack | None


def _both(
    name: str, attack: Callable[..., list[Measured]], full: tuple[int, ...], fast: tuple[int, ...] | None
) -> Entry:
    def of(sizes: tuple[int, ...]) -> Attack:
        return lambda seed: attack(seed, *sizes)

    return Entry(name, of(full), of(fast) if fast is not None else None)


ENTRIES = (
    _both("brute-force", tokens.brute_force, (20_000,), (300,)),
    _both("stolen-store", stores.stolen, (10, 300), (1, 40)),
    _both("store-membership", stores.strangers, (10, 300), (1, 60)),
    _both("frequency", tokens.frequency, (100_000,), (12_000,)),
    _both("row-linkage", rows.linkage, (20_000,), (1_000,)),
    _both("event-days", rows.event_days, (20_000,), (1_000,)),
    _both("margins", tables.margins, (600,), (40,)),
    _both("releases-together", tables.releases_together, (80,), (4,)),
    _both("differencing", tables.differencing, (20_000,), (300,)),
    _both("averaging", tables.averaging, (20_000,), (400,)),
    _both("twin-membership", rows.membership, (500, 20), (150, 2)),
    _both("coefficients", rows.coefficients, (60,), (20,)),
    _both("formulas", stores.formulas, (5_000,), (100,)),
    Entry("canaries", partial(stores.canaries, quick=True), None),
    _both("left-about", stores.left_about, (6,), None),
    _both("erasure", stores.erased, (5, 200), (1, 40)),
    _both("insider", stores.insider, (), ()),
    Entry("demonstration", partial(together.demonstration, quick=False), None),
    Entry("projects", lambda seed: together.random_ones(seed, 2, quick=True), None),
)
