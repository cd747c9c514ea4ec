"""session.json: the journal as hashed, so that its chain can be recomputed without the database, and the figures."""

from __future__ import annotations

import json
from typing import Any

from exomonitor.exports.material import Material
from exomonitor.session.entry import event_body

FORMAT, VERSION = "exomonitor-session", 1


def session_json(material: Material) -> bytes:
    """The session as JSON. Private texts and their salts are in it only where the export is identified."""
    state = material.state
    whole: dict[str, Any] = {
        "format": FORMAT,
        "version": VERSION,
        "study_id": state.study_id,
        "simulated": state.simulated,
        "identified": material.identified,
        "program": material.program,
        "recorded_by_program": state.program,
        "exported_utc": material.made.iso(),
        "statements": list(statements(material)),
        "protocol": {
            "name": state.protocol,
            "version": state.protocol_version,
            "sha256": state.protocol_sha256,
        },
        "summary": material.summary.plain(),
        "sound_tests": [
            {"seq": entry.seq, "utc": entry.at.iso(), "by": entry.actor, "hash": entry.hash, **event_body(entry.event)}
            for entry in material.sound_tests
        ],
        "chain_breaks": list(material.breaks),
        "damaged": material.damage.sentence,
        "lists_lost": material.lists_lost,
        "journal": [dict(row) for row in material.rows],
        "sealed": [dict(row) for row in material.sealed],
    }
    return (json.dumps(whole, indent=1, sort_keys=True, ensure_ascii=False, allow_nan=False) + "\n").encode()


def statements(material: Material) -> tuple[str, str]:
    """What must stand on every export: the product is not approved; this program is a secondary display."""
    fda = material.protocol.fda
    return f"{fda.full_text()} Statement last checked on {fda.checked_on}.", material.protocol.secondary_display
