"""The store of the linkage: runs, links, history and the do-not-link register."""

from __future__ import annotations

import json
from dataclasses import dataclass
from importlib import resources
from typing import Any

import polars as pl
from sqlmodel import Session, col, func, select

from cohorts.linking.calibration import Calibration
from cohorts.linking.records import CannotLink, IdentityEvent, Link, LinkRun
from cohorts.store import enrolments
from workspace.audit import actor
from workspace.clock import now
from workspace.database import next_id
from workspace.statements import insert_frame, run

LINKS = {
    "participant_id": pl.Int64,
    "method": pl.String,
    "weight_band": pl.String,
    "linked": pl.Int64,
    "blind": pl.Int64,
    "truth": pl.String,
    "kinds": pl.String,
}


@dataclass(frozen=True, slots=True)
class RunHead:
    """What a run is about, before it has its number."""

    cohort_id: str
    left_source: str
    source: str
    model_sha256: str
    settings: dict[str, Any]
    calibration: Calibration


def load_model() -> tuple[dict[str, Any], str]:
    """The model that ships with the program, and the fingerprint of its text."""
    import hashlib

    text = (resources.files("cohorts") / "linking" / "linkage_model.json").read_text(encoding="utf-8")
    model: dict[str, Any] = json.loads(text)
    return model, hashlib.sha256(text.encode("utf-8")).hexdigest()


def latest_run(session: Session, cohort_id: str, source: str) -> LinkRun | None:
    """The newest run that linked a source to a cohort."""
    found = select(LinkRun).where(LinkRun.cohort_id == cohort_id, LinkRun.source == source)
    newest = (func.length(LinkRun.run_id).desc(), col(LinkRun.run_id).desc())  # LNK-1000 comes after LNK-999
    return session.exec(found.order_by(*newest).limit(1)).first()


def latest_runs(session: Session, cohort_id: str) -> list[LinkRun]:
    """The newest run of each source linked to a cohort."""
    sources = session.exec(
        select(LinkRun.source).where(LinkRun.cohort_id == cohort_id).distinct().order_by(LinkRun.source)
    ).all()
    found = [latest_run(session, cohort_id, source) for source in sources]
    return [one for one in found if one]


def links_of(session: Session, run_id: str | None) -> pl.DataFrame:
    """The links of a run; empty where there is no run."""
    rows = run(
        session,
        "SELECT participant_id, method, weight_band, linked, blind, truth, kinds FROM link WHERE run_id = ? "
        "ORDER BY participant_id",
        (run_id or "",),
    )
    return pl.DataFrame([tuple(row) for row in rows], schema=LINKS, orient="row")


def linkage_table(session: Session, cohort_id: str) -> pl.DataFrame:
    """How the linkage stands for every enrolled participant, by source: for judging what its errors may do.

    Returns
    -------
    pl.DataFrame
        ``participant`` (Int64), ``source`` (the linked source), ``linked`` (Boolean), ``truth`` (``same``,
        ``other`` or ``unknown``), from the latest run of each source, a row for every enrolled participant.

    Notes
    -----
    ``truth`` is what national identifiers held on both sides say, and where they speak, ``linked`` is what names
    and birth dates *alone* decided (the identifiers were not looked at):

    ========  =========  ==================================================================================
    linked    truth      meaning
    ========  =========  ==================================================================================
    true      same       names and dates linked this participant, and the same id stands on both sides
    true      other      names and dates linked this participant to a record with another id: a false link (or
                         a wrong id, which counts as one); the program puts it to a person instead of using it
    false     same       a record with this participant's id was there, and names and dates missed it
    true      unknown    linked; no id can say whether rightly
    false     unknown    not linked; no id can say whether there was anybody to link
    ========  =========  ==================================================================================

    So precision is same / (same + other) among the linked, and recall is the linked among those whose truth is
    ``same``, for any group of participants.
    """
    everybody = enrolments(session, cohort_id).select(pl.col("participant_id").alias("participant"))
    parts = []
    for found in latest_runs(session, cohort_id):
        links = links_of(session, found.run_id).rename({"participant_id": "participant"})
        judged = pl.when(pl.col("truth") != "unknown").then(pl.col("blind")).otherwise(pl.col("linked")) == 1
        table = everybody.join(links, on="participant", how="left").select(
            "participant",
            pl.lit(found.source).alias("source"),
            judged.fill_null(value=False).alias("linked"),
            pl.col("truth").fill_null("unknown"),
        )
        parts.append(table)
    schema = {"participant": pl.Int64, "source": pl.String, "linked": pl.Boolean, "truth": pl.String}
    return pl.concat([pl.DataFrame(schema=schema), *parts]).sort("source", "participant")


