"""Worlds of people: a cut-off, groups, records that are missed or wrongly linked, losses after choice, classes."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
import polars as pl

from benchmarks.calibration.parts import Array, Draw, World, chosen, pair, people, plan_text
from evaluation.study_table import LinkedSource, StudyTable

Lose = Callable[[float, str], Callable[[Draw], pl.DataFrame]]


def lee(x: Array, jump: float = 0.0) -> Array:
    """The curve fitted to elections to the House (Calonico, Cattaneo and Titiunik 2014; there the jump is 0.04)."""
    low = 0.48 + 1.27 * x + 7.18 * x**2 + 20.21 * x**3 + 21.54 * x**4 + 7.33 * x**5
    high = 0.48 + jump + 0.84 * x - 3.0 * x**2 + 7.99 * x**3 - 9.01 * x**4 + 3.56 * x**5
    return np.where(x < 0, low, high)


def scores(draw: Draw, n: int, step: float = 0.0) -> Array:
    """Scores from -1 to 1; in whole units people stand in the middle of theirs, so that nobody crosses the cut-off."""
    x = draw.beta(2, 4, n) * 2 - 1
    return (np.floor(x / step) + 0.5) * step if step else x


def at_a_cutoff(
    n: int, effect: float, *, bent: bool = False, step: float = 0.0, fuzzy: bool = False, noise: float = 1.0
) -> Callable[[Draw], pl.DataFrame]:
    """``bent``: outcomes follow a steep curve; ``fuzzy``: the keenest come anyway, the least keen never."""

    def draw_people(draw: Draw) -> pl.DataFrame:
        x = scores(draw, n, step)
        keen = draw.random(n)
        got = (keen > 0.9) | ((x >= 0) & (keen > 0.2)) if fuzzy else x >= 0
        curve = lee(x) if bent else 0.5 * x + 0.8 * x**2
        y = curve + got * effect + (keen > 0.9) * fuzzy + noise * draw.normal(size=n)
        return pl.DataFrame({"participant": np.arange(n), "score": x, "got": got * 1.0, "y": y})

    return draw_people


def cutoffs() -> Iterator[World]:
    """Straight and bent, sharp and fuzzy, scores fine and coarse."""
    cases: tuple[tuple[str, float, dict[str, object]], ...] = (
        ("n 500, bent", 0.1, {"n": 500, "bent": True, "noise": 0.13}),
        ("n 2000", 0.4, {"n": 2000}),
        ("n 2000, 100 scores", 0.4, {"n": 2000, "step": 0.02}),
        ("n 2000, 20 scores", 0.4, {"n": 2000, "step": 0.1}),
        ("n 2000, fuzzy", 0.6, {"n": 2000, "fuzzy": True}),
    )
    for said, margin, how in cases:
        fuzzy = '\nfuzzy = "got"' if how.get("fuzzy") else ""
        text = (
            '[plan]\nid = "calibration"\ntitle = "A world whose truth is known"\n'
            '[design]\nmethod = "regression-discontinuity"\nseed = 1\n'
            f'[design.regression-discontinuity]\nrunning = "score"\ncutoff = 0\n{fuzzy}\n'
            '[[outcome]]\nmeasure = "y"\nrole = "primary"\nkind = "continuous"\nbetter = "higher"\n'
            f'minimum_important_difference = {margin}\nmid_source = "made up"\n'
        )
        yield from pair(
            f"regression-discontinuity {said}", "regression-discontinuity", "continuous", said, margin,
            lambda e, how=how: at_a_cutoff(effect=e, **how), text=text,  # type: ignore[misc]
        )  # fmt: skip


def in_groups(n: int, apart: float, pull: float) -> Callable[[Draw], pl.DataFrame]:
    """An effect of 0.3 in the first group, and ``apart`` more in the second, which is a third of all."""

    def draw_people(draw: Draw) -> pl.DataFrame:
        treat, x, z = chosen(draw, n, pull)
        second = draw.uniform(size=n) < 1 / 3
        y = (0.3 + apart * second) * treat + 0.5 * x + 0.3 * z + 0.2 * second + draw.normal(size=n)
        return people(n, treat, x, z, y=y, band=np.where(second, "b", "a").tolist())

    return draw_people


def groups() -> Iterator[World]:
    """Whether the effect differs between two groups: not at all, or by half a standard deviation."""
    for method, pull in (("randomised", 0.0), ("matching", 0.4), ("weighting", 0.4)):
        text = plan_text(method, kind="continuous", better="higher", margin=0.5)
        yield from pair(
            f"subgroups {method} n 900", "subgroups", "continuous", f"{method}, a third in the second group", 0.5,
            lambda e, p=pull: in_groups(900, e, p), line="difference between groups",  # type: ignore[misc]
            text=f'{text}\n[[subgroup]]\nby = "band"\nreason = "asked beforehand"\n',
        )  # fmt: skip


def linked_trial(
    draw: Draw,
    n: int,
    true: tuple[float, float],
    found: tuple[float, float],
    *,
    ids: float = 0.6,
    wrong: float = 0.0,
) -> StudyTable:
    """A trial of n people an arm whose outcome comes from a file of arrests, reached by linkage.

    ``true`` are the risks with and without the programme, ``found`` the recalls, ``ids`` the share of people whom ids
    settle, ``wrong`` the share of people who are given somebody else's record.
    """
    treat = np.repeat([1, 0], n)
    event = draw.random(2 * n) < np.where(treat == 1, *true)
    right = event & (draw.random(2 * n) < np.where(treat == 1, *found))
    other = ~right & (draw.random(2 * n) < wrong)
    linked, known = right | other, draw.random(2 * n) < ids
    truth = np.where(~known, "unknown", np.where(other, "other", np.where(event, "same", "unknown")))
    frame = pl.DataFrame({"participant": np.arange(2 * n), "treat": treat * 1.0, "y": linked * 1.0})
    people = pl.DataFrame({"participant": np.arange(2 * n), "linked": linked, "truth": truth.tolist()})
    return StudyTable(frame, "trial", 0, linkage=(("y", LinkedSource("arrests", people)),))


def linkage() -> Iterator[World]:
    """Records found less often, or less often in one arm, or wrongly: the number as it is, and the corrected one.

    With as many found in both arms no effect stays no effect, and a true one shrinks.
    """
    for said, found, wrong in (
        ("5 % missed", (0.95, 0.95), 0.0),
        ("20 % missed", (0.80, 0.80), 0.0),
        ("3 and 15 % missed", (0.97, 0.85), 0.0),
        ("10 % missed, 3 % wrong", (0.90, 0.90), 0.03),
    ):
        text = plan_text("randomised", kind="binary", better="lower", margin=0.05).replace('["x", "z"]', "[]")
        for line, told in (("estimate", "as linked"), ("corrected", "corrected")):
            yield from pair(
                f"linkage {said}, {told}", "linkage error", "binary", f"2,000 an arm, {said}, {told}", 0.05,
                lambda e, f=found, w=wrong: lambda draw: linked_trial(draw, 2000, (0.3 + e, 0.3), f, wrong=w),  # type: ignore[misc]
                better="lower", text=text, line=line, holds=line == "corrected",  # type: ignore[arg-type]
            )  # fmt: skip


def lost_after_choice(lose: Lose) -> Iterator[World]:
    """A fifth lost by a covariate among people who chose: imputed or weighed, then matched or weighted."""
    for method, design, rule in (
        ("matching", "", "multiple-imputation"),
        ("weighting", 'estimand = "ATE"', "multiple-imputation"),
        ("weighting", 'estimand = "ATE"', "inverse-probability"),
    ):
        text = plan_text(method, kind="continuous", better="higher", margin=0.3, design=design)
        yield from pair(
            f"{method} continuous n 500, lost by covariate, {rule}", method, "continuous",
            f"n 500, a fifth lost, {rule}", 0.3, lambda e: lose(e, "covariate"),
            text=f'{text}\n[analysis]\nmissing = "{rule}"\n',
        )  # fmt: skip


def classes(schools: int, effect: float) -> Callable[[Draw], pl.DataFrame]:
    """Schools are allocated; in each four classes of seven or so."""

    def draw_people(draw: Draw) -> pl.DataFrame:
        rooms = 4 * schools
        room = np.repeat(np.arange(rooms), draw.integers(5, 10, rooms))
        school, n = room // 4, len(room)
        treat = draw.permutation(np.repeat([1.0, 0.0], [schools // 2, schools - schools // 2]))[school]
        x, z = draw.normal(size=n), draw.normal(size=n)
        y = effect * treat + 0.3 * draw.normal(size=schools)[school] + 0.3 * draw.normal(size=rooms)[room]
        y += 0.4 * x + draw.normal(size=n)
        return people(
            n, treat, x, z, y=y, school=[f"S{s:02d}" for s in school], room=[f"C{r:03d}" for r in room]
        )

    return draw_people


def risky_clusters(count: int, ratio: float) -> Callable[[Draw], pl.DataFrame]:
    """An event whose risk is multiplied by the same ratio everywhere; clusters differ in their risk."""

    def draw_people(draw: Draw) -> pl.DataFrame:
        code = np.repeat(np.arange(count), draw.integers(20, 60, count))
        n = len(code)
        treat = draw.permutation(np.repeat([1.0, 0.0], [count // 2, count - count // 2]))[code]
        x, z = draw.normal(size=n), draw.normal(size=n)
        own = np.exp(0.25 * np.clip(draw.normal(size=count), -2, 2))[code]
        risk = 0.3 * own * np.where(treat == 1, ratio, 1.0)
        y = (draw.uniform(size=n) < risk).astype(np.float64)
        return people(n, treat, x, z, y=y, school=[f"S{c:02d}" for c in code])

    return draw_people


def growing(schools: int, faster: float) -> Callable[[Draw], pl.DataFrame]:
    """Pupils seen four times in schools that were allocated; those treated grow by ``faster`` more a year."""

    def draw_people(draw: Draw) -> pl.DataFrame:
        pupils = 8 * schools
        person = np.repeat(np.arange(pupils), 4)
        school, year = person // 8, np.tile(np.arange(4.0), pupils)
        arm = draw.permutation(np.repeat([1.0, 0.0], [schools // 2, schools - schools // 2]))
        x, z = draw.normal(size=pupils)[person], draw.normal(size=pupils)[person]
        pace = 0.15 * draw.normal(size=schools)[school] + 0.2 * draw.normal(size=pupils)[person]
        level = 0.4 * draw.normal(size=schools)[school] + draw.normal(size=pupils)[person] + 0.3 * x
        y = level + (0.2 + pace + faster * arm[school]) * year + 0.7 * draw.normal(size=len(person))
        frame = people(len(person), arm[school], x, z, y=y, year=year, school=[f"S{s:02d}" for s in school])
        return frame.with_columns(pupil=pl.Series([f"P{i:04d}" for i in person]))

    return draw_people


def clusters_within() -> Iterator[World]:
    """Classes in schools, ratios of risks in clusters, growth of pupils."""
    for count in (10, 20):
        yield from pair(
            f"cluster-randomised classes in {count} schools", "cluster-randomised", "continuous",
            f"{count} schools of four classes", 0.4, lambda e, c=count: classes(c, e),  # type: ignore[misc]
            design='cluster = "school"', settings='subcluster = "room"',
        )  # fmt: skip
        yield from pair(
            f"cluster-randomised risk-ratio, {count} clusters", "cluster-randomised", "binary",
            f"risk ratio, {count} clusters", 0.7, lambda r, c=count: risky_clusters(c, r),  # type: ignore[misc]
            better="lower", is_ratio=True, design='cluster = "school"', outcome='effect = "risk-ratio"',
        )  # fmt: skip
        yield from pair(
            f"cluster-randomised growth in {count} schools", "cluster-randomised", "continuous",
            f"four times, {count} schools", 0.3, lambda e, c=count: growing(c, e),  # type: ignore[misc]
            design='cluster = "school"\nunit = "pupil"\ntime = "year"',
        )  # fmt: skip
