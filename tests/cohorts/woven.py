"""A project that uses everything at once: lives, derived variables, families, linkage, reviews, rights, a vault."""

from __future__ import annotations

from pathlib import Path

from cohorts.actions import load_file, new_cohort
from cohorts.custody.custodian import create_identity
from cohorts.custody.vault_store import make_vault
from cohorts.keys import create_key
from cohorts.linking.actions import LinkDone, LinkRequest, run_link
from tests.cohorts.linking import MATCHING, crn
from tests.cohorts.lives import rows, write_sources
from tests.cohorts.loading import nhs, pnc
from workspace.database import create_database
from workspace.files import write_atomically
from workspace.project import Project, create_project

PEOPLE = 24
RELEASES = (
    """[source]
id = "releases"
title = "Releases"
organisation = "Prisons"
cohort = "leavers"
enrols = true
dates = "yyyy-mm-dd"
wave = "release"
data_until = 2023-12-31
[[identifier]]
column = "pnc"
kind = "pnc-id"
required = false
[[identifier]]
column = "nhs"
kind = "nhs-number"
required = false
[[identifier]]
column = "own"
kind = "local-id"
required = false
[[index_date]]
column = "out"
[[variable]]
column = "aid"
name = "aid"
kind = "binary"
[[variable]]
column = "age"
name = "age_at_release"
kind = "number"
[[relation]]
relation = "mother"
column = "mother"
kind = "nhs-number"
"""
    + MATCHING
)
PROBATION = (
    """[source]
id = "probation"
title = "Probation"
organisation = "Probation"
cohort = "leavers"
dates = "yyyy-mm-dd"
wave = "12-months"
data_from = 2015-01-01
data_until = 2023-12-31
[[identifier]]
column = "crn"
kind = "crn"
[[identifier]]
column = "nhs"
kind = "nhs-number"
required = false
[[identifier]]
column = "own"
kind = "local-id"
required = false
[[variable]]
column = "recalls"
name = "recalls"
kind = "number"
[[event]]
kind = "recall"
date = "recalled"
"""
    + MATCHING
)
TEMPLATE_FAMILY = """
[[derived]]
name = "family"
kind = "family"
relations = ["mother"]
wave = "release"
"""
RELEASE_HEAD = "pnc,nhs,own,out,aid,age,mother,first,last,dob,postcode,sex"
PROBATION_HEAD = "crn,nhs,own,recalls,recalled,first,last,dob,postcode,sex"
FORENAMES = ("Zadok", "Ysolde", "Quentin", "Barnaby", "Philippa", "Thaddeus", "Ottoline", "Cressida")
SURNAMES = ("Quilbrax", "Vandermolen", "Threlkeld", "Ashgrove", "Pockridge", "Yarwoodby")


def who(i: int) -> str:
    """Name, birth date, postcode, sex: no two alike."""
    return (
        f"{FORENAMES[i % 8]},{SURNAMES[(i // 8 + i) % 6]}{'abcdefgh'[i // 8]}x,{1970 + i}-0{1 + i % 9}-1{i % 9},"
        f"ZQ{1 + i % 9} {1 + i % 8}ZZ,{'fm'[i % 2]}"
    )


def release(i: int, *, mother: int | None = None, **changed: str) -> str:
    """One person of the enrolling source."""
    cells = {"pnc": pnc(i), "nhs": nhs(i), "own": f"PR{i:04d}", "out": "2021-03-01", "aid": str(i % 2), "age": "30",
             "mother": nhs(mother) if mother is not None else "", "who": who(i)} | changed  # fmt: skip
    return ",".join(cells.values())


def probation(i: int, *, with_nhs: bool = False, **changed: str) -> str:
    """One person of the other source."""
    cells = {"crn": crn(i), "nhs": nhs(i) if with_nhs else "", "own": f"PB{i:04d}", "recalls": str(i % 3),
             "recalled": "2021-09-02" if i % 3 else "", "who": who(i)} | changed  # fmt: skip
    return ",".join(cells.values())


def put(project: Project, name: str, lines: list[str]) -> Path:
    """Lines as a file of the inbox."""
    path = project.inbox / f"{name}.csv"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def bring(project: Project, source: str, lines: list[str], vault: Path | None = None) -> None:
    """Load lines of a source."""
    load_file(project, source, put(project, source, lines), sealed=False, replace=False, vault=vault)


def link(project: Project, releases: list[str], others: list[str]) -> LinkDone:
    """Link probation to the releases by match keys."""
    left, right = (
        put(project, "left", [RELEASE_HEAD, *releases]),
        put(project, "right", [PROBATION_HEAD, *others]),
    )
    return run_link(project, LinkRequest("leavers", ("releases", left), ("probation", right), keys_only=True))


def make_bare(root: Path) -> tuple[Project, Path, Path]:
    """The project without people, its vault, and the custodian's identity."""
    from importlib import resources

    project = create_project(root / "project", "Woven")
    create_database(project)
    create_key(project)
    template = (resources.files("cohorts") / "templates" / "prison-leavers.toml").read_text(encoding="utf-8")
    path = root / "leavers.toml"
    path.write_text(template + TEMPLATE_FAMILY, encoding="utf-8")
    new_cohort(project, "leavers", path.as_posix(), "", "")
    write_sources(project)
    write_atomically(project.sources / "releases.toml", RELEASES)
    write_atomically(project.sources / "probation.toml", PROBATION)
    custodian = root / "custodian.identity"
    create_identity(custodian, "")
    recipient = custodian.read_text("utf-8").splitlines()[1].removeprefix("# public key: ")
    make_vault(project, root / "vault", recipient)
    return project, root / "vault", custodian


def releases(n: int = PEOPLE) -> list[str]:
    """Everybody; 0, 1 and 2 have one mother, who is in no file of her own; 3's mother is participant 4."""
    mothers = {0: 800, 1: 800, 2: 800, 3: 4, 5: 801}
    return [release(i, mother=mothers.get(i)) for i in range(n)]


def make_woven(root: Path) -> tuple[Project, Path, Path]:
    """The project with people, lives, a linkage and its values."""
    project, vault, custodian = make_bare(root)
    bring(project, "releases", [RELEASE_HEAD, *releases()], vault)
    bring(
        project,
        "custody",
        rows("custody", *((i, "S", "2020-01-05", "2021-03-01", "a") for i in range(PEOPLE))),
    )
    bring(
        project, "offences", rows("offences", *((i, "P", "2021-07-01", "V", 1) for i in range(0, PEOPLE, 2)))
    )
    bring(project, "sessions", rows("sessions", *((i, "2021-04-01", 1, 60, 55, 0.9, "F") for i in range(9))))
    bring(project, "sight", rows("sight", *((i, "2015-01-01", "2023-12-31", "") for i in range(PEOPLE))))
    others = [probation(i, with_nhs=i % 2 == 0) for i in range(PEOPLE)]
    link(project, releases(), others)
    bring(project, "probation", [PROBATION_HEAD, *others], vault)
    return project, vault, custodian
