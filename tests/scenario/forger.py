"""Somebody with plain sqlite3 and a text editor who knows the format, and does not have the workstation's key."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

from exomonitor.exports.manifest import manifest_hash, manifest_signature
from exomonitor.integrity import GENESIS, JOURNAL_COLUMNS, canonical_json, row_hash, sha256_hex
from exomonitor.signing import StationKey, head_statement

Row = dict[str, Any]
Change = Callable[[list[Row]], None]


def rewrite_database(path: Path, change: Change, *, rehash: bool = True, key: StationKey | None = None) -> None:
    """Change the journal's rows (bodies as objects), chain them anew where `rehash`, sign them anew with `key`."""
    with closing(sqlite3.connect(path)) as connection:
        connection.row_factory = sqlite3.Row
        rows = [{**row, "body": json.loads(row["body"])} for row in connection.execute("SELECT * FROM journal")]
        rows.sort(key=lambda row: row["seq"])
        change(rows)
        if rehash:
            rechain(rows, key)
        guards = connection.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").fetchall()
        for name, _ in guards:
            connection.execute(f"DROP TRIGGER {name}")
        connection.execute("DELETE FROM journal")
        for row in rows:
            values = [canonical_json(row[c]).decode() if c == "body" else row[c] for c in JOURNAL_COLUMNS]
            marks = ", ".join("?" * len(values))
            connection.execute(f"INSERT INTO journal ({', '.join(JOURNAL_COLUMNS)}) VALUES ({marks})", values)
        connection.execute("UPDATE chain_head SET seq = ?, hash = ?", (rows[-1]["seq"], rows[-1]["hash"]))
        for _, sql in guards:
            connection.execute(sql)
        connection.commit()


def rechain(rows: list[Row], key: StationKey | None = None, *, whole: bool = True) -> None:
    """Number and hash every row anew, in this order; whole: of the database, else of one session. What people signed
    is made to fit too, and with a key the signatures of the workstation."""
    before = GENESIS
    ends: dict[str, tuple[int, str]] = {}
    renamed: dict[str, str] = {}
    for number, row in enumerate(rows, 1):
        previous = ends.get(row["session"], (0, GENESIS))
        if whole:
            row["seq"], row["prev_in_database"] = number, before
        row["session_seq"], row["prev_in_session"] = previous[0] + 1, previous[1]
        for name in ("signed_hash", "reviewed_hash"):
            if row["body"].get(name) in renamed:
                row["body"] = row["body"] | {name: renamed[row["body"][name]]}
        if row["type"] == "HeadSigned" and key is not None:
            row["body"] = row["body"] | {"public_key": key.public, "signature": key.sign(head_statement(row))}
        old, row["hash"] = row["hash"], row_hash(row)
        renamed[old] = before = row["hash"]
        ends[row["session"]] = (row["session_seq"], row["hash"])


def rewrite_export(folder: Path, change: Change, key: StationKey | None = None) -> None:
    """Change the journal of an export, then make everything else fit: chain, tables, manifest, hash; with a key of
    the forger's own the signature too."""
    session = json.loads((folder / "session.json").read_text(encoding="utf-8"))
    change(session["journal"])
    rechain(session["journal"], key, whole=False)
    (folder / "session.json").write_text(json.dumps(session), encoding="utf-8")
    (folder / "events.csv").unlink()
    reseal(folder, session["journal"], key)


def reseal(folder: Path, rows: list[Row], key: StationKey | None) -> None:
    """The manifest and its hash made to fit; the signature with the forger's key, or left as it was."""
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    manifest["files"].pop("events.csv", None)
    for name in manifest["files"]:
        data = (folder / name).read_bytes()
        manifest["files"][name] = {"sha256": sha256_hex(data), "size": len(data)}
    manifest["counts"]["journal_entries"], manifest["chain_head"] = len(rows), rows[-1]["hash"]
    if key is not None:
        manifest["public_key"] = key.public
    plain = canonical_json(manifest) + b"\n"
    (folder / "manifest.json").write_bytes(plain)
    (folder / "manifest.sha256").write_bytes(manifest_hash(plain))
    if key is not None:
        (folder / "manifest.sig").write_bytes(manifest_signature(plain, key))


def cut_database(path: Path, keep: int) -> None:
    """Take everything behind entry `keep` away, with all that belongs to it, and name that entry the end."""
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        guards = connection.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").fetchall()
        for name, _ in guards:
            connection.execute(f"DROP TRIGGER {name}")
        batches = connection.execute("SELECT json_extract(body, '$.batch') FROM journal WHERE seq > ?", (keep,))
        gone = [number for (number,) in batches if number is not None]
        if gone:
            connection.execute("DELETE FROM readings WHERE batch >= ?", (min(gone),))
            connection.execute("DELETE FROM wave_staging WHERE batch >= ?", (min(gone),))
        if not connection.execute("SELECT 1 FROM journal WHERE type = 'WavesStored' AND seq <= ?", (keep,)).fetchone():
            connection.execute("DELETE FROM wave_chunks")
        connection.execute("DELETE FROM sealed WHERE seq > ?", (keep,))
        connection.execute("DELETE FROM journal WHERE seq > ?", (keep,))
        (end,) = connection.execute("SELECT hash FROM journal WHERE seq = ?", (keep,)).fetchone()
        connection.execute("UPDATE chain_head SET seq = ?, hash = ?", (keep, end))
        connection.execute("UPDATE chain_head SET chunks = (SELECT count(*) FROM wave_chunks)")
        for _, sql in guards:
            connection.execute(sql)
