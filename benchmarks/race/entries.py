"""Who races whom, at which sizes. Lifecourse is the first of each race."""

from __future__ import annotations

from benchmarks.race.contest import Contender, Race

TEN_K, HUNDRED_K, MILLION, TEN_M = 10_000, 100_000, 1_000_000, 10_000_000
ALL = (TEN_K, HUNDRED_K, MILLION, TEN_M)

STORE = (
    Race(
        "load", "Loading CSV files into the store", "observations", ALL, "stores:make",
        (
            Contender("Lifecourse", "ours", "stores:load_sqlite", "into the embedded file: two commands"),
            Contender("Lifecourse on PostgreSQL", "ours", "stores:load_postgresql",
                      "into a server; processor time of both, memory of the command"),
            Contender("pandas to_sql", "ours", "stores:load_pandas", "on Python's own connection", MILLION),
            Contender("pandas to_sql, engine", "ours", "stores:load_pandas_engine",
                      "through SQLAlchemy, as its manual has it", HUNDRED_K),
            Contender("SQLModel rows", "ours", "stores:load_objects", "an object a row", HUNDRED_K),
        ),
        data="observations",
    ),
    Race(
        "extract", "A wide frame out of the store", "observations", ALL, "stores:make",
        (
            Contender("Lifecourse", "ours", "stores:extract_sqlite", "the function evaluations use"),
            Contender("Lifecourse on PostgreSQL", "ours", "stores:extract_postgresql",
                      "processor time of both, memory of the reader"),
            Contender("Polars on Parquet", "ours", "stores:extract_parquet", "sorted files, nothing kept safe"),
            Contender("pandas, pivot", "ours", "stores:extract_pandas", "read everything and pivot", MILLION),
            Contender("SQLModel objects", "ours", "stores:extract_objects", "laid out in a loop", HUNDRED_K),
        ),
        data="observations",
    ),
    Race(
        "path", "The whole path from CSV to report", "observations", ALL, "stores:make",
        (
            Contender("Lifecourse", "ours", "whole_path:ours",
                      "init, key, cohort, two loads, lock, run, report: each a command that starts anew"),
            Contender("pandas and statsmodels", "ours", "whole_path:script",
                      "a script: merge, OLS with HC2 errors, table as HTML; keeps and checks nothing"),
        ),
        data="observations",
    ),
)  # fmt: skip

PANELS = (
    Race(
        "staggered", "Staggered adoption", "rows of a panel of ten periods", ALL, "staggered:make",
        (
            Contender("Lifecourse", "ours", "staggered:arrays",
                      "all effects, errors, four averages, a band, the two-way decomposition"),
            Contender("Lifecourse, whole result", "ours", "staggered:method",
                      "the simple average with sensitivities, tables and figures"),
            Contender("diff-diff", "panels", "staggered_peer:diff_diff",
                      "all effects and errors; three averages, no band"),
            Contender("csdid", "panels", "staggered_peer:csdid", "all effects and errors, four averages",
                      MILLION),
        ),
    ),
    Race(
        "two-way", "Two-way fixed effects, a common start", "rows of a panel of ten periods", ALL, "did:make",
        (
            Contender("Lifecourse", "ours", "did:arrays", "the effect and its error by unit"),
            Contender("Lifecourse, whole result", "ours", "did:method",
                      "with path, band, tests, bounds, figures"),
            Contender("pyfixest", "panels", "did_peer:pyfixest", "feols, errors by unit"),
            Contender("statsmodels", "baseline", "did_peer:statsmodels",
                      "two pandas demeanings and OLS; its error uses another factor"),
            Contender("linearmodels", "panels", "did_peer:linearmodels",
                      "PanelOLS; its error uses another factor", MILLION),
        ),
    ),
    Race(
        "two-way-gaps", "Two-way fixed effects, a row in twenty gone", "rows of a panel of ten periods", ALL,
        "did:make_with_gaps",
        (
            Contender("Lifecourse", "ours", "did:arrays", "the effect and its error by unit"),
            Contender("pyfixest", "panels", "did_peer:pyfixest", "feols, errors by unit"),
        ),
    ),
    Race(
        "series", "Interrupted time series, many at once", "months of series of 120", (12_000, 120_000, 1_200_000),
        "series:make",
        (
            Contender("Lifecourse", "ours", "series:plain", "Newey–West as statsmodels gives it"),
            Contender("statsmodels, a loop", "baseline", "series_peer:least_squares", "OLS with HAC errors",
                      120_000),
        ),
    ),
    Race(
        "series-corrected", "The same, errors corrected for short series", "months of series of 120",
        (12_000, 120_000, 1_200_000), "series:make",
        (Contender("Lifecourse", "ours", "series:corrected", "what plans use by default"),),
        data="series",
    ),
    Race(
        "series-counts", "Interrupted time series of counts, many at once", "months of series of 120",
        (12_000, 120_000, 1_200_000), "series:make",
        (
            Contender("Lifecourse", "ours", "series:plain_counts", "Newey–West as statsmodels gives it"),
            Contender("statsmodels, a loop", "baseline", "series_peer:poisson", "Poisson with HAC errors",
                      120_000),
        ),
        data="series",
    ),
    Race(
        "synthetic", "Synthetic DiD with placebos", "units times periods", (1_000, 10_000, 30_000),
        "synthetic:make",
        (
            Contender("Lifecourse", "ours", "synthetic:arrays", "the estimate and every donor as placebo"),
            Contender("diff-diff", "panels", "synthetic_peer:diff_diff", "200 drawn placebos", 0, 0.1),
        ),
    ),
)  # fmt: skip

