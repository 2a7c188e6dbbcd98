"""Make the practice project's partner files from the public data: attach made-up people to real outcomes.

Run from the repository: ``python -m tests.demo.make_demo_files``. A test makes them again and compares.
Identifiers are made up and lie where no real one does as far as a format allows: NHS numbers in the 999
range (never issued), UPNs under local authority 999 (does not exist), PNC IDs of serials above 9,000,000,
prison numbers beginning with Z. Names are nonsense syllables; dates are drawn at random.
"""

from __future__ import annotations

import csv
import datetime as dt
import random
from collections.abc import Iterable, Sequence
from io import StringIO
from pathlib import Path

from cohorts.errors import CohortError
from cohorts.identifiers import nhs_number, pnc_id, upn

ROOT = Path(__file__).parents[2]
DATA = ROOT / "tests" / "reference" / "data"
INBOX = ROOT / "workspace" / "demo" / "inbox"
STRANGERS = 40
DOUBLED = 12


def rows_of(name: str) -> list[dict[str, str]]:
    """A bundled public data set."""
    with (DATA / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return [
            {key: "" if value == "NA" else value for key, value in row.items()}
            for row in csv.DictReader(file)
        ]


def csv_bytes(headings: Sequence[str], rows: Iterable[Sequence[object]], encoding: str) -> bytes:
    """A CSV file as partners send it, with Windows line ends."""
    buffer = StringIO(newline="")
    writer = csv.writer(buffer, lineterminator="\r\n")
    writer.writerow(headings)
    writer.writerows(rows)
    return buffer.getvalue().encode(encoding)


def surname(rng: random.Random) -> str:
    """A name nobody has."""
    parts = ["brax", "quil", "zorv", "wexl", "trosk", "vlim", "jund", "prael", "xant", "skev"]
    ends = ["ovéd", "intök", "areñz", "umbwix", "elzod"]
    return (rng.choice(parts) + rng.choice(parts) + rng.choice(ends)).capitalize()


def pairs(prefix: str, n: int, rng: random.Random) -> list[str]:
    """Prison numbers: Z, four digits, two letters."""
    letters = "ABCDEFGHJKLMNPRTUVWXY"
    found: dict[str, None] = {}
    while len(found) < n:
        found[f"{prefix}{rng.randrange(1, 10000):04d}{rng.choice(letters)}{rng.choice(letters)}"] = None
    return list(found)


def birthday(age: int, on: dt.date, rng: random.Random) -> dt.date:
    """A birth date that makes a person ``age`` years old on a day."""
    latest = on.replace(year=on.year - age)
    return latest - dt.timedelta(days=rng.randrange(0, 364))


def prison_files() -> dict[str, bytes]:
    """Releases with prison number and PNC ID; arrests under the PNC ID alone, strangers among them."""
    rng = random.Random(20260301)
    people = rows_of("rossi_survival")
    prison = pairs("Z", len(people), rng)
    serials = rng.sample(range(9_000_000, 9_999_999), len(people) + STRANGERS)
    pnc = [pnc_id(1990 + serial % 30, serial) for serial in serials]
    releases: list[list[object]] = []
    arrests: list[list[object]] = []
    for row, number, police in zip(people, prison, pnc, strict=False):
        out = dt.date(2021, 9, 1) + dt.timedelta(days=rng.randrange(0, 360))
        born = birthday(int(row["age"]), out, rng)
        releases.append(
            [number, police, surname(rng), f"{born:%d/%m/%Y}", f"{out:%d/%m/%Y}", row["fin"], row["race"],
             row["wexp"], row["mar"], row["paro"], row["prio"]]
        )  # fmt: skip
        arrests.append([police, "Y" if row["arrest"] == "1" else "N", row["week"]])
    arrests.extend([police, rng.choice("YN"), rng.randrange(1, 53)] for police in pnc[len(people) :])
    arrests += arrests[:DOUBLED]
    rng.shuffle(arrests)
    return {
        "prison-releases.csv": csv_bytes(
            [
                "Prison number",
                "PNC ID",
                "Surname",
                "Date of birth",
                "Release date",
                "Financial aid",
                "Ethnic group",
                "Work experience",
                "Marital status",
                "Parole",
                "Prior convictions",
            ],
            releases,
            "cp1252",
        ),
        "police-arrests.csv": csv_bytes(
            ["pnc_id", "arrested_within_52_weeks", "weeks_to_first_arrest_or_52"], arrests, "utf-8"
        ),
    }


def school_files() -> dict[str, bytes]:
    """A census and a file of tests, joined by the pupil number; some pupils sat no test."""
    rng = random.Random(20260302)
    pupils = rows_of("star_kindergarten")
    serials = rng.sample(range(100_000_000, 999_999_999), len(pupils))
    start = dt.date(2020, 9, 1)
    census: list[list[object]] = []
    tests: list[list[object]] = []
    for row, serial in zip(pupils, serials, strict=True):
        number = upn(f"999{serial}")
        born = birthday(5, start, rng)
        kind = {"regular+aide": "regular with aide"}.get(row["stark"], row["stark"])
        census.append(
            [
                number,
                f"{born:%d/%m/%Y}",
                f"{start:%d/%m/%Y}",
                kind,
                f"School {row['schoolidk']}",
                row["lunchk"] or "N/K",
                row["gender"],
            ]
        )
        if row["readk"] and row["mathk"]:
            tests.append([number, int(row["readk"]) + int(row["mathk"])])
    rng.shuffle(tests)
    return {
        "school-census.csv": csv_bytes(
            ["UPN", "Date of birth", "Start of year", "Class type", "School", "Free meals", "Gender"],
            census,
            "utf-8-sig",
        ),
        "school-tests.csv": csv_bytes(["UPN", "Reading and maths total"], tests, "utf-8"),
    }


def early_years_files(folder: Path) -> None:
    """An Excel list of children and a file of visits, one row a visit."""
    import xlsxwriter

    rng = random.Random(20260303)
    rows = rows_of("early_childhood_growth")
    children = list(dict.fromkeys(row["id"] for row in rows))
    arm = {row["id"]: row["trt"] for row in rows}
    numbers: dict[str, str] = {}
    while len(numbers) < len(children):
        body = f"999{rng.randrange(1_000_000):06d}"
        try:
            numbers.setdefault(nhs_number(body), "")
        except CohortError:  # no check digit exists for this body
            continue
    number_of = dict(zip(children, numbers, strict=True))
    book = xlsxwriter.Workbook(str(folder / "health-visits.xlsx"))
    book.set_properties({"created": dt.datetime(2024, 1, 1)})
    sheet = book.add_worksheet("Children")
    dates = book.add_format({"num_format": "yyyy-mm-dd"})
    sheet.write_row(0, 0, ["NHS number", "Date of birth", "Programme"])
    for i, child in enumerate(children, start=1):
        sheet.write_string(i, 0, number_of[child])
        sheet.write_datetime(i, 1, dt.datetime(2021, 1, 1) + dt.timedelta(days=rng.randrange(0, 365)), dates)
        sheet.write_string(i, 2, arm[child])
    sheet.set_column(0, 2, 16)
    book.close()
    visits = [[number_of[row["id"]], row["age"], row["cog"]] for row in rows]
    (folder / "assessments.csv").write_bytes(
        csv_bytes(["NHS number", "Age at visit", "Score"], visits, "utf-8")
    )


def make(folder: Path) -> None:
    """Write all six files."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in {**prison_files(), **school_files()}.items():
        (folder / name).write_bytes(content)
    early_years_files(folder)


if __name__ == "__main__":
    make(INBOX)
