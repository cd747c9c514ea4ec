"""The signatures of an export: of its manifest, and those that the session's journal holds."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from exomonitor.exports.chain import body_of
from exomonitor.exports.columns import MANIFEST, SIGNATURE
from exomonitor.exports.finding import Finding
from exomonitor.exports.manifest import PROVES
from exomonitor.session.trust_events import HeadSigned
from exomonitor.signing import fingerprint, fits, head_statement, is_that_key

_BOUND = {"SessionSigned": "signed_hash", "AddendumAdded": "signed_hash", "SessionReviewed": "reviewed_hash"}


def signature_findings(manifest: Mapping[str, Any], files: Mapping[str, bytes], trusted: str) -> Iterator[Finding]:
    """The manifest's signature: there where it must be, of the key that it names, and of the key that is trusted."""
    public = str(manifest.get("public_key") or "")
    if not public and not trusted and SIGNATURE not in files:
        return
    told = _signature(files.get(SIGNATURE, b""))
    if SIGNATURE not in files:
        yield Finding(SIGNATURE, "", "is missing: the export is not signed any more")
    elif told.get("public_key") != public:
        yield Finding(SIGNATURE, "", f"is of another key than {MANIFEST} names")
    elif not fits(public, str(told.get("signature")), files[MANIFEST]):
        yield Finding(SIGNATURE, "", f"does not fit {MANIFEST}: one of the two was changed")
    if trusted and not is_that_key(public, trusted):
        yield Finding(SIGNATURE, "", "is not of the key that was asked for: somebody else may have written this export")


def unfit_signatures(rows: list[dict[str, Any]], *, signed: bool) -> Iterator[tuple[str, str]]:
    """(where, what) for the workstation's signatures in the journal, and for people's over something that is not
    there. `signed`: the export as a whole is."""
    hashes: set[Any] = set()
    for row in rows:
        kind, where, body = row.get("type"), f"entry {row.get('seq')}", _body(row)
        if kind == HeadSigned.__name__ and not _fits(row, body):
            yield where, "is a signature of the workstation that does not fit"
        if kind == HeadSigned.__name__ and not signed:
            yield where, "is a signature of the workstation, but the export has none: it is gone"
        bound = body.get(_BOUND.get(str(kind), ""))
        if bound and (not isinstance(bound, str) or bound not in hashes):
            yield where, "is a person's signature over something that is not there"
        hashes.add(row.get("hash"))


def told_of(folder: Path) -> str:
    """What an intact export proves, in a sentence."""
    manifest = _signature((folder / MANIFEST).read_bytes())
    public = str(manifest.get("public_key") or "")
    return f"Signed with the workstation's key {fingerprint(public)}." if public else PROVES


def _signature(data: bytes) -> dict[str, Any]:
    try:
        told = json.loads(data)
    except (ValueError, RecursionError):
        return {}
    return told if isinstance(told, dict) else {}


def _body(row: Mapping[str, Any]) -> Mapping[str, Any]:
    try:
        return body_of(row)
    except ValueError:
        return {}


def _fits(row: Mapping[str, Any], body: Mapping[str, Any]) -> bool:
    try:
        statement = head_statement(row)
    except (KeyError, TypeError, ValueError):
        return False
    return fits(str(body.get("public_key")), str(body.get("signature")), statement)
