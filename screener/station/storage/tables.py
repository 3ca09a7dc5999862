"""The rows of the station. Everything of a person is in them; there are no other files."""

from __future__ import annotations

from datetime import UTC, date, datetime
from enum import StrEnum

from sqlalchemy import (
    DateTime,
    Dialect,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Text,
    TypeDecorator,
    UniqueConstraint,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s",
    "pk": "pk_%(table_name)s",
}


class UtcTime(TypeDecorator[datetime]):
    """A moment, always with its time zone; SQLite stores none, so UTC is put back."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Store UTC."""
        return None if value is None else value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Give UTC back."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Role(StrEnum):
    """What a user is in the practice."""

    OWNER = "owner"
    CLINICIAN = "clinician"
    VIEWER = "viewer"


class Purpose(StrEnum):
    """What a person consents to."""

    SCREENING = "screening"
    VIDEO = "video"


class Base(DeclarativeBase):
    """Base of all tables."""

    metadata = MetaData(naming_convention=NAMES)
    type_annotation_map = {datetime: UtcTime}  # noqa: RUF012 - read by SQLAlchemy


class Practice(Base):
    """The one row of settings: letterhead, and how long things are kept."""

    __tablename__ = "practice"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(200), default="")
    address: Mapped[str] = mapped_column(Text, default="")
    contact: Mapped[str] = mapped_column(Text, default="")
    logo_png: Mapped[bytes | None] = mapped_column(LargeBinary)
    name_on_reports: Mapped[bool] = mapped_column(default=False)
    video_days: Mapped[int] = mapped_column(default=30)
    idle_minutes: Mapped[int] = mapped_column(default=10)
    version: Mapped[int] = mapped_column(Integer)
    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012


class User(Base):
    """Someone who may sign in.

    `sign_in_epoch` rises with each new password; a sign-in remembers the one it was made in, and ends with it.
    """

    __tablename__ = "users"

    id: Mapped[int] = mapped_column(primary_key=True)
    login: Mapped[str] = mapped_column(String(80), unique=True)
    full_name: Mapped[str] = mapped_column(String(200), default="")
    role: Mapped[str] = mapped_column(String(20))
    password_hash: Mapped[str] = mapped_column(String(200))
    pin_hash: Mapped[str | None] = mapped_column(String(200))
    active: Mapped[bool] = mapped_column(default=True)
    sign_in_epoch: Mapped[int] = mapped_column(default=0, server_default="0")
    failed_tries: Mapped[int] = mapped_column(default=0)
    locked_until: Mapped[datetime | None]
    created_at: Mapped[datetime]
    version: Mapped[int] = mapped_column(Integer)
    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012


class PersonRow(Base):
    """Someone who is screened.

    `pseudonym` is what reports show. `audit_ref` is what the audit log writes: when the row is erased, nothing says any more
    whose entries they were. `search` holds name, pseudonym, birth year and notes, folded for searching.
    """

    __tablename__ = "people"

    id: Mapped[int] = mapped_column(primary_key=True)
    pseudonym: Mapped[str] = mapped_column(String(20), unique=True)
    audit_ref: Mapped[str] = mapped_column(String(40), unique=True)
    name: Mapped[str | None] = mapped_column(String(200))
    birth_year: Mapped[int | None]
    sex: Mapped[str | None] = mapped_column(String(10))
    notes: Mapped[str] = mapped_column(Text, default="")
    search: Mapped[str] = mapped_column(Text, default="", server_default="")
    created_at: Mapped[datetime]
    version: Mapped[int] = mapped_column(Integer)
    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012


class Consent(Base):
    """What a person agreed to, when, in which words, and whether it was withdrawn."""

    __tablename__ = "consents"

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), index=True)
    purpose: Mapped[str] = mapped_column(String(20))
    text_version: Mapped[str] = mapped_column(String(20))
    given_by: Mapped[str] = mapped_column(String(200), default="")
    given_at: Mapped[datetime]
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    withdrawn_at: Mapped[datetime | None]


