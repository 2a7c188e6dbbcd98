"""Tables of the cohort floor. People are numbers here; what identifies them is not in this database.

``observation`` is clustered by variable, wave, participant, so that a new wave is an append and one
variable is read in one sweep. Bulk rows never pass through these classes as objects.
"""

from __future__ import annotations

from sqlalchemy import (
    INTEGER,
    REAL,
    TEXT,
    CheckConstraint,
    Column,
    Double,
    ForeignKey,
    LargeBinary,
    UniqueConstraint,
)
from sqlalchemy.types import TypeEngine
from sqlmodel import Field, SQLModel

from workspace.records import CLUSTERED, STRICT

FLOAT: TypeEngine[float] = REAL().with_variant(
    Double(), "postgresql"
)  # a server's REAL has seven digits only


class Participant(SQLModel, table=True):
    """A person under pseudonym. The number is handed out in token order and means nothing outside."""

    __tablename__ = "participant"
    __table_args__ = STRICT

    participant_id: int = Field(sa_column=Column(INTEGER, primary_key=True, autoincrement=False))
    state: str = Field(sa_type=TEXT)
    added: str = Field(sa_type=TEXT)


class Pseudonym(SQLModel, table=True):
    """A keyed token of one identifier of one participant."""

    __tablename__ = "pseudonym"
    __table_args__ = CLUSTERED

    kind: str = Field(sa_column=Column(TEXT, primary_key=True))
    token: bytes = Field(sa_column=Column(LargeBinary, primary_key=True))
    participant_id: int = Field(
        sa_column=Column(INTEGER, ForeignKey("participant.participant_id"), nullable=False)
    )
    key_id: str = Field(sa_type=TEXT)


class LocalIdHolder(SQLModel, table=True):
    """A participant who holds a local id of an organisation. Nobody gets a second one of the same."""

    __tablename__ = "local_id_holder"
    __table_args__ = CLUSTERED

    namespace: str = Field(sa_column=Column(TEXT, primary_key=True))
    participant_id: int = Field(
        sa_column=Column(INTEGER, ForeignKey("participant.participant_id"), primary_key=True)
    )


class CohortRecord(SQLModel, table=True):
    """A cohort and its definition, as it was when it was made."""

    __tablename__ = "cohort"
    __table_args__ = STRICT

    cohort_id: str = Field(sa_column=Column(TEXT, primary_key=True))
    name: str = Field(sa_column=Column(TEXT, nullable=False, unique=True))
    definition: str = Field(sa_type=TEXT)
    created: str = Field(sa_type=TEXT)


class Enrolment(SQLModel, table=True):
    """One participant in one cohort, from an index date on."""

    __tablename__ = "enrolment"
    __table_args__ = CLUSTERED

    cohort_id: str = Field(sa_column=Column(TEXT, ForeignKey("cohort.cohort_id"), primary_key=True))
    participant_id: int = Field(
        sa_column=Column(INTEGER, ForeignKey("participant.participant_id"), primary_key=True)
    )
    index_date: str = Field(sa_type=TEXT)


class Delivery(SQLModel, table=True):
    """One partner file that was loaded. The same file under the same mapping is never loaded twice."""

    __tablename__ = "delivery"
    __table_args__ = (UniqueConstraint("cohort_id", "source", "file_sha256", "mapping_sha256"), STRICT)

    delivery_id: int = Field(sa_column=Column(INTEGER, primary_key=True))
    cohort_id: str = Field(sa_column=Column(TEXT, ForeignKey("cohort.cohort_id"), nullable=False))
    source: str = Field(sa_type=TEXT)
    file_sha256: str = Field(sa_type=TEXT)
    mapping_sha256: str = Field(sa_type=TEXT)
    key_id: str = Field(sa_type=TEXT)
    rows: int = Field(sa_type=INTEGER)
    accepted: int = Field(sa_type=INTEGER)
    people: int = Field(sa_type=INTEGER)
    unknown_people: int = Field(sa_type=INTEGER)
    sealed: int = Field(sa_type=INTEGER)
    data_until: str | None = Field(default=None, sa_column=Column(TEXT, nullable=True))
    loaded_at: str = Field(sa_type=TEXT)
    agreement: str | None = Field(default=None, sa_column=Column(TEXT, nullable=True))
    agreement_version: str | None = Field(default=None, sa_column=Column(TEXT, nullable=True))


class Variable(SQLModel, table=True):
    """A variable of a cohort: its kind, unit and, for a category, the labels behind its codes."""

    __tablename__ = "variable"
    __table_args__ = (UniqueConstraint("cohort_id", "name"), STRICT)

    variable_id: int = Field(sa_column=Column(INTEGER, primary_key=True))
    cohort_id: str = Field(sa_column=Column(TEXT, ForeignKey("cohort.cohort_id"), nullable=False))
    name: str = Field(sa_type=TEXT)
    kind: str = Field(sa_type=TEXT)
    unit: str = Field(sa_type=TEXT)
    labels: str = Field(sa_type=TEXT)


class WaveRecord(SQLModel, table=True):
    """A wave of a cohort."""

    __tablename__ = "wave"
    __table_args__ = (UniqueConstraint("cohort_id", "name"), STRICT)

    wave_id: int = Field(sa_column=Column(INTEGER, primary_key=True))
    cohort_id: str = Field(sa_column=Column(TEXT, ForeignKey("cohort.cohort_id"), nullable=False))
    name: str = Field(sa_type=TEXT)
    months: float = Field(sa_column=Column(FLOAT, nullable=False))


class Observation(SQLModel, table=True):
    """A value, or the reason there is none."""

    __tablename__ = "observation"
    __table_args__ = (
        CheckConstraint("(value IS NULL) <> (missing IS NULL)", name="value_or_reason"),
        CLUSTERED,
    )

    variable_id: int = Field(sa_column=Column(INTEGER, ForeignKey("variable.variable_id"), primary_key=True))
    wave_id: int = Field(sa_column=Column(INTEGER, ForeignKey("wave.wave_id"), primary_key=True))
    participant_id: int = Field(
        sa_column=Column(INTEGER, ForeignKey("participant.participant_id"), primary_key=True)
    )
    value: float | None = Field(default=None, sa_column=Column(FLOAT, nullable=True))
    missing: str | None = Field(default=None, sa_column=Column(TEXT, nullable=True))
    delivery_id: int = Field(sa_column=Column(INTEGER, ForeignKey("delivery.delivery_id"), nullable=False))


class Holding(SQLModel, table=True):
    """Which delivery brought values of which variable at which wave: read instead of sweeping the values."""

    __tablename__ = "holding"
    __table_args__ = CLUSTERED

    delivery_id: int = Field(sa_column=Column(INTEGER, ForeignKey("delivery.delivery_id"), primary_key=True))
    variable_id: int = Field(sa_column=Column(INTEGER, ForeignKey("variable.variable_id"), primary_key=True))
    wave_id: int = Field(sa_column=Column(INTEGER, ForeignKey("wave.wave_id"), primary_key=True))
