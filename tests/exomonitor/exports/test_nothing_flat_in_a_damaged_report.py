"""Of a session of which entries are lost no section of the report says flatly that something never was."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator

import pytest
from pypdf import PdfReader

from exomonitor.engine.stored import Damage
from exomonitor.exports.material import Material
from exomonitor.exports.report import report_pdf
from exomonitor.exports.report_audit import alarm_facts, provenance, signature_facts
from exomonitor.exports.report_emergency import emergency, later
from exomonitor.exports.report_facts import Fact
from exomonitor.exports.report_given import given
from exomonitor.exports.report_identity import identity
from exomonitor.exports.report_reactions import reactions
from exomonitor.exports.report_series import picture
from exomonitor.exports.report_visit import after_infusion, before_start
from exomonitor.session import events as ev
from exomonitor.session.machine_events import AlarmChanged, AudioPaused
from exomonitor.session.parts import emergency_events
from tests.exomonitor.exports.made_up_session import STUDY, Script, react, whole_session
from tests.exomonitor.exports.test_lists_not_whole import with_lists_lost
from tests.exomonitor.exports.test_verdict_of_a_damaged_session import without
from tests.exomonitor.exports.whole_visit import whole_visit

FLAT = re.compile(
    r"(^|[ ;(])(-|0|no|never|none|unknown|nothing|nobody|not (recorded|graded|started|signed|yet|asked for)|still open"
    r"|no call yet|none recorded|none entered|nothing measured|no vital sign known|no criterion ticked"
    r"|none that anybody has named|none: nothing was read)($|[;,)]| \()",
    re.IGNORECASE,
)
BY_AN_ENTRY = {
    "Serial, bag",
    "Identified by",
    "Protocol SHA-256",
    "Protocol",
    "IV out",
    "Onset",
    "Term, grade",
    "Consent",
    "Entries",
}
"""Here an entry that is left says so itself, or something beside the session does."""
KINDS = [
    ev.PatientIdentified, ev.ProductEntered, ev.OrderEntered, ev.LineEntered, ev.DeviceBound, ev.GateOverridden,
    ev.ObservationRecorded, ev.SessionStarted, ev.NoteAdded, ev.ProductEnded, ev.FlushRecorded, ev.SessionSigned,
    AlarmChanged, AudioPaused,
]  # fmt: skip


def every_fact(material: Material) -> Iterator[Fact]:
    """Every section of the report, but the observation grid and the lists of entries, which say what is there."""
    yield from identity(material)
    yield from before_start(material)
    yield from emergency(material) if material.state.is_emergency else given(material)
    yield from alarm_facts(material)
    yield from after_infusion(material)
    yield from later(material)
    yield from signature_facts(material)
    yield from provenance(material)
    for one in reactions(material, picture(material)):
        yield from one


def flat(material: Material) -> list[Fact]:
    return [(label, words) for label, words in every_fact(material) if label not in BY_AN_ENTRY and FLAT.search(words)]


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_whatever_is_lost_nothing_is_said_never_to_have_been(made_of, kind):
    assert flat(made_of(without(kind))) == []


def test_the_same_of_a_reaction_of_which_nobody_can_read_more_than_that_it_began(made_of):
    script = whole_session(reactions=1, long_s=60)
    gone = (ev.ReactionDetailed, ev.ReactionAction, emergency_events.DrugGiven)
    script.archive.told = [entry for entry in script.archive.told if not isinstance(entry.event, gone)]
    script.archive.damage = Damage(entries=3)
    material = made_of(script)
    told = dict(reactions(material, picture(material))[0])
    assert told["Term, grade"] == "not graded or lost"
    assert told["Drugs"] == "none recorded or lost"
    assert told["Prescriber"] == "call not recorded or lost"
    assert told["Outcome"] == "not recorded or lost"
    assert told["End"] == "STILL OPEN or lost"
    assert flat(material) == []


def test_the_same_of_a_whole_visit_with_one_loss_of_which_nobody_knows_what_it_was(made_of):
    script = whole_visit()
    script.archive.damage = Damage(entries=1)
    assert flat(made_of(script, identified=True)) == []
    told = dict(every_fact(made_of(script)))
    assert told["Entries"].startswith("at least: ")
    assert told["Follow-up"].startswith("at least: 24 h ")


def test_the_same_of_an_emergency_record(made_of):
    script = Script()
    script.say(ev.SessionOpened(STUDY, "4", True, "Exosome IV slow", "1.0", "ab" * 32, "ExoMonitor", kind="emergency"))
    react(script, 1, "Urticaria", over=False)
    script.archive.damage = Damage(entries=2)
    told = dict(emergency(made_of(script)))
    assert told["Devices read"] == "none: nothing was read or lost"
    assert told["Whose emergency"] == "not recorded or lost"
    assert told["After session"] == "none that anybody has named or lost"
    assert flat(made_of(script)) == []


def test_a_whole_session_says_flatly_what_never_was(made_of):
    material = made_of(whole_session(reactions=0, long_s=60))
    told = dict(every_fact(material))
    assert (told["Limits changed"], told["Sound test"]) == ("no", "not recorded")
    assert not any("or lost" in words or "at least" in words for words in told.values())


def test_what_of_alarms_can_be_read_is_the_least_there_was(made_of):
    told = dict(alarm_facts(made_of(without(ev.FlushRecorded))))
    assert told["Alarms"] == "at least 1 became active: medium at least 1"
    assert told["Longest unacknowledged high"] == "none or lost"
    assert told["Audio paused"] == "at least: 1 times, 02:00 min:s in all"
    assert told["Sound test"] == "not recorded or lost"
    paused = dict(alarm_facts(made_of(without(AudioPaused))))
    assert paused["Audio paused"] == "never or lost"


def test_what_the_lists_tell_of_a_bag_may_be_lost_with_an_entry_of_the_lists(made_of):
    material = made_of(with_lists_lost(whole_session(reactions=0, long_s=60)))
    told = dict(every_fact(material))
    for label in ("Thaw", "Certificate", "Particle count", "Sound test"):
        assert told[label] == "not recorded or lost"
    assert told["Limits changed"] == "no", "its own entries are all there"


def test_the_first_page_counts_the_least_that_was_done_and_what_went_another_way(made_of):
    page = PdfReader(io.BytesIO(report_pdf(made_of(without(ev.FlushRecorded))))).pages[0].extract_text()
    text = " ".join(page.split())
    assert re.search(r"Observations: at least: \d+ in time, \d+ late, \d+ missed or lost, \d+ open or lost", text)
    assert "Out of the ordinary: at least: Record 1" in text