class VisitRow(Base):
    """One day a person was screened."""

    __tablename__ = "visits"
    __table_args__ = (Index(None, "person_id", "day"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    day: Mapped[date]
    comment: Mapped[str] = mapped_column(Text, default="")
    created_at: Mapped[datetime]
    version: Mapped[int] = mapped_column(Integer)
    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012


class StoredRecording(Base):
    """One recording of a visit: the landmarks all can be computed from again, and the report as it was made that day."""

    __tablename__ = "recordings"

    id: Mapped[int] = mapped_column(primary_key=True)
    visit_id: Mapped[int] = mapped_column(ForeignKey("visits.id"), index=True)
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    created_at: Mapped[datetime]
    test: Mapped[str] = mapped_column(String(60))
    side: Mapped[str] = mapped_column(String(10))
    markers: Mapped[bool] = mapped_column(default=False)
    headline: Mapped[str] = mapped_column(Text)
    landmarks: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
    landmarks_sha256: Mapped[str] = mapped_column(String(64))
    report: Mapped[str] = mapped_column(Text, deferred=True)
    video_until: Mapped[date | None] = mapped_column(index=True)


class StoredPicture(Base):
    """Picture of a key moment, its face already blurred."""

    __tablename__ = "pictures"

    id: Mapped[int] = mapped_column(primary_key=True)
    recording_id: Mapped[int] = mapped_column(ForeignKey("recordings.id"), index=True)
    test: Mapped[str] = mapped_column(String(60))
    side: Mapped[str] = mapped_column(String(10))
    time_s: Mapped[float] = mapped_column(Float)
    caption: Mapped[str] = mapped_column(Text)
    jpeg: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)


class VideoPart(Base):
    """A piece of a video that was asked for, its face blurred; in pieces so that none is held whole."""

    __tablename__ = "video_parts"
    __table_args__ = (UniqueConstraint("recording_id", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    recording_id: Mapped[int] = mapped_column(ForeignKey("recordings.id"))
    number: Mapped[int]
    content: Mapped[bytes] = mapped_column(LargeBinary)


class StoredMeasure(Base):
    """One measure of one recording, for the progress page."""

    __tablename__ = "measures"
    __table_args__ = (Index(None, "person_id", "test", "measure"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    visit_id: Mapped[int] = mapped_column(ForeignKey("visits.id"), index=True)
    recording_id: Mapped[int] = mapped_column(ForeignKey("recordings.id"), index=True)
    test: Mapped[str] = mapped_column(String(60))
    side: Mapped[str] = mapped_column(String(10))
    measure: Mapped[str] = mapped_column(String(60))
    label: Mapped[str] = mapped_column(String(120))
    unit: Mapped[str] = mapped_column(String(20))
    value: Mapped[float | None] = mapped_column(Float)
    uncertainty: Mapped[float | None] = mapped_column(Float)
    grade: Mapped[str] = mapped_column(String(20))
    firm: Mapped[bool]
    method: Mapped[str] = mapped_column(String(20))
    smallest_detectable: Mapped[float] = mapped_column(Float)


class AuditEntry(Base):
    """Who saw, changed, exported or deleted what. Never a name: numbers and `Person.audit_ref` only.

    The database refuses to change or delete a row; `hash` is over `previous` and the content. `seal` is over `hash`, with a
    key that is not in the database and that `key_id` names; both are empty in entries of earlier releases.
    """

    __tablename__ = "audit"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    at: Mapped[str] = mapped_column(String(40))
    user_id: Mapped[int | None]
    action: Mapped[str] = mapped_column(String(20))
    kind: Mapped[str] = mapped_column(String(20))
    subject: Mapped[str] = mapped_column(String(60), index=True)
    detail: Mapped[str] = mapped_column(String(200), default="")
    previous: Mapped[str] = mapped_column(String(64))
    hash: Mapped[str] = mapped_column(String(64))
    key_id: Mapped[str] = mapped_column(String(12), default="", server_default="")
    seal: Mapped[str] = mapped_column(String(64), default="", server_default="")