def add_run(session: Session, head: RunHead, links: pl.DataFrame) -> str:
    """Store a run and its links; return its id."""
    run_id = next_id(session, "LNK")
    found = head.calibration
    precision, recall = found.precision.interval, found.recall.interval
    session.add(
        LinkRun(
            run_id=run_id,
            cohort_id=head.cohort_id,
            left_source=head.left_source,
            source=head.source,
            run_at=now(),
            run_by=actor(),
            model_sha256=head.model_sha256,
            settings=json.dumps(head.settings, sort_keys=True),
            threshold=found.threshold,
            state=found.state,
            precision_share=found.precision.value,
            precision_low=precision[0] if precision else None,
            precision_high=precision[1] if precision else None,
            precision_n=found.precision.of,
            recall_share=found.recall.value,
            recall_low=recall[0] if recall else None,
            recall_high=recall[1] if recall else None,
            recall_n=found.recall.of,
            people=links.height,
            linked=int(links["linked"].sum()),
        )
    )
    session.flush()
    rows = links.select(pl.lit(run_id).alias("run_id"), *LINKS).sort("participant_id")
    insert_frame(session, "link", rows)
    return run_id


def add_events(session: Session, events: pl.DataFrame, **facts: str | None) -> None:
    """Append ``participant_id, other_id`` to the history; ``facts``: kind, reason, run_id, review_id, affected."""
    first = (session.exec(select(func.max(IdentityEvent.event_id))).first() or 0) + 1
    numbered = events.with_columns(
        pl.int_range(first, first + events.height, dtype=pl.Int64).alias("event_id"),
        pl.lit(now()).alias("at"),
        pl.lit(actor()).alias("actor"),
        *(pl.lit(value, pl.String).alias(name) for name, value in ({"affected": ""} | facts).items()),
    )
    insert_frame(session, "identity_event", numbered)


def history_of(session: Session, cohort_id: str) -> list[tuple[str, str, str, str, str, str]]:
    """Decisions of people about who is who in a cohort: when, who, what, review, reason, affected results."""
    rows = run(
        session,
        "SELECT e.at, e.actor, e.kind, COALESCE(e.review_id, ''), e.reason, e.affected FROM identity_event e "
        "JOIN review_pair p ON p.review_id = e.review_id JOIN link_run r ON r.run_id = p.run_id "
        "WHERE r.cohort_id = ? ORDER BY e.event_id",
        (cohort_id,),
    )
    return [(str(a), str(b), str(c), str(d), str(e), str(f)) for a, b, c, d, e, f in rows]


def register(session: Session) -> pl.DataFrame:
    """The do-not-link register: ``mark, other_mark``."""
    rows = run(session, "SELECT mark, other_mark FROM cannot_link")
    found = [(bytes(a), bytes(b)) for a, b in rows]
    return pl.DataFrame(found, schema={"mark": pl.Binary, "other_mark": pl.Binary}, orient="row")


def forbid(session: Session, marks: tuple[bytes, bytes], reason: str) -> bool:
    """Add a pair to the register; False where it is there already."""
    first, second = sorted(marks)
    if session.get(CannotLink, (first, second)):
        return False
    session.add(CannotLink(mark=first, other_mark=second, reason=reason, added_by=actor(), added_at=now()))
    session.flush()
    return True


def link_in(session: Session, run_id: str, participant_id: int) -> Link | None:
    """The link of a participant in a run."""
    return session.get(Link, (run_id, participant_id))


def forget_link(session: Session, link: Link) -> None:
    """Note in a run that a participant is not linked any more."""
    link.linked, link.method, link.weight_band, link.kinds = 0, "none", "", ""
    session.add(link)
    session.flush()
