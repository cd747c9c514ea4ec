"""The first form: journal with its chain, sealed texts, readings, waves, and the append-only triggers."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "r0001"
down_revision: str | None = None
branch_labels: str | None = None
depends_on: str | None = None

TRIGGERS = """
CREATE TRIGGER journal_no_update BEFORE UPDATE ON journal BEGIN SELECT RAISE(ABORT, 'journal is append-only'); END
CREATE TRIGGER journal_no_delete BEFORE DELETE ON journal BEGIN SELECT RAISE(ABORT, 'journal is append-only'); END
CREATE TRIGGER journal_no_replace BEFORE INSERT ON journal WHEN EXISTS (SELECT 1 FROM journal WHERE seq = NEW.seq) BEGIN SELECT RAISE(ABORT, 'journal is append-only'); END
CREATE TRIGGER sealed_no_update BEFORE UPDATE ON sealed BEGIN SELECT RAISE(ABORT, 'sealed is append-only'); END
CREATE TRIGGER sealed_no_delete BEFORE DELETE ON sealed BEGIN SELECT RAISE(ABORT, 'sealed is append-only'); END
CREATE TRIGGER sealed_no_replace BEFORE INSERT ON sealed WHEN EXISTS (SELECT 1 FROM sealed WHERE seq = NEW.seq AND field = NEW.field) BEGIN SELECT RAISE(ABORT, 'sealed is append-only'); END
CREATE TRIGGER readings_no_update BEFORE UPDATE ON readings BEGIN SELECT RAISE(ABORT, 'readings is append-only'); END
CREATE TRIGGER readings_no_delete BEFORE DELETE ON readings BEGIN SELECT RAISE(ABORT, 'readings is append-only'); END
CREATE TRIGGER readings_no_replace BEFORE INSERT ON readings WHEN EXISTS (SELECT 1 FROM readings WHERE id = NEW.id) BEGIN SELECT RAISE(ABORT, 'readings is append-only'); END
CREATE TRIGGER wave_chunks_no_update BEFORE UPDATE ON wave_chunks BEGIN SELECT RAISE(ABORT, 'wave_chunks is append-only'); END
CREATE TRIGGER wave_chunks_no_delete BEFORE DELETE ON wave_chunks BEGIN SELECT RAISE(ABORT, 'wave_chunks is append-only'); END
CREATE TRIGGER wave_chunks_no_replace BEFORE INSERT ON wave_chunks WHEN EXISTS (SELECT 1 FROM wave_chunks WHERE id = NEW.id) BEGIN SELECT RAISE(ABORT, 'wave_chunks is append-only'); END
CREATE TRIGGER chain_head_forward BEFORE UPDATE ON chain_head WHEN NOT (NEW.id = OLD.id AND NEW.seq >= OLD.seq AND NEW.chunks >= OLD.chunks) BEGIN SELECT RAISE(ABORT, 'chain_head only moves forward'); END
CREATE TRIGGER chain_head_no_delete BEFORE DELETE ON chain_head BEGIN SELECT RAISE(ABORT, 'chain_head stays'); END
CREATE TRIGGER chain_head_no_replace BEFORE INSERT ON chain_head WHEN EXISTS (SELECT 1 FROM chain_head) BEGIN SELECT RAISE(ABORT, 'chain_head has one row'); END
"""  # noqa: E501 - one statement to a line


def upgrade() -> None:
    """Make everything in an empty database and write its marks into the header."""
    _journal()
    _readings()
    _waves()
    for statement in TRIGGERS.strip().splitlines():
        op.execute(statement)
    op.execute("PRAGMA application_id = 0x45584F4D")
    op.execute("PRAGMA user_version = 1")


def downgrade() -> None:
    """A record is never taken apart."""
    raise RuntimeError("the first form of the record has nothing before it")


def _journal() -> None:
    op.create_table(
        "journal",
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("session", sa.Text(), nullable=False),
        sa.Column("session_seq", sa.Integer(), nullable=False),
        sa.Column("utc", sa.Text(), nullable=False),
        sa.Column("tz", sa.Text(), nullable=False),
        sa.Column("mono_ns", sa.Integer(), nullable=False),
        sa.Column("boot_id", sa.Text(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("station", sa.Text(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("prev_in_database", sa.Text(), nullable=False),
        sa.Column("prev_in_session", sa.Text(), nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("seq", name="pk_journal"),
        sqlite_strict=True,
    )
    op.create_index("uq_journal_session", "journal", ["session", "session_seq"], unique=True)
    op.create_index("ix_journal_type", "journal", ["type"], unique=False)
    op.create_table(
        "sealed",
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("field", sa.Text(), nullable=False),
        sa.Column("salt", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("seq", "field", name="pk_sealed"),
        sa.ForeignKeyConstraint(["seq"], ["journal.seq"], name="fk_sealed_seq"),
        sqlite_strict=True,
    )
    op.create_table(
        "chain_head",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.Column("chunks", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_chain_head"),
        sa.CheckConstraint("id = 1", name=op.f("ck_chain_head_one_row")),
        sqlite_strict=True,
    )


def _readings() -> None:
    op.create_table(
        "readings",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("batch", sa.Integer(), nullable=False),
        sa.Column("session", sa.Text(), nullable=False),
        sa.Column("utc", sa.Text(), nullable=False),
        sa.Column("mono_ns", sa.Integer(), nullable=False),
        sa.Column("boot_id", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("value", sa.REAL(), nullable=True),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("validity", sa.Text(), nullable=False),
        sa.Column("origin", sa.Text(), nullable=False),
        sa.Column("measured_utc", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_readings"),
        sqlite_strict=True,
    )
    op.create_index("ix_readings_session", "readings", ["session"], unique=False)


def _wave_columns() -> list[sa.Column[object]]:
    return [
        sa.Column("session", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("wave", sa.Text(), nullable=False),
        sa.Column("rate_hz", sa.REAL(), nullable=False),
        sa.Column("gain", sa.REAL(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("origin", sa.Text(), nullable=False),
    ]


def _waves() -> None:
    op.create_table(
        "wave_staging",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("batch", sa.Integer(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        *_wave_columns(),
        sa.Column("utc", sa.Text(), nullable=False),
        sa.Column("mono_ns", sa.Integer(), nullable=False),
        sa.Column("boot_id", sa.Text(), nullable=False),
        sa.Column("samples", sa.LargeBinary(), nullable=False),
        sa.Column("crc32", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_wave_staging"),
        sa.UniqueConstraint("batch", "place", name="uq_wave_staging_batch"),
        sqlite_strict=True,
    )
    op.create_table(
        "wave_chunks",
        sa.Column("id", sa.Integer(), nullable=False),
        *_wave_columns(),
        sa.Column("seconds", sa.LargeBinary(), nullable=False),
        sa.Column("samples", sa.LargeBinary(), nullable=False),
        sa.Column("crc32", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_wave_chunks"),
        sqlite_strict=True,
    )
    op.create_index("ix_wave_chunks_session", "wave_chunks", ["session"], unique=False)
