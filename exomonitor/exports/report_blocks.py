"""The blocks of the report's pages, from facts to flowables."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

import segno
from reportlab.graphics.shapes import Drawing
from reportlab.lib.units import mm
from reportlab.platypus import Flowable, Spacer, Table

from exomonitor.exports.local_time import local_clock
from exomonitor.exports.material import Material
from exomonitor.exports.report_audit import (
    AuditLine,
    alarm_facts,
    audit_counts,
    audit_lines,
    provenance,
    signature_facts,
)
from exomonitor.exports.report_emergency import emergency, later, verdict_words
from exomonitor.exports.report_facts import Fact
from exomonitor.exports.report_given import given
from exomonitor.exports.report_grid import GRID_HEADINGS, grid
from exomonitor.exports.report_identity import identity
from exomonitor.exports.report_reactions import IN_SHORT
from exomonitor.exports.report_shapes import boxes_shape
from exomonitor.exports.report_style import (
    GRID_LINE,
    HEAD,
    INK,
    SHADE,
    SMALL,
    SMALL_BOLD,
    TINY,
    VERDICT,
    WIDTH,
    facts_table,
    labelled,
    para,
    pieces,
    ruled_table,
    style,
    tight,
)
from exomonitor.exports.report_visit import after_infusion, before_start
from exomonitor.session.late import entry_line
from exomonitor.session.narrative import sentence
from exomonitor.session.not_certain import MISSED_OR_LOST, absent, at_least, counted
from exomonitor.units import clock_text

QR_SIDE = 21 * mm
_GRID_WIDTHS = (38, 33, 33, 22, 33, 34, 22, 24, 31, 29, 20, 76, 52, 54, 44)
_LOG_WIDTHS = (34, 34, 62, 351, 58)
_AUDIT_WIDTHS = (70, 318, 100, 51)


def identity_block(material: Material) -> list[Flowable]:
    """R1; below it whether the lists are whole that its names, lots and doses come from."""
    lost = [para(f"Not whole: {material.lists_lost}", SMALL_BOLD)] if material.lists_lost else []
    return [facts_table(identity(material), 3), *lost]


def verdict_block(material: Material) -> list[Flowable]:
    """The one verdict, boxed."""
    box = tight(
        ("BOX", (0, 0), (-1, -1), 1.2, INK), ("TOPPADDING", (0, 0), (-1, -1), 2), ("BOTTOMPADDING", (0, 0), (-1, -1), 3)
    )
    return [
        Spacer(1, 2),
        Table([[para(verdict_words(material), VERDICT)]], colWidths=[WIDTH], style=box, hAlign="LEFT"),
        Spacer(1, 1),
    ]


def given_block(material: Material) -> list[Flowable]:
    """R2, with the checks before it."""
    return [
        para("Before the start", HEAD),
        facts_table(before_start(material), 3),
        para("Given", HEAD),
        facts_table(given(material), 3),
    ]


def emergency_block(material: Material) -> list[Flowable]:
    """In place of R2 and R3: an emergency without an infusion."""
    return [para("Emergency", HEAD), facts_table(emergency(material), 2)]


def after_block(material: Material) -> list[Flowable]:
    """R5's last part: how the patient left, calls, next dose."""
    return [para("After the infusion", HEAD), facts_table([*after_infusion(material), *later(material)], 2)]


def grid_block(material: Material) -> list[Flowable]:
    """R3, the table."""
    rows = grid(material)
    cells = [[para(text, TINY_BOLD) for text in GRID_HEADINGS], *([para(text, TINY) for text in row] for row in rows)]
    widths = [w * WIDTH / sum(_GRID_WIDTHS) for w in _GRID_WIDTHS]
    spans = [("SPAN", (2, n), (13, n)) for n, row in enumerate(rows, 1) if row[2] == "-"]
    ruled = tight(("GRID", (0, 0), (-1, -1), *GRID_LINE), ("BACKGROUND", (0, 0), (-1, 0), SHADE), *spans)
    table = Table(cells, colWidths=widths, repeatRows=1, style=ruled, hAlign="LEFT")
    checks = material.summary.checks
    lost = material.damage.entries
    done, missed = f"{checks.done} in time, {checks.late} late", MISSED_OR_LOST if lost else "missed"
    counts = f"Observations: {at_least(done, lost)}, {checks.missed} {missed}, {absent(f'{checks.open} open', lost)}"
    if material.state.is_emergency:
        counts = f"Vital signs recorded: {counted(len(rows), lost, '0')}"
    return [para(counts, HEAD), table]


TINY_BOLD = style(5.0, bold=True)


def reaction_block(reactions: Sequence[Sequence[Fact]], most: int, lost: int = 0) -> list[Flowable]:
    """R4, reactions in short; of more than `most` the rest is pointed to. `lost`: entries that cannot be read."""
    found: list[Flowable] = [para(f"Reactions: {counted(len(reactions), lost)}", HEAD)]
    for number, facts in enumerate(reactions[:most], 1):
        text = " · ".join(f"{label}: {_cut(said)}" for label, said in facts if label in IN_SHORT)
        found.append(labelled(f"R{number}", text))
    if len(reactions) > most:
        found.append(para(f"and {len(reactions) - most} more, on the following pages"))
    return found


