"""Situations in which data cannot bear a question, or look as if they could not: what is done to a good sample."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import polars as pl

from tests.contract.bad_rows import Row

Frame = pl.DataFrame
Change = Callable[[pl.DataFrame, Row], pl.DataFrame]
# refused: an error. silent: an error, or not-assessable with a check that blocks. finite: whatever comes is honest.
Expected = Literal["refused", "silent", "finite"]

TREATED = pl.col("treat") == 1
ROW = pl.int_range(pl.len())
NOTHING = pl.lit(None, dtype=pl.Float64)


@dataclass(frozen=True, slots=True)
class Situation:
    """What is wrong, for which rows it is, and what must come of it."""

    change: Change
    expected: Expected
    fits: Callable[[Row], bool]


def always(_: Row) -> bool:
    return True


def armed(r: Row) -> bool:
    """The arm is a column, not what a score decides."""
    return "fuzzy" not in r.settings


def has_x(r: Row) -> bool:
    return "x" in r.covariates


def numeric(r: Row) -> bool:
    return r.kind == "continuous"


def counted(r: Row) -> bool:
    return "exposure" in r.outcome


def single(r: Row) -> bool:
    return r.timed and not r.long


def yes_no(r: Row) -> bool:
    return r.kind in ("binary", "count") or r.timed


def ratio(r: Row) -> bool:
    return r.ratio and r.kind != "ordinal"


def outcome(expr: pl.Expr) -> Change:
    """The outcome, at every wave."""

    def change(frame: Frame, r: Row) -> Frame:
        frame = frame.with_columns(y=expr)
        return frame.with_columns(pl.col("y").alias("y@w2")) if "waves" in r.outcome else frame

    return change


def column(**exprs: pl.Expr) -> Change:
    return lambda frame, _: frame.with_columns(**exprs)


def keep(expr: pl.Expr) -> Change:
    return lambda frame, _: frame.filter(expr)


def few(n: int) -> Change:
    """So many people, of both arms as far as may be."""

    def change(frame: Frame, _: Row) -> Frame:
        names = [
            frame.filter(pl.col("treat") == arm)["unit"].unique(maintain_order=True).head(n // 2)
            for arm in (0, 1)
        ]
        return frame.filter(pl.col("unit").is_in(pl.concat(names).implode()))

    return change


def clusters(change: Callable[[str], pl.Expr]) -> Change:
    return lambda frame, r: frame.with_columns(change(r.cluster).alias(r.cluster))


def in_cluster(r: Row) -> bool:
    return bool(r.cluster)


def between(r: Row) -> bool:
    """Whole clusters were allocated."""
    return r.cluster == "school" and "intervention_level" not in r.settings


def strata(r: Row) -> bool:
    return "strata" in r.design


def stratum(expr: pl.Expr) -> Change:
    return lambda frame, r: frame.with_columns(expr.alias("side" if "side" in r.design else "district"))


def once(frame: Frame, value: pl.Expr, name: str, at: int = 5) -> Frame:
    return frame.with_columns(pl.when(ROW.eq(at)).then(value).otherwise(pl.col(name)).alias(name))


def one(name: str, value: float | None) -> Change:
    """One value of a column."""

    def change(frame: Frame, r: Row) -> Frame:
        frame = once(frame.with_columns(pl.col(name).cast(pl.Float64)), pl.lit(value, dtype=pl.Float64), name)
        return (
            frame.with_columns(pl.col("y").alias("y@w2")) if "waves" in r.outcome and name == "y" else frame
        )

    return change


def three_heavy(frame: Frame, _: Row) -> Frame:
    """All the comparison people but three look like nobody who was treated."""
    place = pl.int_range(pl.len()).over("treat")
    far = pl.when(TREATED | (place < 3)).then(5.0).otherwise(0.0)
    return frame.with_columns(x=far + 0.1 * pl.col("z"))


def ranked(frame: Frame, _: Row) -> Frame:
    return frame.with_columns(x=10 * pl.col("treat") + (pl.col("x").cast(pl.Float64).clip(-3, 3)))


NAN, INF = float("nan"), float("inf")
SITUATIONS: dict[str, Situation] = {
    "nobody": Situation(keep(pl.lit(value=False)), "refused", always),
    "one person": Situation(few(2), "silent", always),
    "four people": Situation(few(4), "silent", always),
    "six people": Situation(few(6), "silent", always),
    "ten people": Situation(few(10), "silent", always),
    "everybody treated": Situation(keep(TREATED), "refused", always),
    "nobody treated": Situation(keep(~TREATED), "refused", always),
    "no arm known": Situation(column(treat=NOTHING), "refused", armed),
    "an arm that is 2": Situation(one("treat", 2), "refused", armed),
    "an arm that is no number": Situation(one("treat", NAN), "refused", armed),
    "one treated person": Situation(
        lambda f, _: f.filter(~TREATED | (pl.col("unit") == f.filter(TREATED)["unit"][0])), "silent", always
    ),
    "no outcome seen": Situation(outcome(NOTHING), "silent", always),
    "no outcome of the treated seen": Situation(outcome(pl.when(~TREATED).then("y")), "silent", always),
    "nothing happened": Situation(outcome(pl.lit(0.0)), "silent", always),
    "everybody the same": Situation(outcome(pl.lit(1.0)), "silent", lambda r: not r.timed and r.kind != "count"),
    "nothing happened to the treated": Situation(outcome(pl.when(TREATED).then(0.0).otherwise("y")), "silent", ratio),
    "everything happened to the treated": Situation(
        outcome(pl.when(TREATED).then(1.0).otherwise("y")), "silent",
        lambda r: "odds" in r.outcome and r.kind == "binary",
    ),
    "nothing happened to one arm, as a difference": Situation(
        outcome(pl.when(TREATED).then(0.0).otherwise("y")), "finite", lambda r: r.kind == "binary" and not r.ratio
    ),
    "one event": Situation(outcome((ROW == 3).cast(pl.Float64)), "silent", ratio),
    "one outcome that is not nought": Situation(
        outcome((ROW == 3).cast(pl.Float64)), "finite", lambda r: not ratio(r) and r.kind != "ordinal"
    ),
    "the outcome is the arm": Situation(
        outcome(pl.col("treat")), "silent", lambda r: not r.timed and r.kind != "count"
    ),
    "an outcome that is no number": Situation(one("y", NAN), "refused", always),
    "an outcome without end": Situation(one("y", INF), "refused", always),
    "an outcome in words": Situation(
        outcome(pl.col("y").cast(pl.String) + " or so"), "refused", always
    ),
    "an outcome of 2": Situation(one("y", 2), "refused", lambda r: r.kind == "binary" or r.timed),
    "a count below nought": Situation(one("y", -1), "refused", lambda r: r.kind == "count"),
    "half a count": Situation(one("y", 0.5), "refused", lambda r: r.kind == "count"),
    "an exposure of nought": Situation(one("time", 0), "refused", counted),
    "an exposure below nought": Situation(one("time", -1), "refused", counted),
    "an exposure without end": Situation(one("time", INF), "refused", counted),
    "an exposure that is no number": Situation(one("time", NAN), "refused", counted),
    "huge outcomes": Situation(outcome(pl.col("y") * 1e150), "refused", numeric),
    "outcomes too huge to square": Situation(outcome(pl.col("y") * 1e200), "refused", numeric),
    "tiny outcomes": Situation(outcome(pl.col("y") * 1e-200), "refused", numeric),
    "one huge outcome": Situation(one("y", 1e150), "refused", numeric),
    "huge covariate": Situation(column(x=pl.col("x") * 1e150), "refused", has_x),
    "a covariate too huge to square": Situation(column(x=pl.col("x") * 1e200), "refused", has_x),
    "one huge covariate": Situation(one("x", 1e150), "refused", has_x),
    "huge exposures": Situation(column(time=pl.col("time") * 1e150), "refused", counted),
    "large outcomes": Situation(outcome(pl.col("y") * 1e28), "finite", numeric),
    "small outcomes": Situation(outcome(pl.col("y") * 1e-28), "finite", numeric),
    "one large outcome": Situation(one("y", 1e27), "silent", numeric),
    "large covariate": Situation(column(x=pl.col("x") * 1e28), "finite", has_x),
    "small covariate": Situation(column(x=pl.col("x") * 1e-28), "finite", has_x),
    "one large covariate": Situation(
        lambda f, r: f.with_columns(x=pl.when(pl.col("unit") == f["unit"][5]).then(1e27).otherwise("x")),
        "silent", has_x,
    ),
    "large exposures": Situation(column(time=pl.col("time") * 1e28), "finite", counted),
    "small exposures": Situation(column(time=pl.col("time") * 1e-28), "finite", counted),
    "one large exposure": Situation(one("time", 1e27), "silent", counted),
    "large times": Situation(column(weeks=pl.col("weeks") * 1e27), "finite", single),
    "one large time": Situation(one("weeks", 1e27), "silent", single),
    "small times": Situation(column(weeks=pl.col("weeks") * 1e-28), "finite", single),
    "huge counts": Situation(outcome(pl.col("y") * 1e15), "finite", lambda r: r.kind == "count"),
    "a covariate that is no number": Situation(one("x", NAN), "refused", has_x),
    "a covariate without end": Situation(one("x", INF), "refused", has_x),
    "no covariate known": Situation(column(x=NOTHING), "silent", has_x),
    "no covariate of the treated known": Situation(column(x=pl.when(~TREATED).then("x")), "silent", has_x),
    "the covariate is the arm": Situation(column(x=pl.col("treat")), "silent", has_x),
    "the covariate turns the arm round": Situation(column(x=3 - 2 * pl.col("treat")), "silent", has_x),
    "a category is the arm": Situation(
        column(x=pl.when(TREATED).then(pl.lit("yes")).otherwise(pl.lit("no"))), "silent", has_x
    ),
    "a category for everyone": Situation(column(x=pl.format("c{}", ROW)), "silent", has_x),
    "a category only the treated have": Situation(
        column(place=pl.when(TREATED).then(pl.lit("here")).otherwise("place")), "finite",
        lambda r: "place" in r.covariates,
    ),
    "a category of one person": Situation(
        column(place=pl.when(ROW == 4).then(pl.lit("alone")).otherwise("place")), "finite",
        lambda r: "place" in r.covariates,
    ),
    "every treated person above every other": Situation(
        ranked, "silent", lambda r: r.observed and has_x(r)
    ),
    "weights on three people": Situation(
        three_heavy, "silent", lambda r: r.observed and has_x(r)
    ),
    "the same person twice": Situation(
        lambda f, _: pl.concat([f, f.head(3)]), "refused", lambda r: not r.long or "time =" in r.design
    ),
    "everybody twice": Situation(lambda f, _: pl.concat([f, f]), "refused", always),
    "negative times": Situation(one("weeks", -1), "refused", single),
    "times that are no number": Situation(one("weeks", NAN), "refused", single),
    "times without end": Situation(one("weeks", INF), "refused", single),
    "no time at all": Situation(column(weeks=pl.lit(0.0)), "silent", single),
    "all events at once": Situation(
        column(weeks=pl.when(pl.col("y") == 1).then(10.0).otherwise(20.0)), "silent", single
    ),
    "all times at once": Situation(column(weeks=pl.lit(10.0)), "silent", single),
    "huge times": Situation(column(weeks=pl.col("weeks") * 1e150), "refused", single),
    "tiny times": Situation(column(weeks=pl.col("weeks") * 1e-150), "refused", single),
    "the treated gone before anything happened": Situation(
        column(weeks=pl.when(TREATED).then(0.5).otherwise("weeks"), y=pl.when(TREATED).then(0.0).otherwise("y")),
        "silent", single,
    ),
    "rows that end before they begin": Situation(
        column(stop=pl.col("start") - 1), "refused", lambda r: "start" in r.outcome
    ),
    "all people in one cluster": Situation(clusters(lambda _: pl.lit("all")), "silent", in_cluster),
    "a cluster for everyone": Situation(clusters(lambda _: pl.col("unit")), "finite", in_cluster),
    "one cluster an arm": Situation(
        clusters(lambda _: pl.when(TREATED).then(pl.lit("a")).otherwise(pl.lit("b"))), "silent", in_cluster
    ),
    "one cluster in an arm": Situation(
        clusters(lambda c: pl.when(TREATED).then(pl.lit("a")).otherwise(c)), "silent", between
    ),
    "clusters across arms": Situation(clusters(lambda _: pl.format("k{}", ROW % 7)), "silent", between),
    "no cluster known": Situation(clusters(lambda _: pl.lit(None, dtype=pl.String)), "silent", in_cluster),
    "one period": Situation(column(month=pl.lit(1)), "silent", lambda r: "period" in r.settings),
    "one time": Situation(column(year=pl.lit(1)), "silent", lambda r: "time = " in r.design),
    "a stratum for everyone": Situation(stratum(pl.format("s{}", ROW)), "silent", strata),
    "each stratum in one arm": Situation(stratum(pl.format("s{}", pl.col("treat"))), "silent", strata),
    "nobody took it up": Situation(column(took=pl.lit(0.0)), "finite", lambda r: "compliance" in r.settings),
    "taken up by 2": Situation(one("took", 2), "refused", lambda r: "compliance" in r.settings),
    "nobody's group known": Situation(
        column(place=pl.lit(None, dtype=pl.String)), "finite", lambda r: bool(r.more) and "subgroup" in r.more
    ),
}  # fmt: skip
