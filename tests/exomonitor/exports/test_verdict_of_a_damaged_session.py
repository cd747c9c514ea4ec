"""Of a session of which entries are lost nobody can say that it is complete, nor what somebody left undone."""

from __future__ import annotations

import io

import pytest
from pypdf import PdfReader

from exomonitor.engine.stored import Damage
from exomonitor.exports.report import report_pdf
from exomonitor.exports.report_grid import grid
from exomonitor.session.entry import Event
from exomonitor.session.events import FlushRecorded, ObservationRecorded, OrderEntered, SessionSigned
from tests.exomonitor.exports.made_up_session import Script, whole_session

LOST = "Not known: 1 entry of the record is lost"


def without(kind: type[Event], long_s: int = 60) -> Script:
    """A whole session that has lost its first entry of this kind."""
    script = whole_session(reactions=0, long_s=long_s)
    archive = script.archive
    at = next(number for number, entry in enumerate(archive.told) if isinstance(entry.event, kind))
    seq = archive.told[at].seq
    del archive.told[at], archive.rows[at]
    archive.seals = [text for text in archive.seals if text["seq"] != seq]
    archive.damage = Damage((seq,), 1)
    return script


@pytest.mark.parametrize("kind", [OrderEntered, ObservationRecorded, FlushRecorded, SessionSigned])
def test_the_verdict_is_not_known_whatever_was_lost(made_of, kind):
    summary = made_of(without(kind)).summary
    assert summary.verdict == summary.plain()["verdict"] == LOST
    assert not summary.complete


def test_several_are_counted(made_of):
    script = without(FlushRecorded)
    script.archive.damage = Damage(entries=3)
    assert made_of(script).summary.verdict == "Not known: 3 entries of the record are lost"


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (Damage(entries=1, perhaps=1), "1 entry of the record may be lost"),
        (Damage(entries=3, perhaps=3), "3 entries of the record may be lost"),
        (Damage(entries=3, perhaps=2), "1 entry of the record is lost, 2 more may be"),
    ],
)
def test_what_may_have_been_another_sessions_may_be_lost_and_no_more(made_of, damage, said):
    script = whole_session(reactions=0, long_s=60)
    script.archive.damage = damage
    assert made_of(script).summary.verdict == f"Not known: {said}"


def test_lost_readings_leave_the_verdict_as_it_is(made_of):
    script = whole_session(reactions=0, long_s=60)
    told = made_of(script).summary.verdict
    script.archive.damage = Damage(readings=4, texts=1)
    assert made_of(script).summary.verdict == told


def test_the_report_does_not_say_that_a_lost_set_was_missed(made_of):
    material = made_of(without(ObservationRecorded, 1800))
    told = {row[0]: row[-1] for row in grid(material)}
    assert told["Baseline"] == "missed or lost"
    assert told["+30"] == "MISSED: device fault"
    page = PdfReader(io.BytesIO(report_pdf(material))).pages[0].extract_text()
    assert LOST in " ".join(page.split())
    assert " missed or lost, 0 open" in page
