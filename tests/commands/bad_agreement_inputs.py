"""Agreements that forbid what is asked for, and agreement files with faults."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

from tests.cohorts.agreements import keep, name_it
from tests.commands.bad_row import Arrange, Bad
from workspace.clock import today as current_date
from workspace.project import Project
from workspace.settings import read_settings

FIELDS = '["identifiers", "arrested"]'
FILE = "agreements/shared.toml"


def agreed(*, days: int = 365, **lines: str) -> Arrange:
    """An agreement over the arrests, and their mapping naming it."""

    def arrange(root: Path) -> None:
        project = Project(root, read_settings(root / "lifecourse.toml"))
        facts = {"sources": '["arrests"]', "linkages": '["releases"]', "fields": FIELDS}
        keep(project, days=days, **(facts | lines))
        name_it(project, "arrests")

    return arrange


def day(offset: int) -> str:
    """A day counted from today."""
    return (current_date() + dt.timedelta(days=offset)).isoformat()


RUN, FLOW = "evaluate run locked", "cohort flow leavers"
AGREEMENTS = [
    Bad("run after the last day", RUN, "LC874", 4, f"its last day was {day(-1)}", agreed(days=-1)),
    Bad("flow after the last day", FLOW, "LC874", 4, "source 'arrests'", agreed(days=-1)),
    Bad("quality after the last day", "cohort quality leavers", "LC874", 4, FILE, agreed(days=-1)),
    Bad("follow-up after the last day", "cohort follow-up leavers", "LC874", 4, FILE, agreed(days=-1)),
    Bad("run before the first day", RUN, "LC874", 4, f"starts on {day(2)}", agreed(starts=day(2))),
    Bad("run while suspended", RUN, "LC874", 4, f"suspended since {day(0)}", agreed(suspended=day(0))),
    Bad(
        "run after the last day of use", RUN, "LC874", 4, f"could be used until {day(-1)}",
        agreed(days=-9, use_until=day(-1)),
    ),
    Bad("run for another purpose", RUN, "LC875", 4, "for other purposes", agreed(purposes='["linkage"]')),
    Bad("flow for another purpose", FLOW, "LC875", 4, "(linkage)", agreed(purposes='["linkage"]')),
    Bad("run on a field taken out", RUN, "LC875", 4, "'arrested'", agreed(fields='["identifiers"]')),
    Bad("run on a source taken out", RUN, "LC875", 4, "name the source", agreed(sources='["others"]')),
    Bad("run on what is not joined", RUN, "LC876", 4, "'releases'", agreed(linkages="[]")),
    Bad("a purpose nobody knows", "agreement list", "LC872", 11, FILE, agreed(purposes='["evaluating"]')),
    Bad("no purpose at all", "agreement list", "LC872", 11, FILE, agreed(purposes="[]")),
    Bad("use that ends before loads", "agreement list", "LC872", 11, FILE, agreed(use_until=day(300))),
]  # fmt: skip
