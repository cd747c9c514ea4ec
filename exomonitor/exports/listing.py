"""The list of recorded sessions, as a table for people and as JSON for programs."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict

from exomonitor.bounded import shown
from exomonitor.engine.stored import SessionRow
from exomonitor.session.not_certain import counted, unsure
from exomonitor.units import rounded

_HEAD = ("STUDY ID", "OPENED (UTC)", "PHASE", "DOSE", "DELIVERED", "REACTIONS", "")

_NOT_PROVED = "Not proved: a lost reading or a changed text shows with `sessions --prove`.\n"
_EMERGENCY = {"emergency": "EMERGENCY, open", "signed": "EMERGENCY, signed", "abandoned": "EMERGENCY, void"}


def sessions_json(rows: Sequence[SessionRow], *, proved: bool) -> str:
    """One JSON array, newest first; no name. `proved`: all that is stored of them was; else only a lost entry shows."""
    plain = [{key: value for key, value in asdict(row).items() if key != "name"} | {"proved": proved} for row in rows]
    return json.dumps(plain, ensure_ascii=False, indent=2) + "\n"


def sessions_table(rows: Sequence[SessionRow], *, proved: bool) -> str:
    """A table, newest first; no name. What was not proved is said below it."""
    if not rows:
        return "No session is recorded.\n"
    lines = [_HEAD, *(_cells(row) for row in rows)]
    widths = [max(len(line[i]) for line in lines) for i in range(len(_HEAD))]
    table = "".join(
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip() + "\n" for line in lines
    )
    return table if proved else table + _NOT_PROVED


def _cells(row: SessionRow) -> tuple[str, ...]:
    dose = f"{row.dose_billion} billion" if row.dose_billion else "-"
    given = unsure(f"{rounded(row.delivered_ml, 1)} mL", row.lost) if row.delivered_ml is not None else "-"
    marks = " ".join(word for word, on in (("SIMULATED", row.simulated), ("DAMAGED", row.damaged)) if on)
    phase = _EMERGENCY[row.phase] if row.kind else row.phase
    return shown(row.study_id), row.opened_utc, phase, dose, given, counted(row.reactions, row.lost, "0"), marks