PEOPLE = (
    Race(
        "matching", "Matching, the score included", "people", ALL, "matching:make",
        (
            Contender("Lifecourse", "ours", "matching:arrays", "score, caliper, pairs without replacement"),
            Contender("scikit-learn, score alone", "baseline", "matching_peer:score_alone",
                      "the logistic regression and nothing after it"),
            Contender("scikit-learn, neighbours", "baseline", "matching_peer:neighbours",
                      "score and kd-tree; the same neighbour may serve again"),
            Contender("Matching", "R", "matching_matching_peer.R",
                      "without replacement, in the order of the file", TEN_K),
            Contender("MatchIt", "R", "matching_matchit_peer.R",
                      "Debian's 4.5.1 is known to ignore calipers and to miss nearest neighbours", HUNDRED_K),
        ),
        shows=("pairs", "their_pairs"),
    ),
    Race(
        "cox", "Cox regression", "people", ALL, "cox:make",
        (
            Contender("Lifecourse", "ours", "cox:arrays",
                      "coefficients, model and robust errors, test of proportionality"),
            Contender("survival", "R", "cox_survival_peer.R",
                      "coefficients, model errors, test of proportionality", MILLION, 1e-5),
            Contender("lifelines", "people", "cox_peer:lifelines", "coefficients, model errors", HUNDRED_K, 1e-3),
            Contender("statsmodels", "baseline", "cox_peer:statsmodels", "coefficients, model errors", HUNDRED_K,
                      1e-5),
        ),
    ),
    Race(
        "mixed", "A random intercept by REML", "pupils, about a hundred in a school", ALL, "mixed:make",
        (
            Contender("Lifecourse", "ours", "mixed:arrays",
                      "with Kenward–Roger's and Satterthwaite's degrees of freedom"),
            Contender("lme4", "R", "mixed_lme4_peer.R", "without degrees of freedom", MILLION, 2e-3),
            Contender("mixedlm", "mixed", "mixed_peer:mixedlm", "without degrees of freedom", MILLION, 2e-3),
            Contender("statsmodels", "baseline", "mixed_peer:statsmodels",
                      "MixedLM, without degrees of freedom", HUNDRED_K, 2e-3),
        ),
    ),
    Race(
        "aipw", "Cross-fitted AIPW, five folds", "people", ALL, "aipw:make",
        (
            Contender("Lifecourse", "ours", "aipw:arrays", "linear and logistic learners"),
            Contender("DoubleML", "people", "aipw_peer:doubleml", "the same learners, other folds", MILLION, 0.25),
        ),
    ),
    Race(
        "discontinuity", "Regression discontinuity, bandwidths chosen", "people", ALL, "discontinuity:make",
        (
            Contender("Lifecourse", "ours", "discontinuity:arrays", "a score no two people share"),
            Contender("rdrobust", "cutoffs", "discontinuity_peer:rdrobust", "the same", HUNDRED_K, 1e-2),
        ),
    ),
    Race(
        "discontinuity-rounded", "The same, a score in hundredths", "people", ALL, "discontinuity:make_rounded",
        (
            Contender("Lifecourse", "ours", "discontinuity:arrays", "many people share a score"),
            Contender("rdrobust", "cutoffs", "discontinuity_peer:rdrobust", "the same", HUNDRED_K, 1e-2),
        ),
    ),
    Race(
        "linkage", "Linking two sources without a shared id", "people, three quarters of them in each source",
        (TEN_K, HUNDRED_K, MILLION), "linkage:make",
        (
            Contender("Lifecourse", "ours", "linkage:hybrid", "match keys, then Splink on the rest"),
            Contender("Splink", "ours", "linkage:splink",
                      "everybody; trained in the run, best threshold in hindsight"),
            Contender("match keys", "ours", "linkage:keys", "alone"),
        ),
        shows=("precision", "recall", "f1"), compares=False,
    ),
)  # fmt: skip

RACES = (*STORE, *PANELS, *PEOPLE)
