"""What a synthetic control must pass, and what it cannot know (pure)."""

from __future__ import annotations

import math

import numpy as np

from evaluation.inference import two_sided_p
from evaluation.model import Check
from evaluation.synthetic.areas import Areas
from evaluation.synthetic.fits import Fit, Kind
from evaluation.synthetic.placebos import rank_p, ratio_of
from evaluation.synthetic.robustness import FakeStart, LeftOut, Study

FEWEST_BEFORE, FEW_BEFORE = 5, 8  # R34
HALF = 0.5  # R33: of the difference that matters
FEWEST_DONORS = 4  # fewer leave placebos without a spread
EXACT = 1e-8
MOST_ON_ONE = 0.5
MUCH_WORSE = 1.5
FEW_OUTSIDE = 0.10  # share of periods before the start: noise alone takes an area there now and then
REACH = 1e-9


def entry_checks(areas: Areas) -> tuple[Check, ...]:
    """What must hold before anything is fitted."""
    found = [_periods(areas), _donors(areas)]
    if areas.holes:
        note = (
            f"A treated area has no value in {areas.holes} of {len(areas.labels)} periods. Shorten the window with "
            "where, or fill in the data."
        )
        found.append(Check("gaps", "fail", float(areas.holes), 0.0, "block", note))
    elif areas.gappy:
        n, whole = len(areas.gappy), len(areas.names)
        note = f"{n} donors had a period or predictor without a value and were left out; {whole} were used."
        found.append(Check("gaps", "warn", float(n), 0.0, "downgrade" if n > whole else "none", note))
    return tuple(found)


def _periods(areas: Areas) -> Check:
    n = areas.start
    if n < FEWEST_BEFORE:
        note = f"{n} periods before the start; a path of fewer than {FEWEST_BEFORE} can be met by chance. Add some."
        return Check("periods before", "fail", float(n), FEWEST_BEFORE, "block", note)
    if n < FEW_BEFORE:
        note = f"Only {n} periods before the start: a good fit over so few says little."
        return Check("periods before", "warn", float(n), FEW_BEFORE, "downgrade", note)
    return Check("periods before", "pass", float(n), FEW_BEFORE, "none", f"{n} periods before the start.")


def _donors(areas: Areas) -> Check:
    n = len(areas.names)
    if n < FEWEST_DONORS:
        note = (
            f"{n} donors: at least {FEWEST_DONORS} are needed to tell an effect from chance. Widen the pool."
        )
        return Check("donors", "fail", float(n), FEWEST_DONORS, "block", note)
    return Check("donors", "pass", float(n), FEWEST_DONORS, "none", f"{n} donors in the pool.")


def fit_checks(areas: Areas, kind: Kind, study: Study, margin: float | None) -> tuple[Check, ...]:
    """The fit before the start, and the weights behind it."""
    own = study.own
    found = (
        _optimum(own),
        _gate(own, kind, margin),
        _exactly(own),
        _worse(study),
        _inside(areas, kind, own),
        _on_one(areas, own),
        _near(),
    )
    return tuple(check for check in found if check is not None)


def _optimum(own: Fit) -> Check:
    if own.residual <= EXACT:
        note = "The weights are the exact optimum: its conditions hold to rounding."
        return Check("optimum", "pass", own.residual, EXACT, "none", note)
    note = "The weights are not certified as the optimum. Give the outcome in another unit, or leave out odd donors."
    return Check("optimum", "fail", own.residual, EXACT, "block", note)


def _gate(own: Fit, kind: Kind, margin: float | None) -> Check:
    """R33: no claim where the pool misses the path before by more than the difference that matters."""
    of = {
        "classic": "gap before the start",
        "did": "gap before the start, around its mean",
        "augmented": "gap in a period before the start that was left out of the fit",
    }[kind]
    said = f"Root mean squared {of}: {own.before:.4g}"
    if margin is None:
        note = f"{said}. The plan names no difference that matters to hold it against."
        return Check("fit before", "warn", own.before, None, "downgrade", note)
    if own.before > margin:
        note = (
            f"{said}, more than the difference that matters ({margin:g}): no claim. Try another pool or kind."
        )
        return Check("fit before", "fail", own.before, margin, "block", note)
    if own.before > HALF * margin:
        note = f"{said}, more than half the difference that matters ({margin:g})."
        return Check("fit before", "warn", own.before, HALF * margin, "downgrade", note)
    return Check("fit before", "pass", own.before, HALF * margin, "none", f"{said}.")


def _exactly(own: Fit) -> Check | None:
    scale = float(np.abs(own.gaps).max())
    if own.unique and own.before > REACH * scale:
        return None
    note = (
        "Several sets of weights meet the path before the start equally well; the most even of them was taken. A fit "
        "that so many donors can give proves nothing: name fewer donors, or add earlier periods."
    )
    return Check("several fits", "warn", own.before, None, "downgrade", note)


def _worse(study: Study) -> Check | None:
    if study.error is None:
        return None
    worse = study.error.worse
    if not worse > MUCH_WORSE:
        note = "The treated area was fitted about as well as the donors, so that they can stand for it."
        return Check("fitted like donors", "pass", worse, MUCH_WORSE, "none", note)
    note = (
        f"The treated area was fitted {worse:.1f} times as badly as the donors: what chance does to them says less "
        "about it. The interval was widened for that."
    )
    return Check("fitted like donors", "warn", worse, MUCH_WORSE, "downgrade", note)


