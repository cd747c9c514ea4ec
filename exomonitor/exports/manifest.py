"""manifest.json lists what an export holds; manifest.sha256 beside it seals the list."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from exomonitor.exports.columns import MANIFEST
from exomonitor.exports.material import Material
from exomonitor.exports.session_json import statements
from exomonitor.integrity import canonical_json, sha256_hex
from exomonitor.signing import ALGORITHM, StationKey

FORMAT, VERSION = "exomonitor-export", 1
PROVES = (
    "Nothing in it changed since it was written. It is not signed, so this proves damage, not forgery: "
    "somebody who rewrote every file and both hashes would not be found."
)
PROVES_SIGNED = (
    "Nothing in it changed since it was written, and the workstation whose key stands in public_key wrote it. "
    "Compare that key's fingerprint with the one that the clinic keeps: whoever has the key itself can sign anything."
)


def manifest_json(
    material: Material, files: Mapping[str, bytes], counts: Mapping[str, int], public_key: str = ""
) -> bytes:
    """The manifest as canonical JSON: ids, counts, and the SHA-256 and size of every file; `public_key`: whose
    signature of these bytes lies beside it."""
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
        "proves": PROVES_SIGNED if public_key else PROVES,
        "public_key": public_key,
        "chain_head": material.head,
        "chain_intact": not material.breaks,
        "damaged": material.damage.sentence,
        "lists_lost": material.lists_lost,
        "lost": {name: value for name, value in asdict(material.damage).items() if value},
        "counts": dict(counts),
        "files": {name: {"sha256": sha256_hex(data), "size": len(data)} for name, data in files.items()},
    }
    return canonical_json(plain) + b"\n"


def damage_told(folder: Path) -> str:
    """What the export in a folder says was damaged in the record that it was made of, also of the clinic's lists;
    "" = nothing."""
    try:
        plain = json.loads((folder / MANIFEST).read_bytes())
        return "; ".join(str(plain[name]) for name in ("damaged", "lists_lost") if plain.get(name))
    except (OSError, ValueError, AttributeError):
        return ""


def manifest_signature(manifest: bytes, key: StationKey) -> bytes:
    """The content of manifest.sig."""
    plain = {"algorithm": ALGORITHM, "public_key": key.public, "signature": key.sign(manifest)}
    return canonical_json(plain) + b"\n"


def manifest_hash(manifest: bytes) -> bytes:
    """The content of manifest.sha256, in the form that `sha256sum -c` reads."""
    return f"{sha256_hex(manifest)}  {MANIFEST}\n".encode("ascii")
