"""Plans of the methods that R repeats, each with settings that take another way through its script."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from evaluation.replication.plan_for_file import toml_text
from tests.replication.made_up import NUMBER, STRATA, TEXT, UNIT

CONTINUOUS = {"measure": "y", "kind": "continuous"}
YES = {"measure": "b", "kind": "binary"}
COUNT = {"measure": "n", "kind": "count", "exposure": "e"}
TIME = {"measure": "ev", "kind": "time-to-event", "duration": "d"}
PEOPLE_Y = {"measure": "y%", "kind": "continuous"}


@dataclass(frozen=True)
class Case:
    """A plan: table, method, settings of the method, keys of the design, outcomes (the first is primary)."""

    name: str
    table: str
    method: str
    settings: dict[str, Any] = field(default_factory=dict)
    design: dict[str, Any] = field(default_factory=dict)
    outcomes: tuple[dict[str, Any], ...] = (CONTINUOUS,)
    where: str = ""
    units: str = "people"

    def text(self) -> str:
        """The plan as TOML."""
        whole: dict[str, Any] = {"plan": {"id": "case", "title": 'A title " with # and \\ in it'}}
        population = {"where": self.where} if self.where else {}
        whole["population"] = population | ({"units": "areas"} if self.units == "areas" else {})
        whole["design"] = {"method": self.method, "seed": 3} | self.design | {self.method: self.settings}
        ratio = self.outcomes[0].get("kind") in ("count", "time-to-event")
        whole["outcome"] = [
            {"better": "lower", "role": "primary" if place == 0 else "secondary"}
            | ({"minimum_important_difference": 0.8 if ratio else 0.5, "mid_source": "made up"} if place == 0 else {})
            | outcome
            for place, outcome in enumerate(self.outcomes)
        ]  # fmt: skip
        return toml_text(whole)

    def __repr__(self) -> str:
        """Name and settings, for the list of tests."""
        return f"{self.method}: {self.name}"


TRIAL = {"treatment": "trial", "unit": UNIT, "covariates": [NUMBER, TEXT], "strata": STRATA}
CHOSEN = {"treatment": "t", "unit": UNIT, "covariates": [NUMBER, TEXT, "e"]}
PANEL = {"treatment": "grp", "unit": "unit`s", "time": "ye ar"}
SERIES = {"unit": "u", "time": "m onth"}
BOTH = SERIES | {"treatment": "g"}
FIVE = (PEOPLE_Y, YES, COUNT, {"measure": "o", "kind": "ordinal", "effect": "difference"}, TIME)
FOUR = (PEOPLE_Y, YES, COUNT, TIME | {"competing": "comp", "horizon": 30})
LATE = (PEOPLE_Y, YES | {"effect": "odds-ratio"}, COUNT, TIME | {"entry": "ent"})
DID = "difference-in-differences"
ITS = "interrupted-time-series"
CRT = "cluster-randomised"
RD = "regression-discontinuity"
SCORE = {"running": "sco re", "cutoff": 50.0}
ROLLOUT = {"unit": "unit`s", "time": "ye ar"}
LATER = {"measure": "y2", "kind": "continuous"}
RATE = {"measure": "n", "kind": "count", "exposure": "ex"}
AREA_COUNT = {"measure": "n", "kind": "count", "exposure": "pop"}

SC = "synthetic-control"
AREAS = {"unit": "bor`ough", "time": "quar ter"}
ONE, TWO = (
    {"treated_unit": 'b "03"', "start": "2017-Q1"},
    {"treated_units": ['b "03"', 'b "08"'], "start": "2017-Q1"},
)
BA = "before-after"
STREETS = {"unit": "street", "time": "month"}
CHOICE = STREETS | {"treatment": "ch"}
STREET_COUNT = {"measure": "n", "kind": "count", "exposure": "km"}
DC = "day-crossover"
DAYS = {"unit": "spot", "time": "da y"}
LOT, ALL = DAYS | {"treatment": "lot"}, DAYS | {"treatment": "all"}
DAY_COUNT = {"measure": "n", "kind": "count", "exposure": "km"}
WDD = "displacement-difference"
ZONED = {"start": "9", "zone": "zo ne"}
PLAIN_COUNT = {"measure": "n", "kind": "count", "effect": "difference"}
DR = "doubly-robust"

CASES = [
    Case("strata, covariates, every kind of outcome", "people", "randomised", design=TRIAL, outcomes=FIVE,
         where="e > 25 and (three == 'A' or not o == 9)"),
    Case("two arms of three, clustered, a competing event", "people", "randomised", {},
         {"treatment": "three", "arm": "B", "comparison": "C", "cluster": "cl us", "covariates": [NUMBER]},
         FOUR, where="not missing(o) and three in [1, 0] and e in [1, 2] or e > 25"),
    Case("Lin", "people", "randomised", {"adjust": "lin", "errors": "HC3"}, TRIAL, (PEOPLE_Y, YES)),
    Case("not adjusted, classical, late entry", "people", "randomised",
         {"adjust": "none", "errors": "classical", "interval": "normal"}, TRIAL, LATE),
    Case("logistic difference, risk ratio", "people", "randomised", {"model": "logistic"}, TRIAL,
         (YES, YES | {"measure": "comp", "effect": "risk-ratio"})),
    Case("one to one within a caliper", "people", "matching", {}, CHOSEN, FOUR),
    Case("two to one, exact, smallest first", "people", "matching",
         {"ratio": 2, "caliper": 0.5, "order": "smallest"}, CHOSEN | {"exact": [STRATA]}, LATE),
    Case("with replacement, not adjusted", "people", "matching", {"replace": True, "ratio": 2, "adjust": "none"},
         CHOSEN, LATE),
    Case("closest first on the probability", "people", "matching",
         {"order": "closest", "distance": "probability", "caliper": 0.0}, CHOSEN, (PEOPLE_Y, YES)),
    Case("public data with many ties, closest first", "lalonde", "matching",
         {"order": "closest", "ratio": 2, "caliper": 0.1},
         {"treatment": "treat", "unit": "person_id",
          "covariates": ["age", "educ", "race", "married", "nodegree", "re74", "re75"]},
         ({"measure": "re78", "kind": "continuous"},)),
    Case("subclasses", "people", "matching", {"kind": "subclassification"}, CHOSEN, FOUR),
    Case("coarsened exact", "people", "matching", {"kind": "coarsened-exact", "cutpoints": {"e": [100, 200]}},
         CHOSEN | {"exact": ["three"], "covariates": ["e", TEXT]}, (PEOPLE_Y, YES)),
    Case("inverse probability, ATT", "people", "weighting", {}, CHOSEN, FOUR),
    Case("trimmed, ATE", "people", "weighting", {"trim": 0.2, "interval": "t"}, CHOSEN | {"estimand": "ATE"}, LATE),
    Case("overlap", "people", "weighting", {"kind": "overlap"}, CHOSEN | {"estimand": "ATO"}, FOUR),
    Case("entropy, clustered", "people", "weighting", {"kind": "entropy"},
         CHOSEN | {"estimand": "ATT", "cluster": "cl us"}, FOUR),
    Case("random intercept, Kenward and Roger", "clusters", CRT, {},
         {"treatment": "t", "cluster": "sch", "covariates": ["x", "c"], "strata": "str"}, (CONTINUOUS, YES, COUNT)),
    Case("ratios of everybody, CR2", "clusters", CRT, {"ratio_model": "marginal"},
         {"treatment": "t", "cluster": "sch", "covariates": ["x"]},
         (COUNT, YES | {"effect": "odds-ratio"})),
    Case("means of clusters", "clusters", CRT, {"model": "cluster-means"},
         {"treatment": "t", "cluster": "sch", "covariates": ["x"]}, (CONTINUOUS, YES | {"effect": "risk-ratio"})),
    Case("even panel, clustered above the units", "panel", DID, {"start": 2014}, PANEL | {"cluster": "cl"},
         units="areas"),
    Case("gaps and weights", "gaps", DID, {"start": 2014}, PANEL | {"weights": "w"}, units="areas"),
    Case("CR1", "gaps", DID, {"start": 2014, "errors": "CR1"}, PANEL, units="areas"),
    Case("covariates at the start", "panel", DID, {"start": 2014, "interval": "normal", "unbalanced": "complete"},
         PANEL | {"covariates": ["z"]}, units="areas"),
    Case("doubly robust", "panel", DID, {"start": 2014, "control": "doubly-robust"}, PANEL | {"covariates": ["z"]},
         units="areas"),
    Case("covariates that change", "panel", DID, {"start": 2014, "time_varying": ["tv"]},
         PANEL | {"covariates": ["tv"]}, units="areas"),
    Case("counts of a panel", "panel", DID, {"start": 2014}, PANEL, (RATE,), units="areas"),
    Case("different people each year", "gaps", DID, {"start": 2014},
         {"treatment": "grp", "time": "ye ar", "covariates": ["z"], "cluster": "cl"}, (CONTINUOUS,)),
    Case("counts of different people", "gaps", DID, {"start": 2014}, {"treatment": "grp", "time": "ye ar"}, (RATE,)),
    Case("cohorts' averages, never treated", "panel", "staggered-adoption", {"first_treated": "first"}, ROLLOUT,
         (LATER,), units="areas"),
    Case("simple, not yet treated, clustered, weighted", "panel", "staggered-adoption",
         {"first_treated": "first", "aggregate": "simple", "comparison": "not-yet"},
         ROLLOUT | {"cluster": "cl", "weights": "w"}, (LATER,), units="areas"),
    Case("by time since the start, anticipation, universal base", "panel", "staggered-adoption",
         {"first_treated": "first", "aggregate": "dynamic", "anticipation": 1, "base": "universal"}, ROLLOUT,
         (LATER,), units="areas"),
    Case("by calendar period, clustered", "panel", "staggered-adoption",
         {"first_treated": "first", "aggregate": "calendar", "comparison": "not-yet"}, ROLLOUT | {"cluster": "cl"},
         (LATER,), units="areas"),
    Case("robust, nearest neighbours", "cut-off", RD, SCORE, {}, (CONTINUOUS, YES)),
    Case("given widths, HC3, order two, a donut, covariates", "cut-off", RD,
         SCORE | {"bandwidth_left": 18.0, "bandwidth_right": 22.0, "bias_bandwidth": 25.0, "errors": "HC3", "order": 2,
                  "kernel": "epanechnikov", "donut": 0.3}, {"covariates": ["z"]}, (CONTINUOUS,)),
    Case("fuzzy, clustered, from below", "cut-off", RD, SCORE | {"treated_above": False, "fuzzy": "took"},
         {"cluster": "g"}, (CONTINUOUS,)),
    Case("plain regression, one slope", "cut-off", RD, SCORE | {"inference": "plain", "slopes": "same"}, {},
         (CONTINUOUS, YES)),
    Case("one series", "series", ITS, {"start": "2017-01"}, SERIES, units="areas"),
    Case("with a comparison, slope, dummies", "series", ITS,
         {"start": "2017-01", "errors": "plain", "target": "slope", "seasonality": "dummies"},
         BOTH | {"covariates": ["temp"]}, units="areas"),
    Case("counts with a comparison", "series", ITS, {"start": "2017-01"}, BOTH, (AREA_COUNT,), units="areas"),
    Case("an end, a washout, a break, a window left out", "series", ITS,
         {"start": "2017-01", "end": "2018-03", "washout": 2, "lags": 3, "exclude": [["2014-02", "2014-05"]],
          "breaks": ["2013-07"]}, SERIES, ({"measure": "n", "kind": "count"},), units="areas"),
    Case("a ramp, the model's errors", "series", ITS,
         {"start": "2017-01", "phase_in": 3, "shape": "level", "target": "level", "offset": "pop",
          "errors": "model"}, SERIES, ({"measure": "n", "kind": "count"},), units="areas"),
    Case("one area, its path and a predictor, ranks", "areas", SC,
         ONE | {"predictors": ["po or"], "exclude_units": ['b "08"']}, AREAS, units="areas"),
    Case("two areas, every pair of donors", "areas", SC, TWO, AREAS,
         (CONTINUOUS, {"measure": "n", "kind": "continuous"}), units="areas"),
    Case("synthetic difference-in-differences", "areas", SC, ONE | {"kind": "did"}, AREAS, units="areas"),
    Case("its jackknife", "areas", SC, TWO | {"kind": "did", "inference": "jackknife"}, AREAS, units="areas"),
    Case("moved by a ridge, a chosen pool", "areas", SC,
         ONE | {"kind": "augmented", "donors": [f'b "{k:02d}"' for k in (0, 1, 2, 4, 5, 6, 7, 9, 10)]}, AREAS,
         units="areas"),
    Case("conformal", "areas", SC, ONE | {"inference": "conformal"}, AREAS, units="areas"),
    Case("conformal and a ridge", "areas", SC, ONE | {"inference": "conformal", "kind": "augmented"}, AREAS,
         units="areas"),
    Case("the worst of all, counts and scores", "streets", BA,
         {"start": "9", "chosen_on": ["1", "2", "3", "4", "5", "6"]}, CHOICE, (STREET_COUNT, CONTINUOUS),
         units="areas"),
    Case("at or above a threshold, a retest from elsewhere", "streets", BA,
         {"start": "9", "chosen_by": "threshold", "threshold": 53, "chosen_on": ["3"], "retest": 0.5}, STREETS,
         (CONTINUOUS,), units="areas"),
    Case("published figures", "streets", BA,
         {"start": "9", "retest": 0.4, "population_mean": 50, "population_sd": 5}, STREETS, (CONTINUOUS,),
         units="areas"),
    Case("places that differ by chance alone", "alike", BA, {"start": "4"}, CHOICE,
         ({"measure": "n", "kind": "count"},), units="areas"),
    Case("chosen for something else", "streets", BA, {"start": "9", "chosen_by": "other"}, STREETS,
         (STREET_COUNT, CONTINUOUS), units="areas"),
    Case("everybody chosen, on some periods", "streets", BA, {"start": "9", "chosen_on": ["1", "2"]}, STREETS,
         ({"measure": "n", "kind": "count", "effect": "difference"}, CONTINUOUS), units="areas"),
    Case("one series", "streets", BA, {"start": "9", "chosen_by": "other"}, STREETS, (CONTINUOUS,),
         where="street == 's03'", units="areas"),
    Case("drawn by lot in weeks of places, a day washed out", "days", DC,
         {"allocation": "random", "block": "we ek", "washout": 1, "draws": 499}, LOT, (DAY_COUNT, CONTINUOUS),
         units="areas"),
    Case("drawn by lot for all places together", "days", DC, {"allocation": "random", "draws": 499, "block": "w"}, ALL,
         (CONTINUOUS,), units="areas"),
    Case("Newey and West, two days in the model", "days", DC, {"washout": 2, "washout_rule": "model"}, LOT,
         (DAY_COUNT, CONTINUOUS), units="areas"),
    Case("by place, no weekdays", "days", DC, {"errors": "place", "weekday": False}, LOT, (DAY_COUNT,), units="areas"),
    Case("by day", "days", DC, {"errors": "day", "washout": 1}, LOT, (CONTINUOUS,), units="areas"),
    Case("four zones of streets of any length", "whole streets", WDD, ZONED, STREETS,
         (PLAIN_COUNT | {"exposure": "km"},), units="areas"),
    Case("two zones, rates, Poisson's errors", "whole streets", WDD, ZONED | {"scale": "rates", "errors": "poisson"},
         STREETS, (PLAIN_COUNT | {"exposure": "km"},), where="harm < 9 and not street == 's03'", units="areas"),
    Case("harm of two kinds of offence", "kinds", WDD,
         ZONED | {"category": "kind", "harm": {"theft": 2.5, "assault": 60}}, STREETS,
         (PLAIN_COUNT,), where="km > 0.6", units="areas"),
    Case("harm as a column", "whole streets", WDD, ZONED | {"harm_weights": "harm"}, STREETS, (PLAIN_COUNT,),
         units="areas"),
    Case("cross-fitted AIPW, every kind of outcome", "people", DR, {"folds": 3, "repeats": 3}, CHOSEN,
         (PEOPLE_Y, YES, COUNT, YES | {"measure": "comp", "effect": "odds-ratio"})),
    Case("of the treated, whole clusters, trimmed", "people", DR, {"trim": 0.2, "folds": 2, "repeats": 2},
         CHOSEN | {"estimand": "ATT", "cluster": "cl us", "covariates": [NUMBER]},
         (PEOPLE_Y, YES | {"effect": "risk-ratio"})),
    Case("TMLE, not cross-fitted", "people", DR, {"estimator": "tmle", "folds": 1, "interval": "t"},
         CHOSEN | {"estimand": "ATE"}, (PEOPLE_Y, YES)),
    Case("trees", "people", DR, {"learner": "gradient-boosting", "folds": 2, "repeats": 1, "clip": 0.1}, CHOSEN,
         (PEOPLE_Y, COUNT)),
]  # fmt: skip
