"""No site leaves anything out: what is due without a finding, a lost finding or a hidden plan stops it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from evaluation.register.model import Entry
from evaluation.site.gate import refuse_hidden
from evaluation.site.model import Held
from tests.evaluation.site.site_samples import held
from workspace.errors import GateNotMet

HELD = held()


def with_entries(*entries: Entry) -> Held:
    return replace(HELD, register=replace(HELD.register, entries=entries), once_locked=())


def first(state: str) -> Entry:
    return next(entry for entry in HELD.register.entries if entry.state == state)


def test_a_whole_project_passes() -> None:
    refuse_hidden(HELD)


def test_everything_that_is_missing_is_named_at_once() -> None:
    late = replace(first("registered"), overdue=True, state="overdue")
    found = first("reported")
    lost = replace(found, runs=(replace(found.runs[0], file="changed"),))
    gone = replace(first("stopped"), plan=replace(first("stopped").plan, file_there=False))
    with pytest.raises(GateNotMet) as refused:
        refuse_hidden(with_entries(late, lost, gone))
    assert refused.value.exit_code == 4
    assert [fault.code for fault in refused.value.faults] == ["LC735", "LC736", "LC737"]
    assert refused.value.faults[0].where == "ahead"


def test_a_finding_that_no_page_can_be_made_of_stops_the_site() -> None:
    with pytest.raises(GateNotMet, match="LC736"):
        refuse_hidden(replace(HELD, wholes={}))


def test_a_lock_that_only_the_log_remembers_stops_the_site() -> None:
    with pytest.raises(GateNotMet, match="LC737"):
        refuse_hidden(replace(HELD, once_locked=(*HELD.once_locked, "a-null-we-would-rather-forget")))
