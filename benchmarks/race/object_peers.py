"""The variants of the storage race that keep an object a row, as an application would with SQLModel."""

from __future__ import annotations

import functools
import hmac
from pathlib import Path
from typing import Any

from benchmarks.race.made_up import KEY, MORE, answer


@functools.cache
def _models() -> Any:
    from sqlmodel import Field, SQLModel

    class Person(SQLModel, table=True):
        participant: int = Field(primary_key=True)
        token: str = Field(unique=True)
        age: float
        aid: float
        area: str

    class MatchKey(SQLModel, table=True):
        kind: str = Field(primary_key=True)
        token: str = Field(primary_key=True)
        participant: int

    class Measure(SQLModel, table=True):
        variable: str = Field(primary_key=True)
        wave: str = Field(primary_key=True)
        participant: int = Field(primary_key=True)
        value: float

    return Person, MatchKey, Measure


def sqlmodel_rows(data: Path, work: Path) -> None:
    """An object a row, as an application would."""
    load_objects(data, work)
    extract_objects(data, work)


def load_objects(data: Path, work: Path) -> None:
    """Read, check, token, and add an object a row."""
    import csv
    import datetime as dt

    from sqlmodel import Session, SQLModel, create_engine

    person, match_key, measure = _models()
    engine = create_engine(f"sqlite:///{work / 'rows.sqlite'}")
    SQLModel.metadata.create_all(engine)
    numbers: dict[str, int] = {}
    with Session(engine) as session:
        with (data / "people.csv").open(encoding="utf-8") as file:
            for number, row in enumerate(csv.DictReader(file)):
                start, born = (
                    dt.datetime.strptime(row[name], "%d/%m/%Y").replace(tzinfo=dt.UTC)
                    for name in ("start", "born")
                )
                age = start.year - born.year - ((start.month, start.day) < (born.month, born.day))
                digits = [int(digit) for digit in row["nhs"]]
                total = sum(digit * (10 - place) for place, digit in enumerate(digits[:9]))
                if (11 - total % 11) % 11 != digits[9]:
                    raise ValueError
                token = hmac.digest(KEY, row["nhs"].encode(), "sha256")[:16].hex()
                numbers[row["nhs"]] = number
                session.add(
                    person(participant=number, token=token, age=age, aid=float(row["aid"]), area=row["area"])
                )
                for kind in MORE.keys() & row.keys():
                    token = hmac.digest(KEY, row[kind].encode(), "sha256")[:16].hex()
                    session.add(match_key(kind=kind, token=token, participant=number))
        with (data / "obs.csv").open(encoding="utf-8") as file:
            for count, row in enumerate(csv.DictReader(file), start=1):
                for name in ("m1", "m2"):
                    if row[name]:
                        number, value = numbers[row["nhs"]], float(row[name])
                        session.add(measure(participant=number, variable=name, wave=row["wave"], value=value))
                if count % 10_000 == 0:
                    session.flush()
                    session.expunge_all()
        session.commit()


def extract_objects(data: Path, work: Path) -> None:
    """All values as objects, laid out in a loop."""
    answer(frame_of_objects(work))


def frame_of_objects(work: Path) -> Any:
    """All values as objects, laid out in a loop."""
    import polars as pl
    from sqlmodel import Session, create_engine, select

    person, _match_key, measure = _models()
    with Session(create_engine(f"sqlite:///{work / 'rows.sqlite'}")) as session:
        rows = {
            p.participant: {"age": p.age, "aid": p.aid, "area": p.area} for p in session.exec(select(person))
        }
        for m in session.exec(select(measure)):
            rows[m.participant][f"{m.variable}@w{m.wave}"] = m.value
    frame = pl.DataFrame(list(rows.values())).rename({"m1@w0": "b1", "m2@w0": "b2", "m1@w3": "y"})
    areas = sorted(frame["area"].unique())
    codes = {area: float(code) for code, area in enumerate(areas)}
    return frame.with_columns(pl.col("area").cast(pl.String).replace_strict(codes))
