"""What a plan says of a synthetic control: the areas, the start, the kind, how it is inferred (pure)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, cast

from evaluation.methods.nothing import refuse_unused
from evaluation.panels.keys import read_period
from evaluation.plan import Design, PlannedOutcome
from evaluation.synthetic.fits import Kind
from workspace.toml_source import Section

Inference = Literal["placebo", "conformal", "jackknife"]
KINDS: tuple[Kind, ...] = ("classic", "did", "augmented")
INFERENCES: tuple[Inference, ...] = ("placebo", "conformal", "jackknife")
KIND_WORDS: dict[Kind, str] = {
    "classic": "classic: donors' weights are at least 0 and add up to 1, and bring the path before the start nearest",
    "did": "synthetic difference-in-differences: weights of donors (with a ridge) and of periods, both with intercepts",
    "augmented": "ridge-augmented: classic weights, moved by a ridge regression towards what they left unfitted",
}
INFERENCE_WORDS: dict[Inference, str] = {
    "placebo": "spread of the effects found for every donor in turn, t distribution; wider where the treated area was "
    "fitted worse than the donors",
    "conformal": "conformal: residuals of all periods after the effect is taken off, shifted as moving blocks",
    "jackknife": "jackknife over areas, weights kept",
}


@dataclass(frozen=True, slots=True)
class SyntheticSettings:
    """Who was treated, from when, and who may stand for them.

    ``start`` is the first period with the programme. ``donors``: only these; none named means all others;
    ``exclude_units``: none of these. ``predictors``: columns matched beside the outcome's path.
    """

    treated_units: tuple[str, ...] = ()
    start: str = ""
    kind: Kind = "classic"
    inference: Inference = "placebo"
    predictors: tuple[str, ...] = ()
    donors: tuple[str, ...] = ()
    exclude_units: tuple[str, ...] = ()

    @property
    def treated_unit(self) -> str:
        """The treated area, where there is one."""
        return self.treated_units[0] if len(self.treated_units) == 1 else ""

    @property
    def columns(self) -> tuple[str, ...]:
        """Columns the panel brings along; they may have gaps, as only their means before the start are used."""
        return self.predictors


def read_settings(section: Section | None) -> SyntheticSettings:
    """Read [design.synthetic-control]."""
    if section is None:
        return SyntheticSettings()
    one, several = section.text("treated_unit"), section.texts("treated_units")
    if one and several:
        section.fault(
            "LC406", "treated_unit", "'treated_unit' and 'treated_units' are both named", "Keep one."
        )
    settings = SyntheticSettings(
        treated_units=tuple(sorted({one} if one else set(several))),
        start=read_period(section, "start", required=True),
        kind=cast(Kind, section.text("kind", "classic", one_of=KINDS)),
        inference=cast(Inference, section.text("inference", "placebo", one_of=INFERENCES)),
        predictors=section.texts("predictors"),
        donors=tuple(sorted(set(section.texts("donors")))),
        exclude_units=tuple(sorted(set(section.texts("exclude_units")))),
    )
    if not settings.treated_units:
        hint = 'Add treated_unit = "…", as the unit column writes it.'
        section.fault("LC402", "", f"{section.title} has no 'treated_unit'", hint)
    _together(settings, section)
    section.finish()
    return settings


def _together(settings: SyntheticSettings, section: Section) -> None:
    """What does not go together."""
    treated = set(settings.treated_units)
    rules = [
        (bool(settings.predictors) and settings.kind != "classic", "predictors",
         f"'predictors' go with the classic kind, not with '{settings.kind}'", "Remove them."),
        (settings.inference == "jackknife" and (settings.kind != "did" or len(treated) < 2), "inference",
         "the jackknife needs kind 'did' and more than one treated unit", 'Write inference = "placebo".'),
        (bool(treated & set(settings.donors)), "donors", "a treated unit is among the donors", "Take it out."),
        (bool(treated & set(settings.exclude_units)), "exclude_units", "a treated unit is left out", "Take it out."),
        (bool(set(settings.donors) & set(settings.exclude_units)), "exclude_units",
         "a unit is among the donors and left out", "Name it once."),
    ]  # fmt: skip
    for wrong, key, said, hint in rules:
        if wrong:
            section.fault("LC406", key, said, hint)


def check_design(design: Design, section: Section) -> None:
    """Keys of [design] this method needs or cannot use."""
    if design.settings is not None and not section.has("synthetic-control"):
        section.fault(
            "LC402",
            "",
            "synthetic-control needs [design.synthetic-control]",
            "Say treated_unit and start in it.",
        )
    if not design.unit:
        section.fault("LC402", "", "synthetic-control needs 'unit': the column of areas", 'Add unit = "…".')
    elsewhere = "Name it under predictors in [design.synthetic-control]."
    refuse_unused(
        design,
        section,
        "synthetic-control",
        ("treatment", "covariates", "exact", "strata", "cluster", "weights", "arm", "comparison"),
        treatment="Remove it: treated_unit and start say who was treated, and when.",
        covariates=elsewhere,
        exact=elsewhere,
        cluster="Remove it: each unit is compared as a whole.",
        weights="Remove it: the weights of donors are found from the data.",
    )


def describe(settings: SyntheticSettings, design: Design) -> tuple[tuple[str, str], ...]:
    """The settings in words, for the report."""
    pool = ", ".join(settings.donors) if settings.donors else "all other units"
    if settings.exclude_units:
        pool += f"; not {', '.join(settings.exclude_units)}"
    matched = "the outcome in every period before the start"
    if settings.predictors:
        matched += (
            f", and {', '.join(settings.predictors)} (means before the start); each in standard deviations"
        )
    return (
        ("Treated", f"{', '.join(settings.treated_units)}, from {settings.start}"),
        ("Kind", KIND_WORDS[settings.kind]),
        ("Donors", pool),
        ("Matched on", matched),
        ("Interval", INFERENCE_WORDS[settings.inference]),
    )


def check_outcome(design: Design, outcome: PlannedOutcome) -> str:
    """What is wrong with an outcome for this method, or nothing."""
    if outcome.effect != "difference":
        return 'synthetic-control compares differences: write effect = "difference"'
    return (
        "'baseline' is not used by synthetic-control: the whole path before the start is matched"
        if (outcome.baseline)
        else ""
    )
