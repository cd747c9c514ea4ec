"""manifest.json lists what an export holds; manifest.sha256 beside it seals the list."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from exomonitor.exports.columns import MANIFEST
from exomonitor.exports.material import Material
from exomonitor.exports.session_json import statements
from exomonitor.integrity import canonical_json, sha256_hex

FORMAT, VERSION = "exomonitor-export", 1
PROVES = (
    "Nothing in it changed since it was written. There is no signature yet, so this proves damage, not forgery: "
    "somebody who rewrote every file and both hashes would not be found."
)


def manifest_json(material: Material, files: Mapping[str, bytes], counts: Mapping[str, int]) -> bytes:
    """The manifest as canonical JSON: ids, counts, and the SHA-256 and size of every file."""
    not_approved, secondary = statements(material)
    plain: dict[str, Any] = {
        "format": FORMAT,
        "version": VERSION,
        "study_id": material.state.study_id,
        "session": material.session,
        "database_id": material.archive.database_id(),
        "program": material.program,
        "exported_utc": material.made.iso(),
        "identified": material.identified,
        "simulated": material.state.simulated,
        "not_approved": not_approved,
        "secondary_display": secondary,
        "proves": PROVES,
        "chain_head": material.head,
        "chain_intact": not material.breaks,
        "counts": dict(counts),
        "files": {name: {"sha256": sha256_hex(data), "size": len(data)} for name, data in files.items()},
    }
    return canonical_json(plain) + b"\n"


def manifest_hash(manifest: bytes) -> bytes:
    """The content of manifest.sha256, in the form that `sha256sum -c` reads."""
    return f"{sha256_hex(manifest)}  {MANIFEST}\n".encode("ascii")
