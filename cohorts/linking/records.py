"""Tables of the linkage: runs, links, history, pairs for review, and who must not be joined.

No table holds a name, a field token or anything about people who were not linked. ``mark`` columns are keyed
fingerprints: without the project's key they say nothing, and match nothing in any other table.
"""

from __future__ import annotations

from sqlalchemy import INTEGER, TEXT, Column, ForeignKey, LargeBinary
from sqlmodel import Field, SQLModel

from cohorts.records import FLOAT
from workspace.records import CLUSTERED, STRICT


def _number(*, nullable: bool = True) -> Column[float]:
    return Column(FLOAT, nullable=nullable)


class LinkRun(SQLModel, table=True):
    """One linkage of one source to the people of a cohort: how, with what threshold, how good."""

    __tablename__ = "link_run"
    __table_args__ = STRICT

    run_id: str = Field(sa_column=Column(TEXT, primary_key=True))
    cohort_id: str = Field(sa_column=Column(TEXT, ForeignKey("cohort.cohort_id"), nullable=False))
    left_source: str = Field(sa_type=TEXT)
    source: str = Field(sa_type=TEXT)
    run_at: str = Field(sa_type=TEXT)
    run_by: str = Field(sa_type=TEXT)
    model_sha256: str = Field(sa_type=TEXT)
    settings: str = Field(sa_type=TEXT)
    threshold: float = Field(sa_column=_number(nullable=False))
    state: str = Field(sa_type=TEXT)
    precision_share: float | None = Field(default=None, sa_column=_number())
    precision_low: float | None = Field(default=None, sa_column=_number())
    precision_high: float | None = Field(default=None, sa_column=_number())
    precision_n: int = Field(sa_type=INTEGER)
    recall_share: float | None = Field(default=None, sa_column=_number())
    recall_low: float | None = Field(default=None, sa_column=_number())
    recall_high: float | None = Field(default=None, sa_column=_number())
    recall_n: int = Field(sa_type=INTEGER)
    people: int = Field(sa_type=INTEGER)
    linked: int = Field(sa_type=INTEGER)


class Link(SQLModel, table=True):
    """One enrolled participant in one run: linked or not, how, and what identifiers say of it.

    ``method``: identifier, key-01 to key-14, splink, clerical, none. ``linked``: 1 where the store now holds
    identifiers of the other source. ``blind``: 1 where names and dates alone would have linked somebody. ``truth``:
    see :func:`cohorts.linking.store.linkage_table`. ``kinds``: the kinds of identifier this run or an earlier one
    added, with commas between.
    """

    __tablename__ = "link"
    __table_args__ = CLUSTERED

    run_id: str = Field(sa_column=Column(TEXT, ForeignKey("link_run.run_id"), primary_key=True))
    participant_id: int = Field(
        sa_column=Column(INTEGER, ForeignKey("participant.participant_id"), primary_key=True)
    )
    method: str = Field(sa_type=TEXT)
    weight_band: str = Field(sa_type=TEXT)
    linked: int = Field(sa_type=INTEGER)
    blind: int = Field(sa_type=INTEGER)
    truth: str = Field(sa_type=TEXT)
    kinds: str = Field(sa_type=TEXT)


class IdentityEvent(SQLModel, table=True):
    """What happened to who is who: link, unlink, merge, split. Rows are added, never changed."""

    __tablename__ = "identity_event"
    __table_args__ = STRICT

    event_id: int = Field(sa_column=Column(INTEGER, primary_key=True, autoincrement=False))
    at: str = Field(sa_type=TEXT)
    actor: str = Field(sa_type=TEXT)
    kind: str = Field(sa_type=TEXT)
    run_id: str | None = Field(default=None, sa_column=Column(TEXT, nullable=True))
    review_id: str | None = Field(default=None, sa_column=Column(TEXT, nullable=True))
    participant_id: int = Field(sa_type=INTEGER)
    other_id: int | None = Field(default=None, sa_column=Column(INTEGER, nullable=True))
    reason: str = Field(sa_type=TEXT)
    affected: str = Field(sa_type=TEXT)


class ReviewPair(SQLModel, table=True):
    """A question for a person. ``kind``: possible (one person?), standing (is this link right?), merge."""

    __tablename__ = "review_pair"
    __table_args__ = STRICT

    review_id: str = Field(sa_column=Column(TEXT, primary_key=True))
    run_id: str = Field(sa_column=Column(TEXT, ForeignKey("link_run.run_id"), nullable=False))
    kind: str = Field(sa_type=TEXT)
    participant_id: int = Field(sa_type=INTEGER)
    other_id: int | None = Field(default=None, sa_column=Column(INTEGER, nullable=True))
    pattern: str = Field(sa_type=TEXT)
    weight_band: str = Field(sa_type=TEXT)
    why: str = Field(sa_type=TEXT)
    decision: str | None = Field(default=None, sa_column=Column(TEXT, nullable=True))
    reason: str | None = Field(default=None, sa_column=Column(TEXT, nullable=True))
    decided_by: str | None = Field(default=None, sa_column=Column(TEXT, nullable=True))
    decided_at: str | None = Field(default=None, sa_column=Column(TEXT, nullable=True))


class ReviewMark(SQLModel, table=True):
    """By what a later run knows the pair of a review again."""

    __tablename__ = "review_mark"
    __table_args__ = CLUSTERED

    mark: bytes = Field(sa_column=Column(LargeBinary, primary_key=True))
    review_id: str = Field(sa_column=Column(TEXT, ForeignKey("review_pair.review_id"), primary_key=True))


class CannotLink(SQLModel, table=True):
    """Two people who must not be joined, sealed: fingerprints and a reason code, nothing else."""

    __tablename__ = "cannot_link"
    __table_args__ = CLUSTERED

    mark: bytes = Field(sa_column=Column(LargeBinary, primary_key=True))
    other_mark: bytes = Field(sa_column=Column(LargeBinary, primary_key=True))
    reason: str = Field(sa_type=TEXT)
    added_by: str = Field(sa_type=TEXT)
    added_at: str = Field(sa_type=TEXT)
