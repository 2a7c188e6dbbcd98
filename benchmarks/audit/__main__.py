"""``python -m benchmarks.audit run | table | check | faults | bill FILE``: what the program rests on."""

from __future__ import annotations

import argparse
import datetime as dt
import importlib.metadata
import json
import platform
from dataclasses import asdict
from pathlib import Path

from benchmarks.audit.bill import bill
from benchmarks.audit.commands_watched import watch
from benchmarks.audit.distributions import NEEDED, packages, unproven
from benchmarks.audit.page import page
from benchmarks.audit.vulnerabilities import ask

RESULTS = Path(__file__).parent / "results.json"
PAGE = Path(__file__).parents[2] / "docs" / "reference" / "dependencies.md"


def run(out: Path) -> None:
    """Look at everything and keep it."""
    found = {
        "date": dt.datetime.now(dt.UTC).date().isoformat(),
        "python": platform.python_version(),
        "packages": [asdict(one) for one in packages()],
        "commands": [asdict(one) for one in watch()],
        "vulnerabilities": asdict(ask()),
    }
    out.write_text(json.dumps(found, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def faults_of_pins() -> list[str]:
    """What is not as it should be among what is pinned and installed; quick."""
    found = [f"{name}: not in requirements.hashed.lock as it is in requirements.lock" for name in unproven()]
    for one in packages(whole=False):
        if not one.is_as_pinned:
            found.append(f"{one.name} is {one.installed}, pinned is {one.pinned}")
        if one.installed and one.part in NEEDED and one.kind not in ("permissive", "weak copyleft"):
            found.append(f"{one.name}: licence {one.licence or 'not known'}, {one.kind}")
    return found


def known_faults() -> int:
    """Say what is known against the pinned versions; 0 where nothing is, or where nobody could be asked."""
    answer = ask()
    if not answer.checked:
        print(f"SKIPPED, not passed: known faults were not asked about, because {answer.said}.")
        return 0
    print(answer.said)
    print("\n".join(answer.found) or "None is known.")
    return 1 if answer.found else 0


def main() -> int:
    """Do one of them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("verb", choices=("run", "table", "check", "faults", "bill"))
    parser.add_argument("file", nargs="?", type=Path, default=None)
    words = parser.parse_args()
    if words.verb == "run":
        run(words.file or RESULTS)
    elif words.verb == "table":
        PAGE.write_text(page(json.loads(RESULTS.read_text(encoding="utf-8"))), encoding="utf-8")
        print(f"Wrote docs/reference/{PAGE.name}")
    elif words.verb == "check":
        found = faults_of_pins()
        print("\n".join(found) or "Everything is as pinned, and every licence fits.")
        return 1 if found else 0
    elif words.verb == "faults":
        return known_faults()
    else:
        text = bill(packages(whole=False), importlib.metadata.version("lifecourse"))
        (words.file or Path("bill-of-materials.json")).write_text(text, encoding="utf-8")
        print(f"Wrote {(words.file or Path('bill-of-materials.json')).name}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