def _inside(areas: Areas, kind: Kind, own: Fit) -> Check:
    """Say whether a weighted mean of the donors can reach the treated area at all."""
    if kind == "augmented":
        beyond = float(-own.weights[own.weights < 0].sum())
        note = f"Negative weights add up to {beyond:.2f}: so far does the pool reach beyond what the donors show."
        result = ("warn", "downgrade") if beyond > HALF else ("pass", "none")
        return Check("within the donors", result[0], beyond, HALF, result[1], note)  # type: ignore[arg-type]
    target, donors = areas.target[: areas.start], areas.donors[:, : areas.start]
    if kind == "did":  # an intercept makes up for levels
        target, donors = target - target.mean(), donors - donors.mean(axis=1, keepdims=True)
    slack = REACH * float(np.abs(donors).max())
    outside = (target > donors.max(axis=0) + slack) | (target < donors.min(axis=0) - slack)
    share = float(outside.mean())
    if share <= FEW_OUTSIDE:
        note = f"In {100 * (1 - share):.0f} % of periods before the start the treated area lies between its donors."
        return Check("within the donors", "pass", share, FEW_OUTSIDE, "none", note)
    note = (
        f"In {100 * share:.0f} % of periods before the start the treated area lies beyond every donor: no weighted "
        "mean of them reaches it there."
    )
    return Check("within the donors", "warn", share, FEW_OUTSIDE, "downgrade", note)


def _on_one(areas: Areas, own: Fit) -> Check:
    heaviest = int(np.abs(own.weights).argmax())
    weight = float(own.weights[heaviest])
    name = areas.names[heaviest]
    if weight > MOST_ON_ONE:
        note = f"{name} carries {100 * weight:.0f} % of the weight: whatever else happened there is in the answer."
        return Check("largest weight", "warn", weight, MOST_ON_ONE, "downgrade", note)
    note = f"No donor carries more than half ({name}: {100 * weight:.0f} %)."
    return Check("largest weight", "pass", weight, MOST_ON_ONE, "none", note)


def _near() -> Check:
    note = (
        "Whether the programme also reached donors (near areas, shared staff) or they had one of their own cannot be "
        "seen in these data: leave such donors out with exclude_units."
    )
    return Check("spillover", "info", None, None, "none", note)


def placebo_checks(study: Study, alpha: float, *, excludes: bool) -> tuple[Check, ...]:
    """Placebos in space: how many areas where nothing began look as strange. ``excludes``: the interval excludes 0."""
    others, own = study.others, study.own
    if not others.fits:
        return ()
    ratio = rank_p(ratio_of(own), others.ratios)
    effect = rank_p(abs(own.effect), np.abs(others.effects))
    said = (
        f"Rank among {len(others.fits) + 1}: p = {ratio:.3f} by the ratio of gaps after to gaps before, {effect:.3f} "
        f"by size of effect; the smallest possible is {others.smallest_p:.3f}"
    )
    drawn = "" if others.all_of_them else " Sets of donors were drawn, not counted out."
    found = []
    if others.smallest_p > alpha:
        note = f"{said}: with so few donors a rank alone can never reach {alpha:g}.{drawn}"
        found.append(Check("placebo in space", "warn", ratio, alpha, "downgrade", note))
    elif excludes and ratio > alpha:
        note = f"{said}: areas where nothing began look as strange.{drawn}"
        found.append(Check("placebo in space", "warn", ratio, alpha, "downgrade", note))
    else:
        result = "pass" if ratio <= alpha else "info"
        found.append(Check("placebo in space", result, ratio, alpha, "none", f"{said}.{drawn}"))  # type: ignore[arg-type]
    return tuple(found)


def fake_p(fake: FakeStart) -> float | None:
    """p-value of the effect at the fake start."""
    error = fake.study.error
    if error is None or not (error.error > 0 and math.isfinite(error.error)):
        return None
    return two_sided_p(fake.study.own.effect, error.error, error.df, "t")


def time_check(fake: FakeStart | None, alpha: float) -> Check:
    """Placebo in time: an effect before anything began says that the pool does not track the area."""
    if fake is None:
        note = "Too few periods before the start to pretend that it began earlier."
        return Check("placebo in time", "info", None, None, "none", note)
    p, effect = fake_p(fake), fake.study.own.effect
    if p is None:
        note = "The donors' own effects at the fake start have no spread."
        return Check("placebo in time", "info", None, None, "none", note)
    said = f"Had it begun in {fake.label}, when nothing did, the effect would be {effect:.4g} (p = {p:.3f})"
    if p <= alpha:
        note = f"{said}: the pool does not track the area even without a programme."
        return Check("placebo in time", "fail", p, alpha, "downgrade", note)
    return Check("placebo in time", "pass", p, alpha, "none", f"{said}.")


def donor_check(left: tuple[LeftOut, ...], own: Fit) -> Check | None:
    """The range of effects when one donor is left out."""
    if not left:
        return None
    least, most = min(left, key=_effect), max(left, key=_effect)
    low, high = least.own.effect, most.own.effect
    turned = low * high < 0 or low * own.effect < 0
    said = (
        f"With one donor left out the effect lies between {low:.4g} (without {least.donor}) and {high:.4g} (without "
        f"{most.donor}); with all donors it is {own.effect:.4g}"
    )
    if turned:
        note = f"{said}: its sign hangs on a single donor."
        return Check("one donor out", "fail", low if abs(low) > abs(high) else high, None, "downgrade", note)
    return Check("one donor out", "pass", high - low, None, "none", f"{said}.")


def _effect(one: LeftOut) -> float:
    return one.own.effect
