"""The tables of the record as they are now; how they came to be stands in migrations."""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    REAL,
    CheckConstraint,
    Column,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
)

APPLICATION_ID = 0x45584F4D
"""`EXOM` in the header of every database of this program."""

SCHEMA_VERSION = 1
"""Number of migrations; it stands in the header as user_version, so that an older program can refuse."""

HEAD_REVISION = "r0001"

METADATA = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "ix": "ix_%(table_name)s_%(column_0_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
    }
)


def _integer(name: str) -> Column[int]:
    return Column(name, Integer, nullable=False)


def _text(name: str, *, nullable: bool = False) -> Column[str]:
    return Column(name, Text, nullable=nullable)


def _real(name: str, *, nullable: bool = False) -> Column[float]:
    return Column(name, REAL, nullable=nullable)


def _blob(name: str) -> Column[bytes]:
    return Column(name, LargeBinary, nullable=False)


_STRICT: dict[str, Any] = {"sqlite_strict": True}

JOURNAL = Table(
    "journal",
    METADATA,
    _integer("seq"),
    _text("session"),
    _integer("session_seq"),
    _text("utc"),
    _text("tz"),
    _integer("mono_ns"),
    _text("boot_id"),
    _text("actor"),
    _text("station"),
    _text("type"),
    _text("body"),
    _text("prev_in_database"),
    _text("prev_in_session"),
    _text("hash"),
    PrimaryKeyConstraint("seq", name="pk_journal"),
    Index("uq_journal_session", "session", "session_seq", unique=True),
    Index("ix_journal_type", "type"),
    **_STRICT,
)

SEALED = Table(
    "sealed",
    METADATA,
    _integer("seq"),
    _text("field"),
    _text("salt"),
    _text("value"),
    PrimaryKeyConstraint("seq", "field", name="pk_sealed"),
    ForeignKeyConstraint(["seq"], ["journal.seq"], name="fk_sealed_seq"),
    **_STRICT,
)

READINGS = Table(
    "readings",
    METADATA,
    _integer("id"),
    _integer("batch"),
    _text("session"),
    _text("utc"),
    _integer("mono_ns"),
    _text("boot_id"),
    _text("source"),
    _text("channel"),
    _text("name"),
    _real("value", nullable=True),
    _text("unit"),
    _text("validity"),
    _text("origin"),
    _text("measured_utc", nullable=True),
    PrimaryKeyConstraint("id", name="pk_readings"),
    Index("ix_readings_session", "session"),
    **_STRICT,
)

WAVE_STAGING = Table(
    "wave_staging",
    METADATA,
    _integer("id"),
    _integer("batch"),
    _integer("place"),
    _text("session"),
    _text("source"),
    _text("wave"),
    _real("rate_hz"),
    _real("gain"),
    _text("unit"),
    _text("origin"),
    _text("utc"),
    _integer("mono_ns"),
    _text("boot_id"),
    _blob("samples"),
    _integer("crc32"),
    PrimaryKeyConstraint("id", name="pk_wave_staging"),
    UniqueConstraint("batch", "place", name="uq_wave_staging_batch"),
    **_STRICT,
)

WAVE_CHUNKS = Table(
    "wave_chunks",
    METADATA,
    _integer("id"),
    _text("session"),
    _text("source"),
    _text("wave"),
    _real("rate_hz"),
    _real("gain"),
    _text("unit"),
    _text("origin"),
    _blob("seconds"),
    _blob("samples"),
    _integer("crc32"),
    PrimaryKeyConstraint("id", name="pk_wave_chunks"),
    Index("ix_wave_chunks_session", "session"),
    **_STRICT,
)

CHAIN_HEAD = Table(
    "chain_head",
    METADATA,
    _integer("id"),
    _integer("seq"),
    _text("hash"),
    _integer("chunks"),
    PrimaryKeyConstraint("id", name="pk_chain_head"),
    CheckConstraint("id = 1", name="one_row"),
    **_STRICT,
)

_KEYS = {
    "journal": "seq = NEW.seq",
    "sealed": "seq = NEW.seq AND field = NEW.field",
    "readings": "id = NEW.id",
    "wave_chunks": "id = NEW.id",
}
APPEND_ONLY = tuple(_KEYS)
"""Tables whose rows are never changed or deleted. wave_staging is exempt: its rows move on into chunks."""


def _refusal(name: str, when: str, table: str, condition: str, what: str) -> str:
    guard = f" WHEN {condition}" if condition else ""
    return f"CREATE TRIGGER {name} BEFORE {when} ON {table}{guard} BEGIN SELECT RAISE(ABORT, '{what}'); END"


def _triggers() -> dict[str, str]:
    made = {}
    for table, key in _KEYS.items():
        taken = f"EXISTS (SELECT 1 FROM {table} WHERE {key})"  # noqa: S608 - from the table above
        made[f"{table}_no_update"] = _refusal(f"{table}_no_update", "UPDATE", table, "", f"{table} is append-only")
        made[f"{table}_no_delete"] = _refusal(f"{table}_no_delete", "DELETE", table, "", f"{table} is append-only")
        # INSERT OR REPLACE would delete the old row without asking the delete trigger.
        made[f"{table}_no_replace"] = _refusal(f"{table}_no_replace", "INSERT", table, taken, f"{table} is append-only")
    forward = "NOT (NEW.id = OLD.id AND NEW.seq >= OLD.seq AND NEW.chunks >= OLD.chunks)"
    made["chain_head_forward"] = _refusal(
        "chain_head_forward", "UPDATE", "chain_head", forward, "chain_head only moves forward"
    )
    made["chain_head_no_delete"] = _refusal("chain_head_no_delete", "DELETE", "chain_head", "", "chain_head stays")
    made["chain_head_no_replace"] = _refusal(
        "chain_head_no_replace", "INSERT", "chain_head", "EXISTS (SELECT 1 FROM chain_head)", "chain_head has one row"
    )
    return made


TRIGGERS = _triggers()
"""Every trigger by name; a migration that recreates a table makes its triggers anew from its own copy of these."""