def reaction_details(reactions: Sequence[Sequence[Fact]]) -> list[Flowable]:
    """Every reaction in full."""
    found: list[Flowable] = []
    for number, facts in enumerate(reactions, 1):
        found.append(para(f"Reaction R{number}, in full", HEAD))
        found += [labelled(label, part) for label, said in facts for part in pieces(said)]
    return found


def alarm_block(material: Material) -> list[Flowable]:
    """R4, alarms."""
    return [para("Alarms", HEAD), facts_table(alarm_facts(material), 3)]


def audit_block(material: Material, most: int) -> list[Flowable]:
    """R5: auditor's box with the code that proves the record."""
    lines = audit_lines(material)
    width = WIDTH - QR_SIDE - 2
    counts = at_least(audit_counts(lines), material.damage.entries)
    told: list[Flowable] = [labelled("Out of the ordinary", counts)]
    told += [para(_audit_text(line), SMALL) for line in lines[:most]]
    if len(lines) > most:
        told.append(para(f"and {len(lines) - most} more on the following pages", SMALL))
    told.append(facts_table(provenance(material)[:2] + provenance(material)[2:6], 2, SMALL, width))
    told.append(labelled("Record hash", material.head, SMALL_BOLD if material.breaks else SMALL))
    box = tight(("BOX", (0, 0), (-1, -1), 0.5, INK))
    return [
        para("For the auditor", HEAD),
        Table([[told, qr_drawing(qr_text(material))]], colWidths=[width, QR_SIDE + 2], style=box, hAlign="LEFT"),
    ]


def audit_details(lines: Sequence[AuditLine]) -> list[Flowable]:
    """Every line of the auditor's list."""
    if not lines:
        return []
    rows = [
        [line.kind if first else "", part, line.who, line.when]
        for line in lines
        for first, part in ((n == 0, p) for n, p in enumerate(pieces(line.what)))
    ]
    return [
        para("Out of the ordinary, in full", HEAD),
        ruled_table(("Kind", "What", "Who", "When"), rows, _AUDIT_WIDTHS),
    ]


def signature_block(material: Material) -> list[Flowable]:
    """Who signed, and lines for ink."""
    lines = [
        [
            "Nurse, name and signature",
            "Prescriber, name and signature",
            "Discharged at, by",
            "Follow-up, next dose window",
        ]
    ]
    ruled = tight(("LINEABOVE", (0, 0), (-1, -1), 0.5, INK), ("RIGHTPADDING", (0, 0), (-1, -1), 6))
    table = Table([[para(text, SMALL) for text in lines[0]]], colWidths=[WIDTH / 4] * 4, style=ruled, hAlign="LEFT")
    return [
        Spacer(1, 2),
        *(labelled(label, _cut(text), SMALL) for label, text in signature_facts(material)),
        Spacer(1, 15),
        table,
    ]


def log_block(material: Material) -> list[Flowable]:
    """The event log: every entry that says something to a person."""
    rows = []
    for entry in material.entries:
        text = entry_line(entry, material.state.corrections.voided, material.state.late_entry_s)
        if not text:
            continue
        minute = material.minute(entry.at)
        shown = "" if minute is None else f"{'-' if minute < 0 else ''}{clock_text(minute * 60)}"
        for number, part in enumerate(pieces(text)):
            head = [local_clock(entry.at.utc, material.tz), shown, material.who(entry.actor)]
            mark = f"{entry.seq}  {entry.hash[:8]}"
            rows.append([*head, part, mark] if number == 0 else ["", "", "", part, ""])
    unsaid = sum(1 for entry in material.entries if not sentence(entry.event))
    note = f"Event log (local time {material.tz}; {unsaid} entries about stored batches are in the files only)"
    return [para(note, HEAD), ruled_table(("Time", "Min:s", "Who", "What", "No., hash"), rows, _LOG_WIDTHS)]


def qr_text(material: Material) -> str:
    """What the code on the first page says: enough to check paper against the files."""
    return f"ExoMonitor record {material.state.study_id} entries {len(material.entries)} sha256 {material.head}"


def qr_drawing(text: str) -> Drawing:
    """A QR code as one shape of vectors: each run of dark cells is a box, a little higher than its row."""
    code = segno.make(text, error="m", micro=False)
    matrix = [list(row) for row in code.matrix_iter(border=2)]
    cell = QR_SIDE / len(matrix)
    boxes = []
    for down, row in enumerate(matrix):
        across = 0
        for dark, run in groupby(row, bool):
            length = len(list(run))
            if dark:
                boxes.append((across * cell, QR_SIDE - (down + 1) * cell, length * cell, cell * 1.02))
            across += length
    drawing = Drawing(QR_SIDE, QR_SIDE)
    drawing.add(boxes_shape(boxes, fill=INK))
    return drawing


def _audit_text(line: AuditLine) -> str:
    return ", ".join(part for part in (f"{line.kind}: {_cut(line.what)}", line.who, line.when) if part)


def _cut(text: str, most: int = 220) -> str:
    return text if len(text) <= most else f"{text[: most - 1]}…"
