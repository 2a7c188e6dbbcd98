"""What a user would write instead of a project: ``python path_peer.py FOLDER REPORT.html``. Nothing is kept."""

from __future__ import annotations

import json
import sys
from pathlib import Path


def main() -> None:
    """Read, merge, fit, write a table."""
    import pandas as pd
    import statsmodels
    import statsmodels.api as sm

    folder = Path(sys.argv[1])
    people = pd.read_csv(folder / "people.csv", dtype={"nhs": str})
    start, born = (pd.to_datetime(people[name], format="%d/%m/%Y") for name in ("start", "born"))
    before = (start.dt.month * 100 + start.dt.day) < (born.dt.month * 100 + born.dt.day)
    people["age"] = start.dt.year - born.dt.year - before.astype(int)
    obs = pd.read_csv(folder / "obs.csv", dtype={"nhs": str})
    first = obs.loc[obs["wave"] == 0, ["nhs", "m1", "m2"]]
    later = obs.loc[obs["wave"] == 3, ["nhs", "m1"]].rename(columns={"m1": "y"})
    frame = people.merge(first, on="nhs").merge(later, on="nhs")
    design = sm.add_constant(frame[["aid", "age", "m1", "m2"]].astype(float))
    fit = sm.OLS(frame["y"], design).fit(cov_type="HC2")
    Path(sys.argv[2]).write_text(fit.summary().as_html(), encoding="utf-8")
    found = {"value": float(fit.params["aid"]), "std_error": float(fit.bse["aid"])}
    version = f"pandas {pd.__version__}, statsmodels {statsmodels.__version__}"
    print(json.dumps({"found": found, "version": version}))


if __name__ == "__main__":
    main()
