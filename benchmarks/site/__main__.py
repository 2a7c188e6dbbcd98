"""Build and check a site of fifty made-up evaluations: ``python -m benchmarks.site [HOW MANY]``.

The limit is thirty seconds. On two shared cores (2026-11-23): 310 files, 5.3 MB; build 2.9 s of processor time, check
3.4 s. The check finds one sample whose made-up sentence says more than its made-up verdict, each time it comes: three
times in fifty.
"""

from __future__ import annotations

import argparse
import json
import time
from dataclasses import replace

from evaluation.claims.language import built_in
from evaluation.register.states import build_register
from evaluation.saved.model import Whole
from evaluation.site.building import LIST
from evaluation.site.checking import check_site
from evaluation.site.model import Held
from tests.evaluation.panel_samples import PANEL_SAMPLES
from tests.evaluation.report_samples import SAMPLES
from tests.evaluation.site.site_samples import PROFILE, TODAY, files, held, planned, results, run


def project_of(count: int) -> Held:
    """A made-up project with so many evaluations, of every kind of report."""
    both = {**SAMPLES, **PANEL_SAMPLES}
    names = list(both)
    made = results({f"{names[i % len(names)]}-{i}": both[names[i % len(names)]] for i in range(count)})
    plans = [planned(name, 1 + i % 28) for i, name in enumerate(made)]
    runs = [run(i + 1, name, one, 1 + i % 28) for i, (name, one) in enumerate(made.items())]
    wholes = {one.evaluation: Whole(one, PROFILE, "", practice=True) for one in made.values()}
    register = build_register(plans, runs, [], {}, TODAY.isoformat())
    return replace(held(), register=register, wholes=wholes, once_locked=())


def main() -> None:
    """Print what it took."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("count", nargs="?", type=int, default=50, help="how many evaluations")
    count: int = parser.parse_args().count
    project = project_of(count)
    began = time.process_time()
    site = files(project)
    built = time.process_time()
    faults = check_site(site, json.loads(site[LIST])["files"], built_in())
    checked = time.process_time()
    size = sum(map(len, site.values())) / 1e6
    print(f"{count} evaluations, {len(site)} files, {size:.1f} MB")
    print(
        f"build {built - began:.1f} s, check {checked - built:.1f} s of processor time, {len(faults)} faults"
    )


if __name__ == "__main__":
    main()
